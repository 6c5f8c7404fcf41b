"""After quiet: everything is read back, judged and put into the report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from tests.crash import journal, measures, switcher
from tests.crash.checker import check
from tests.crash.history import plan
from tests.crash.outcome import Outcome
from tests.crash.readback import drift_of, read_back
from tests.crash.setup import Setup
from tests.crash.watcher import Watcher, judged


def conclude(
    setup: Setup,
    engine: sa.Engine,
    watcher: Watcher,
    left: Mapping[str, int],
    *,
    logs: Sequence[Path],
    **figures: Any,
) -> Outcome:
    """Return the outcome; ``left``: messages at the broker; ``figures``: of ``Outcome``."""
    history = plan(setup.seed, setup.writes, setup.writers)
    known = journal.acknowledged([setup.journal(n) for n in range(setup.writers)])
    went_back, lost = [str(fall) for fall in watcher.falls], 0
    standby: list[str] = []
    if setup.index.is_elastic:
        went_back, lost = judged(watcher.falls, measures.settled(engine))
        stage = switcher.stage_of(setup.index, engine, patient=True)
        standby = switcher.differences(stage, fill=True)
        stage.close()
    steps = switcher.steps(setup.steps)
    index = setup.index.open(patient=True)
    seen = read_back(engine, index, queues=dict(left), went_back=went_back, standby=standby)
    drift = drift_of(engine, index)
    index.close()
    return Outcome(
        seed=setup.seed,
        history=history,
        acknowledged=known,
        logged=measures.logged(logs),
        events=measures.happened(engine),
        letters=len(seen.letters),
        rejects=len(seen.rejects),
        fresh=measures.freshness(engine, history, known),
        looks=watcher.rounds,
        blind=watcher.blind,
        lost_unacknowledged=lost,
        outages=measures.outages(logs),
        steps=Counter(step["did"] for step in steps),
        refused=[
            f"{step['index']} {step['did']}: {told}" for step in steps for told in step["problems"]
        ],
        unexpected=measures.unexpected(logs),
        drift=[f"{found.id} {found.kind}" for found in drift],
        report=check(history, known, seen),
        **figures,
    )
