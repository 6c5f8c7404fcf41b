"""An operator who builds one generation of the index after another while everything else goes on.

Usage: ``python -m tests.crash.switcher SETUP.json``. It does what ``hirelens index`` does: create,
catch-up, check, switch, rollback, drop. Killed and started again, it goes on from what is there.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from hirelens.gate import Gate
from hirelens.generations import Stage, StageError
from search.copying import StandbyError
from search.elastic.config import ElasticConfig
from search.elastic.generations import Described, GenerationError
from search.index import IndexUnavailableError
from tests.crash import defects
from tests.crash.encoder import RECIPE
from tests.crash.indexes import PATIENT_S, TIMEOUT_S, Where
from tests.crash.setup import Setup
from worker.engine import create_engine

Sleep = Callable[[float], None]
PAUSE_S = (0.2, 2.0)
ERRORS = (
    GenerationError,
    IndexUnavailableError,
    StageError,
    StandbyError,
    OSError,
    sa.exc.DBAPIError,
)
"""What an operator waits for and tries again: nodes and the database are being killed."""
MOST = 1_000_000
_ROLLBACK = 0.3
NO_BUNDLE = "/nonexistent"
"""Where the recipe's model lies: there is none, so the first vector fixes the length."""


@dataclass(frozen=True, slots=True)
class _Settings:
    """What ``Stage`` asks of the settings; the length of vectors is left to the first one."""

    config: ElasticConfig
    model: str = NO_BUNDLE
    towers: str = NO_BUNDLE

    def elastic_config(self) -> ElasticConfig:
        return self.config


@dataclass(frozen=True, slots=True)
class _Place:
    """What ``Stage`` asks of a home."""

    settings: _Settings
    engine: sa.Engine
    vector_space: str = RECIPE.vector_space


def stage_of(
    where: Where, engine: sa.Engine, *, patient: bool = False, sleep: Sleep = time.sleep
) -> Stage:
    """Return the commands on the run's generations."""
    config = where.config(PATIENT_S if patient else TIMEOUT_S)
    place: Any = _Place(_Settings(config), engine)
    return Stage(place, sleep=sleep)


def differences(stage: Stage, *, fill: bool) -> list[str]:
    """Return how the standby, if there is one, differs from what serves, everything being quiet.

    One that is still being built is filled first; with ``fill`` also one that has served. It may
    lack what a worker had written to its successor only when the switch came and the worker died.
    """
    current, standby = stage.generations.roles()
    if standby is None:
        return []
    if fill or not standby.served:
        stage.catch_up()
    gate = stage.check(sample=MOST)
    return [f"{standby.name} beside {current.name}: {told}" for told in _problems(gate)]


class Switcher:
    """Takes one step after another; the server's state alone says which is next."""

    def __init__(self, stage: Stage, journal: Path, chance: random.Random) -> None:
        self.stage, self.journal, self.chance = stage, journal, chance

    def run(self) -> None:
        """Go on for ever."""
        while True:
            try:
                self.step()
            except ERRORS as error:
                sys.stderr.write(f"again: {type(error).__name__}: {error}\n")
            time.sleep(self.chance.uniform(*PAUSE_S))

    def step(self) -> None:
        """Take the next step, and note it."""
        _, standby = self.stage.generations.roles()
        if standby is None:
            one = self.stage.create(replicas=self.stage.config.replicas)
            self._note("created", one)
            return
        gate = self._filled(standby)
        if not gate.is_open():
            self._note("refused", standby, _problems(gate))
        elif not standby.served or self.chance.random() < _ROLLBACK:
            self.stage.switch(gate)
            self._note("rolled back" if standby.served else "switched", standby)
            return
        if standby.served:
            self.stage.generations.drop(standby.name)
            self._note("dropped", standby)

    def _filled(self, standby: Described) -> Gate:
        """Fill and check; one that has served is looked at before that: it should be level."""
        if standby.served:
            gate = self.stage.check()
            if gate.is_open():
                return gate
            self._note("found behind", standby, _problems(gate))
        self.stage.catch_up()
        return self.stage.check()

    def _note(self, did: str, one: Described, problems: Sequence[str] = ()) -> None:
        line = json.dumps({"did": did, "index": one.name, "problems": list(problems)})
        with self.journal.open("a", encoding="utf-8") as journal:
            journal.write(line + "\n")


def steps(journal: Path) -> list[dict[str, Any]]:
    """Return the steps that were noted; one that was killed before may be missing."""
    if not journal.exists():
        return []
    return [json.loads(line) for line in journal.read_text(encoding="utf-8").splitlines()]


def _problems(gate: Gate) -> list[str]:
    return [f"{p.check}: {p.count}: {p.told} {', '.join(p.ids)}" for p in gate.problems]


def main(arguments: Sequence[str]) -> None:
    """Switch until killed."""
    setup = Setup.load(arguments[0])
    if setup.defect in defects.DEFECTS:
        defects.plant(setup.defect)
    stage = stage_of(setup.index, create_engine(setup.database_url))
    chance = random.Random(f"switcher {setup.seed} {len(steps(setup.steps))}")
    Switcher(stage, setup.steps, chance).run()


if __name__ == "__main__":
    main(sys.argv[1:])
