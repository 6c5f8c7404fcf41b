"""One crash run from the first process to the report."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from kombu import Connection

from tests.crash import indexes, journal, switcher
from tests.crash.aftermath import conclude
from tests.crash.children import Program, send
from tests.crash.encoder import RECIPE
from tests.crash.faults import Aim, Faults, Prey
from tests.crash.index_faults import IndexFaults
from tests.crash.monkey import NODE_TIMES, PAIR_TIMES, TIMES, Monkey
from tests.crash.outcome import Outcome
from tests.crash.quiet import Quiet
from tests.crash.setup import Setup
from tests.crash.undo import Undo
from tests.crash.watcher import Watcher
from worker import registry, schema, topology
from worker.engine import create_engine, reading, writing
from worker.outbox import waiting

WORKERS = 2
WRITERS = 3
TICK_S = 0.1
TELL_S = 10.0
IDLE_S = 40.0
LONGEST_S = 3600.0


@dataclass(frozen=True, slots=True)
class Options:
    """What a run is told.

    ``rate``: writes a second; ``every``: seconds between two faults; ``times``: how often each
    kind of fault comes in a round, None: all that there are.
    """

    writes: int = 10_000
    seed: int = 1
    rate: float = 20.0
    every: float = 2.5
    defect: str | None = None
    keep: bool = False
    times: Mapping[str, int] | None = None


class CrashRun:
    """Starts everything, lets the monkey loose, waits for quiet, reads back."""

    def __init__(
        self,
        options: Options,
        folder: Path,
        database: Any,
        broker: Any,
        tell: Callable[[str], None],
        nodes: Sequence[Any] = (),
    ) -> None:
        """Use servers that run; ``nodes`` of Elasticsearch, none: the index is the embedded one."""
        self.options = options
        self.database, self.tell = database, tell
        self.setup = Setup(
            folder=str(folder),
            database_url=database.fresh_database(),
            broker_url=broker.url,
            index=indexes.elastic(nodes) if nodes else indexes.embedded(folder / "index.db"),
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
        self.switcher = self._program("switcher", "", "switcher") if nodes else None
        prey = Prey(
            *(self.workers, self.writers, self.relay, self.database, broker, nodes, self.switcher)
        )
        chance = random.Random(f"monkey {options.seed}")
        self.undo = Undo(chance)
        aim = Aim(self.setup, self.workers, chance)
        faults = Faults(self.setup, prey, aim, self.undo, chance)
        deeds = dict(faults.deeds)
        times = dict(TIMES)
        if nodes:
            deeds |= IndexFaults(self.setup.index, prey, faults, aim, self.undo, chance).deeds
            times |= NODE_TIMES | (PAIR_TIMES if len(nodes) > 1 else {})
        self.monkey = Monkey(deeds, chance, options.times or times)
        self.ended: list[str] = []

    @property
    def programs(self) -> list[Program]:
        """All processes of the run."""
        return [*self.staff, *self.writers, *([self.switcher] if self.switcher else [])]

    @property
    def staff(self) -> list[Program]:
        """The workers and the relay."""
        return [*self.workers, self.relay]

    def run(self) -> Outcome:
        """Run to the end; no process outlives it."""
        try:
            return self._run()
        finally:
            for program in self.programs:
                program.kill()
                send(program.orphans(), signal.SIGKILL)
            self.undo.end()
            self.engine.dispose()

    def _run(self) -> Outcome:
        schema.upgrade(self.engine)
        with writing(self.engine) as session:
            registry.register(session, RECIPE, switcher.NO_BUNDLE, None, switcher.NO_BUNDLE)
        with Connection(self.setup.broker_url) as connection:
            topology.declare(connection, topology.queues(self.setup.config))
        self.setup.index.prepare()
        watcher = Watcher(self.setup.index)
        for program in self.programs:
            program.start()
        watcher.start()
        began = time.monotonic()
        self._rage()
        raged = time.monotonic() - began
        self.undo.end()
        self.engine.dispose()  # its connections are to a database that was killed
        orphans = sum(len(program.orphans()) for program in self.programs)
        self.tell("no more faults; waiting for quiet")
        if self.switcher is not None:
            self.switcher.kill()
        silence = Quiet(self.setup, self.engine, self.staff, self._revive)
        quiet, left = silence.wait()
        self.ended += silence.disobeyed
        watcher.stop()
        self.tell("quiet; reading back")
        return conclude(
            self.setup,
            self.engine,
            watcher,
            left,
            faults=dict(self.monkey.counts),
            raged_s=raged,
            quiet_s=quiet,
            starts=sum(p.starts for p in self.programs),
            ended=self.ended,
            orphans=orphans,
            logs=[self.setup.log(p.name) for p in self.programs],
        )

    def _rage(self) -> None:
        """Fault after fault while the writers write, and until each kind has come."""
        chance = random.Random(f"pauses {self.setup.seed}")
        began = time.monotonic()
        next_strike, next_word, last_busy = began + 3.0, began, began
        while time.monotonic() - began < LONGEST_S:
            now = time.monotonic()
            self.undo.tend()
            if self._revive():
                last_busy = now
            # Without writes some faults find nothing to hit any more.
            elif self._has_seen_all() or self.options.every <= 0 or now - last_busy > IDLE_S:
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

    def _has_seen_all(self) -> bool:
        """Whether every kind of fault has come, and a generation was switched to."""
        done = {step["did"] for step in switcher.steps(self.setup.steps)}
        return self.monkey.complete and (self.switcher is None or "switched" in done)

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
        if not self.undo.down:
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
