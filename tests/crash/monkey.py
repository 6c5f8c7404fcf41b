"""The monkey: one fault after another, drawn from a table; it starts again what it killed."""

from __future__ import annotations

import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import amqp

from tests.crash import broker
from tests.crash.children import Program, send
from tests.crash.setup import LEASE_S, Setup

TIMES: Mapping[str, int] = {
    "kill child": 4,
    "kill worker": 2,
    "kill worker's parent": 1,
    "kill relay": 1,
    "kill writer": 3,
    "kill broker": 1,
    "kill database": 2,
    "pause child": 1,
    "pause worker": 2,
    "pause relay": 1,
    "pause writer": 1,
    "pause database": 1,
    "pause broker": 1,
    "drop hints": 2,
    "double hints": 2,
    "double messages": 2,
}
"""How often each fault comes in one round; a round is shuffled, so that none is forgotten."""
BEYOND_LEASE_S = (LEASE_S + 1.0, LEASE_S + 3.0)
SHORT_S = (1.0, 4.0)
DOWN_S = (0.0, 2.0)
AIM_S = 1.0
AHEAD_S = 0.7


class Node(Protocol):
    """``services.Server``, as far as it is needed here."""

    def kill9(self) -> None: ...
    def start(self) -> None: ...
    def pause(self) -> None: ...
    def resume(self) -> None: ...


@dataclass
class Prey:
    """Everything that can be hit."""

    workers: Sequence[Program]
    writers: Sequence[Program]
    relay: Program
    database: Node
    broker: Node


@dataclass
class Monkey:
    """Strikes, remembers what has to be undone when, and counts."""

    setup: Setup
    prey: Prey
    counts: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    undo: list[tuple[float, str, Callable[[], None]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.chance = random.Random(f"monkey {self.setup.seed}")
        self.deck: list[str] = []
        self.deeds: dict[str, Callable[[], bool]] = {
            "kill child": self._kill_child,
            "kill worker": lambda: self._kill(self.chance.choice(self.prey.workers)),
            "kill worker's parent": self._kill_parent,
            "kill relay": lambda: self._kill(self.prey.relay),
            "kill writer": lambda: self._kill(self._writer()),
            "kill broker": lambda: self._kill_server("broker", self.prey.broker),
            "kill database": lambda: self._kill_server("database", self.prey.database),
            "pause child": self._pause_child,
            "pause worker": self._pause_worker,
            "pause relay": lambda: self._pause([self.prey.relay.pid], SHORT_S),
            "pause writer": self._pause_writer,
            "pause database": lambda: self._pause_server("database", self.prey.database),
            "pause broker": lambda: self._pause_server("broker", self.prey.broker),
            "drop hints": self._drop_hints,
            "double hints": lambda: self._double(self.setup.config.live_queue),
            "double messages": lambda: self._double(self.setup.config.ingest_queue),
        }

    @property
    def complete(self) -> bool:
        """Whether every kind of fault has happened."""
        return not TIMES.keys() - self.counts.keys()

    def strike(self) -> str | None:
        """Do one fault; None where there was nothing to hit."""
        if not self.deck:
            self.deck = [kind for kind, times in TIMES.items() for _ in range(times)]
            self.chance.shuffle(self.deck)
        kind = self.deck.pop()
        try:
            done = self.deeds[kind]()
        except (amqp.AMQPError, OSError):
            done = False  # the broker is down just now
        (self.counts if done else self.missed)[kind] += 1
        if not done and kind not in self.counts:
            self.deck.insert(-2, kind)  # soon again
        return kind if done else None

    def tend(self) -> None:
        """Undo what has lasted long enough."""
        now = time.monotonic()
        for item in [item for item in self.undo if item[0] <= now]:
            self.undo.remove(item)
            item[2]()

    def end(self) -> None:
        """Undo everything at once."""
        while self.undo:
            self.undo.pop(0)[2]()

    def _later(self, span: tuple[float, float], what: str, deed: Callable[[], None]) -> None:
        self.undo.append((time.monotonic() + self.chance.uniform(*span), what, deed))

    def _is_down(self, what: str) -> bool:
        return any(item[1] == what for item in self.undo)

    def _writer(self) -> Program:
        living = [writer for writer in self.prey.writers if writer.alive]
        return self.chance.choice(living or list(self.prey.writers))

    def _kill(self, program: Program) -> bool:
        if not program.alive or self._is_down(program.name):
            return False
        program.kill()
        self._later(DOWN_S, program.name, program.start)
        return True

    def _kill_parent(self) -> bool:
        program = self.chance.choice(self.prey.workers)
        if not program.alive or self._is_down(program.name):
            return False
        program.kill_parent()
        self._later(DOWN_S, program.name, program.start)
        return True

    def _kill_child(self) -> bool:
        child = self._child()
        send([child] if child else [], signal.SIGKILL)
        return bool(child)

    def _pause_child(self) -> bool:
        child = self._child()
        return bool(child) and self._pause([child], BEYOND_LEASE_S)

    def _pause_worker(self) -> bool:
        """Stop a whole worker; its children go on before their parent can end them for it."""
        child = self._child()
        worker = next((w for w in self.prey.workers if child in w.children()), None)
        if worker is None or self._is_down(worker.name):
            return False
        send([child], signal.SIGSTOP)
        pids = worker.family()
        send(pids, signal.SIGSTOP)

        def resume() -> None:
            send([pid for pid in pids if pid != worker.pid], signal.SIGCONT)
            time.sleep(AHEAD_S)
            send(pids, signal.SIGCONT)

        self._later(BEYOND_LEASE_S, worker.name, resume)
        return True

    def _child(self) -> int:
        """Choose a child, if possible one that has a batch in hand; 0 where there is none."""
        deadline = time.monotonic() + AIM_S
        while True:
            children = [pid for worker in self.prey.workers for pid in worker.children()]
            busy = [pid for pid in children if self._has_batch(pid)]
            if busy or time.monotonic() > deadline:
                return self.chance.choice(busy or children or [0])
            time.sleep(0.01)

    def _has_batch(self, pid: int) -> bool:
        try:
            age = time.time() - (self.setup.busy / str(pid)).stat().st_mtime
        except FileNotFoundError:
            return False
        return age < AIM_S

    def _pause_writer(self) -> bool:
        writer = self._writer()
        return writer.alive and self._pause([writer.pid], SHORT_S)

    def _pause(self, pids: Sequence[int], span: tuple[float, float], what: str = "") -> bool:
        if not pids or self._is_down(what or str(pids[0])):
            return False
        send(pids, signal.SIGSTOP)
        self._later(span, what or str(pids[0]), lambda: send(pids, signal.SIGCONT))
        return True

    def _kill_server(self, name: str, server: Node) -> bool:
        if self._is_down(name):
            return False
        server.kill9()
        self._later(DOWN_S, name, server.start)
        return True

    def _pause_server(self, name: str, server: Node) -> bool:
        if self._is_down(name):
            return False
        server.pause()
        self._later(SHORT_S, name, server.resume)
        return True

    def _drop_hints(self) -> bool:
        config = self.setup.config
        queues = [config.live_queue, config.backfill_queue]
        return self._at_broker(lambda: broker.purge(self.setup.broker_url, queues))

    def _double(self, queue: str) -> bool:
        return self._at_broker(lambda: broker.double(self.setup.broker_url, queue))

    def _at_broker(self, deed: Callable[[], int]) -> bool:
        """Do something with messages; workers stand still meanwhile, or there would be none."""
        if self._is_down("broker"):
            return False
        paused = {item[1] for item in self.undo}
        running = [w for w in self.prey.workers if w.alive and w.name not in paused]
        pids = [pid for w in running for pid in w.family() if str(pid) not in paused]
        send(pids, signal.SIGSTOP)
        try:
            return deed() > 0
        finally:
            send(pids, signal.SIGCONT)
