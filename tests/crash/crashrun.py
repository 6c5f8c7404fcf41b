"""One crash run from the first process to the report."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from kombu import Connection

from search.embedded import EmbeddedIndex
from tests.crash import journal, measures
from tests.crash.checker import check
from tests.crash.children import Program, send
from tests.crash.encoder import RECIPE
from tests.crash.faults import Faults, Prey
from tests.crash.history import plan
from tests.crash.monkey import Monkey
from tests.crash.outcome import Outcome
from tests.crash.quiet import Quiet
from tests.crash.readback import drift_of, read_back
from tests.crash.setup import Setup
from tests.crash.watcher import Watcher
from worker import schema, topology
from worker.engine import create_engine, reading
from worker.outbox import waiting

WORKERS = 2
WRITERS = 3
TICK_S = 0.1
TELL_S = 10.0
IDLE_S = 40.0
LONGEST_S = 3600.0


@dataclass(frozen=True, slots=True)
class Options:
    """What a run is told. ``rate``: writes a second; ``every``: seconds between two faults."""

    writes: int = 10_000
    seed: int = 1
    rate: float = 20.0
    every: float = 2.5
    report: Path | None = None
    defect: str | None = None
    keep: bool = False


class CrashRun:
    """Starts everything, lets the monkey loose, waits for quiet, reads back."""

    def __init__(
        self, options: Options, folder: Path, database: Any, node: Any, tell: Callable[[str], None]
    ) -> None:
        self.options = options
        self.database, self.node, self.tell = database, node, tell
        self.setup = Setup(
            folder=str(folder),
            database_url=database.fresh_database(),
            broker_url=node.url,
            seed=options.seed,
            writes=options.writes,
            writers=WRITERS,
            pace_s=WRITERS / options.rate,
            defect=options.defect,
        )
        self.setup.save()
        self.engine = create_engine(self.setup.database_url)
        self.workers = [self._program("workers", f"worker-{n}") for n in range(WORKERS)]
        self.relay = self._program("workers", "relay")
        self.writers = [self._program("writers", str(n), f"writer-{n}") for n in range(WRITERS)]
        prey = Prey(self.workers, self.writers, self.relay, self.database, self.node)
        chance = random.Random(f"monkey {options.seed}")
        self.faults = Faults(self.setup, prey, chance)
        self.monkey = Monkey(self.faults.deeds, chance)
        self.ended: list[str] = []

    @property
    def programs(self) -> list[Program]:
        """All processes of the run."""
        return [*self.staff, *self.writers]

    @property
    def staff(self) -> list[Program]:
        """The workers and the relay."""
        return [*self.workers, self.relay]

    def run(self) -> Outcome:
        """Run to the end; no process outlives it."""
        try:
            return self._run()
        finally:
            self.faults.end()
            for program in self.programs:
                program.kill()
                send(program.orphans(), signal.SIGKILL)
            self.engine.dispose()

    def _run(self) -> Outcome:
        schema.upgrade(self.engine)
        with Connection(self.setup.broker_url) as connection:
            topology.declare(connection, topology.queues(self.setup.config))
        index = EmbeddedIndex(self.setup.index_file, RECIPE.vector_space)
        watcher = Watcher(self.setup.index_file)
        for program in self.programs:
            program.start()
        watcher.start()
        began = time.monotonic()
        self._rage()
        raged = time.monotonic() - began
        self.faults.end()
        self.engine.dispose()  # its connections are to a database that was killed
        orphans = sum(len(program.orphans()) for program in self.programs)
        self.tell("no more faults; waiting for quiet")
        silence = Quiet(self.setup, self.engine, self.staff, self._revive)
        quiet, left = silence.wait()
        self.ended += silence.disobeyed
        watcher.stop()
        history = plan(self.setup.seed, self.setup.writes, self.setup.writers)
        known = journal.acknowledged([self.setup.journal(n) for n in range(WRITERS)])
        seen = read_back(self.engine, index, queues=left, went_back=watcher.went_back)
        drift = drift_of(self.engine, index)
        index.close()
        logs = [self.setup.log(p.name) for p in self.programs]
        return Outcome(
            seed=self.setup.seed,
            history=history,
            acknowledged=known,
            faults=dict(self.monkey.counts),
            logged=measures.logged(logs),
            events=measures.happened(self.engine),
            letters=len(seen.letters),
            rejects=len(seen.rejects),
            raged_s=raged,
            quiet_s=quiet,
            fresh=measures.freshness(self.engine, history, known),
            looks=watcher.rounds,
            starts=sum(p.starts for p in self.programs),
            ended=self.ended,
            orphans=orphans,
            unexpected=measures.unexpected(logs),
            drift=[f"{found.id} {found.kind}" for found in drift],
            report=check(history, known, seen),
        )

    def _rage(self) -> None:
        """Fault after fault while the writers write, and until each kind has come."""
        chance = random.Random(f"pauses {self.setup.seed}")
        began = time.monotonic()
        next_strike, next_word, last_busy = began + 3.0, began, began
        while time.monotonic() - began < LONGEST_S:
            now = time.monotonic()
            self.faults.tend()
            if self._revive():
                last_busy = now
            # Without writes some faults find nothing to hit any more.
            elif self.monkey.complete or self.options.every <= 0 or now - last_busy > IDLE_S:
                return
            if now >= next_strike and self.options.every > 0:
                what = self.monkey.strike()
                next_strike = time.monotonic() + (
                    chance.expovariate(1 / self.options.every) if what else TICK_S
                )
            if now >= next_word:
                self._progress()
                next_word = now + TELL_S
            time.sleep(TICK_S)
        raise TimeoutError(f"the writers did not finish in {LONGEST_S:.0f} s")

    def _revive(self) -> bool:
        """Start again what ended by itself; tell whether writers still have to write."""
        busy = False
        for program in self.programs:
            code = program.code
            if program in self.writers:
                busy = busy or code != 0
                if code == 0:
                    continue
            if code is not None:
                self.ended.append(f"{program.name} ended with {code}")
                program.start()
        return busy

    def _progress(self) -> None:
        known = journal.acknowledged([self.setup.journal(n) for n in range(WRITERS)])
        rows: object = "?"
        if not self.faults.undo:
            with suppress(sa.exc.SQLAlchemyError), reading(self.engine) as session:
                rows = waiting(session)["waiting"]
        self.tell(
            f"{len(known)} of {self.setup.writes} writes acknowledged, {rows} rows wait, "
            f"{sum(self.monkey.counts.values())} faults"
        )

    def _program(self, module: str, argument: str, name: str | None = None) -> Program:
        name = name or argument
        command = ["-m", f"tests.crash.{module}", str(self.setup.file), argument]
        return Program(name, command, self.setup.log(name))
