"""Settling a batch row by row, each by its own outcome, in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from search.index import Outcome
from worker import outbox
from worker.engine import writing
from worker.events import Event, record
from worker.outbox import Claimed
from worker.plan import Action
from worker.write import Result

DRIFT = "the index holds a later revision than the database; put the post with a higher revision"
_DONE = {Outcome.OK, Outcome.SAME, Outcome.SUPERSEDED}
_DEAD = {Outcome.PERMANENT: "permanent", Outcome.TOO_LARGE: "too_large"}


def settle(
    engine: sa.Engine,
    token: str,
    results: Sequence[Result],
    errors: Sequence[tuple[Claimed, str]],
    backoff_s: float,
) -> Counter[str]:
    """Remove, delay or bury each row; returns counts by the fields of ``DrainReport``."""
    counts: Counter[str] = Counter()
    with writing(engine) as session:
        for result in results:
            counts[_settle(session, token, result, backoff_s)] += 1
            counts["repaired"] += result.repaired and result.outcome in _DONE
        for item, error in errors:
            buried = outbox.fail(session, token, item, error=error, backoff_s=backoff_s)
            counts["dead" if buried else "failed"] += 1
    return counts


def _settle(session: Session, token: str, result: Result, backoff_s: float) -> str:
    item = result.planned.work.item
    if result.ahead:
        # A newer write would have taken the row's token away: then this is no drift.
        buried = outbox.bury(session, token, item, kind="drift", error=DRIFT)
        return "dead" if buried else "overtaken"
    if result.outcome in _DEAD:
        error = result.error or f"the index refused the document ({result.outcome.value})"
        kind = _DEAD[result.outcome]
        return "dead" if outbox.bury(session, token, item, kind=kind, error=error) else "overtaken"
    if result.outcome not in _DONE:
        error = result.error or f"the index answered {result.outcome.value}"
        outbox.retry(session, token, item, error=error, backoff_s=backoff_s)
        return "retried"
    if not outbox.settle(session, token, item):
        return "overtaken"
    return _done(session, result)


def _done(session: Session, result: Result) -> str:
    work = result.planned.work
    if result.outcome is Outcome.SUPERSEDED:
        record(session, work.post.id, Event.SUPERSEDED, work.target.revision)
        return "superseded"
    if result.outcome is Outcome.SAME:
        return "unchanged"
    action = result.planned.decision.action
    event = Event.CLOSED if action is Action.CLOSE else Event.INDEXED
    detail = f"{action.value}, recipe {work.target.recipe}"
    if result.repaired:
        detail += ", repaired"
    record(session, work.post.id, event, work.target.revision, detail)
    return "closed" if action is Action.CLOSE else "indexed"
