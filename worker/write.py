"""Writing planned documents to the index, and repairing those of equal version."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

import sqlalchemy as sa

from search.index import ACTIVATIONS, Document, Outcome, WriteOutcome, document_version
from worker import recipes, retry
from worker.batch import Planned
from worker.plan import Action
from worker.recipes import Activation

_REPAIRS = 3


class Writable(Protocol):
    """The part of an index that is used here."""

    def write(self, documents: Sequence[Document]) -> list[WriteOutcome]:
        """Write whole documents under external versions; one outcome each, in order."""
        ...


@dataclass(frozen=True, slots=True)
class Result:
    """What the index said of one planned post; ``ahead``: it knows a later revision."""

    planned: Planned
    outcome: Outcome
    ahead: bool = False
    repaired: bool = False
    error: str | None = None


def write(
    engine: sa.Engine, index: Writable, planned: Sequence[Planned], activation: Activation
) -> list[Result]:
    """Write what needs writing; a conflict is written again under the next activation."""
    results = [_without_write(plan) for plan in planned if plan.build is None]
    pending = [plan for plan in planned if plan.build is not None]
    number = activation.number
    for attempt in range(_REPAIRS + 1):
        written = _write(index, pending, number, repaired=attempt > 0)
        conflicts = [r for r in written if r.outcome is Outcome.CONFLICT]
        results += [r for r in written if r.outcome is not Outcome.CONFLICT]
        if not conflicts or attempt == _REPAIRS:
            return results + conflicts
        try:
            activation = retry.run(engine, partial(recipes.repair, seen=activation))
        except recipes.ActivationsExhausted as error:
            return results + [_exhausted(r, error) for r in conflicts]
        number = activation.number
        pending = [r.planned for r in conflicts]
    raise AssertionError("the loop above returns")


def _exhausted(result: Result, error: Exception) -> Result:
    told = f"its revision is indexed with other content; write it with a higher revision ({error})"
    return replace(result, outcome=Outcome.PERMANENT, error=told)


def _without_write(planned: Planned) -> Result:
    if planned.decision.action is Action.SUPERSEDED:
        return Result(planned, Outcome.SUPERSEDED, planned.decision.ahead)
    return Result(planned, Outcome.SAME)


def _write(
    index: Writable, pending: Sequence[Planned], activation: int, *, repaired: bool
) -> list[Result]:
    if not pending:
        return []
    documents = [
        plan.build(document_version(plan.work.target.revision, activation))
        for plan in pending
        if plan.build is not None
    ]
    outcomes = index.write(documents)
    return [
        _result(plan, outcome, repaired=repaired)
        for plan, outcome in zip(pending, outcomes, strict=True)
    ]


def _result(planned: Planned, outcome: WriteOutcome, *, repaired: bool) -> Result:
    stored = outcome.stored_version
    revision = planned.work.target.revision
    ahead = (
        outcome.outcome is Outcome.SUPERSEDED
        and stored is not None
        and stored // ACTIVATIONS > revision
    )
    return Result(planned, outcome.outcome, ahead, repaired, outcome.error)
