"""What the monkey can do to processes, database and broker."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from tests.crash import broker
from tests.crash.children import Program, send
from tests.crash.setup import Setup
from tests.crash.undo import Undo

SHORT_S = (1.0, 4.0)
DOWN_S = (0.0, 2.0)
AIM_S = 1.0
AHEAD_S = 0.7


class Node(Protocol):
    """``services.Server``, as far as it is needed here."""

    @property
    def url(self) -> str: ...
    def kill9(self) -> None: ...
    def start(self) -> None: ...
    def pause(self) -> None: ...
    def resume(self) -> None: ...


@dataclass
class Prey:
    """Everything that can be hit; ``nodes`` of Elasticsearch, the master first."""

    workers: Sequence[Program]
    writers: Sequence[Program]
    relay: Program
    database: Node
    broker: Node
    nodes: Sequence[Any] = ()
    switcher: Program | None = None


class Aim:
    """Finds a child of a worker, if possible one that has a batch in hand."""

    def __init__(self, setup: Setup, workers: Sequence[Program], chance: random.Random) -> None:
        self._busy, self._workers, self._chance = setup.busy, workers, chance

    def child(self) -> int:
        """Wait a moment for a busy one; 0 where there is none at all."""
        deadline = time.monotonic() + AIM_S
        while True:
            children = [pid for worker in self._workers for pid in worker.children()]
            busy = [pid for pid in children if self._has_batch(pid)]
            if busy or time.monotonic() > deadline:
                return self._chance.choice(busy or children or [0])
            time.sleep(0.01)

    def _has_batch(self, pid: int) -> bool:
        try:
            age = time.time() - (self._busy / str(pid)).stat().st_mtime
        except FileNotFoundError:
            return False
        return age < AIM_S


class Faults:
    """Each deed tells whether it hit anything."""

    def __init__(
        self, setup: Setup, prey: Prey, aim: Aim, undo: Undo, chance: random.Random
    ) -> None:
        self._setup, self._prey, self._aim = setup, prey, aim
        self._undo, self._chance = undo, chance
        lease_s = setup.config.lease_s
        self._beyond_lease_s = (lease_s + 1.0, lease_s + 3.0)
        self.deeds: dict[str, Callable[[], bool]] = {
            "kill child": self._kill_child,
            "kill worker": lambda: self.kill(self._chance.choice(self._prey.workers)),
            "kill worker's parent": self._kill_parent,
            "kill relay": lambda: self.kill(self._prey.relay),
            "kill writer": lambda: self.kill(self._writer()),
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

    def _writer(self) -> Program:
        living = [writer for writer in self._prey.writers if writer.alive]
        return self._chance.choice(living or list(self._prey.writers))

    def kill(self, program: Program) -> bool:
        """Kill -9 a program with all its children; it is started again a little later."""
        if not program.alive or program.name in self._undo.down:
            return False
        program.kill()
        self._undo.later(DOWN_S, program.name, program.start)
        return True

    def _kill_parent(self) -> bool:
        program = self._chance.choice(self._prey.workers)
        if not program.alive or program.name in self._undo.down:
            return False
        program.kill_parent()
        self._undo.later(DOWN_S, program.name, program.start)
        return True

    def _kill_child(self) -> bool:
        child = self._aim.child()
        send([child] if child else [], signal.SIGKILL)
        return bool(child)

    def _pause_child(self) -> bool:
        child = self._aim.child()
        return bool(child) and self._pause([child], self._beyond_lease_s)

    def _pause_worker(self) -> bool:
        """Stop a whole worker; its children go on before their parent can end them for it."""
        child = self._aim.child()
        worker = next((w for w in self._prey.workers if child in w.children()), None)
        if worker is None or worker.name in self._undo.down:
            return False
        send([child], signal.SIGSTOP)
        pids = worker.family()
        send(pids, signal.SIGSTOP)

        def resume() -> None:
            send([pid for pid in pids if pid != worker.pid], signal.SIGCONT)
            time.sleep(AHEAD_S)
            send(pids, signal.SIGCONT)

        self._undo.later(self._beyond_lease_s, worker.name, resume)
        return True

    def _pause_writer(self) -> bool:
        writer = self._writer()
        return writer.alive and self._pause([writer.pid], SHORT_S)

    def _pause(self, pids: Sequence[int], span: tuple[float, float], what: str = "") -> bool:
        if not pids or (what or str(pids[0])) in self._undo.down:
            return False
        send(pids, signal.SIGSTOP)
        self._undo.later(span, what or str(pids[0]), lambda: send(pids, signal.SIGCONT))
        return True

    def _kill_server(self, name: str, server: Node) -> bool:
        if name in self._undo.down:
            return False
        server.kill9()
        # Aside: a broker needs long, and what is paused must go on in time.
        self._undo.later(DOWN_S, name, lambda: self._undo.aside(name, server.start))
        return True

    def _pause_server(self, name: str, server: Node) -> bool:
        if name in self._undo.down:
            return False
        server.pause()
        self._undo.later(SHORT_S, name, server.resume)
        return True

    def _drop_hints(self) -> bool:
        config = self._setup.config
        queues = [config.live_queue, config.backfill_queue]
        return self._at_broker(lambda: broker.purge(self._setup.broker_url, queues))

    def _double(self, queue: str) -> bool:
        return self._at_broker(lambda: broker.double(self._setup.broker_url, queue))

    def _at_broker(self, deed: Callable[[], int]) -> bool:
        """Do something with messages; workers stand still meanwhile, or there would be none."""
        if "broker" in self._undo.down:
            return False
        paused = self._undo.down
        running = [w for w in self._prey.workers if w.alive and w.name not in paused]
        pids = [pid for w in running for pid in w.family() if str(pid) not in paused]
        send(pids, signal.SIGSTOP)
        try:
            return deed() > 0
        finally:
            send(pids, signal.SIGCONT)
