"""What the monkey can do, and what has to be undone when."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from tests.crash import broker
from tests.crash.children import Program, send
from tests.crash.setup import LEASE_S, Setup

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


class Faults:
    """Each deed tells whether it hit anything; ``tend`` undoes what has lasted long enough."""

    def __init__(self, setup: Setup, prey: Prey, chance: random.Random) -> None:
        self._setup, self._prey, self._chance = setup, prey, chance
        self.undo: list[tuple[float, str, Callable[[], None]]] = []
        self.deeds: dict[str, Callable[[], bool]] = {
            "kill child": self._kill_child,
            "kill worker": lambda: self._kill(self._chance.choice(self._prey.workers)),
            "kill worker's parent": self._kill_parent,
            "kill relay": lambda: self._kill(self._prey.relay),
            "kill writer": lambda: self._kill(self._writer()),
            "kill broker": lambda: self._kill_server("broker", self._prey.broker),
            "kill database": lambda: self._kill_server("database", self._prey.database),
            "pause child": self._pause_child,
            "pause worker": self._pause_worker,
            "pause relay": lambda: self._pause([self._prey.relay.pid], SHORT_S),
            "pause writer": self._pause_writer,
            "pause database": lambda: self._pause_server("database", self._prey.database),
            "pause broker": lambda: self._pause_server("broker", self._prey.broker),
            "drop hints": self._drop_hints,
            "double hints": lambda: self._double(self._setup.config.live_queue),
            "double messages": lambda: self._double(self._setup.config.ingest_queue),
        }

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
        self.undo.append((time.monotonic() + self._chance.uniform(*span), what, deed))

    def _is_down(self, what: str) -> bool:
        return any(item[1] == what for item in self.undo)

    def _writer(self) -> Program:
        living = [writer for writer in self._prey.writers if writer.alive]
        return self._chance.choice(living or list(self._prey.writers))

    def _kill(self, program: Program) -> bool:
        if not program.alive or self._is_down(program.name):
            return False
        program.kill()
        self._later(DOWN_S, program.name, program.start)
        return True

    def _kill_parent(self) -> bool:
        program = self._chance.choice(self._prey.workers)
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
        worker = next((w for w in self._prey.workers if child in w.children()), None)
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
            children = [pid for worker in self._prey.workers for pid in worker.children()]
            busy = [pid for pid in children if self._has_batch(pid)]
            if busy or time.monotonic() > deadline:
                return self._chance.choice(busy or children or [0])
            time.sleep(0.01)

    def _has_batch(self, pid: int) -> bool:
        try:
            age = time.time() - (self._setup.busy / str(pid)).stat().st_mtime
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
        config = self._setup.config
        queues = [config.live_queue, config.backfill_queue]
        return self._at_broker(lambda: broker.purge(self._setup.broker_url, queues))

    def _double(self, queue: str) -> bool:
        return self._at_broker(lambda: broker.double(self._setup.broker_url, queue))

    def _at_broker(self, deed: Callable[[], int]) -> bool:
        """Do something with messages; workers stand still meanwhile, or there would be none."""
        if self._is_down("broker"):
            return False
        paused = {item[1] for item in self.undo}
        running = [w for w in self._prey.workers if w.alive and w.name not in paused]
        pids = [pid for w in running for pid in w.family() if str(pid) not in paused]
        send(pids, signal.SIGSTOP)
        try:
            return deed() > 0
        finally:
            send(pids, signal.SIGCONT)
