"""Settling a batch, each row by its own outcome, in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from search.index import IndexUnavailableError, Outcome
from worker import deadletters, lease
from worker.claim import Claimed
from worker.engine import hurry
from worker.events import Entry, Event, record_all
from worker.log import LogEvent, emit
from worker.log_events import Fields
from worker.plan import Action
from worker.write import Result

DRIFT = "the index holds a later revision than the database; run: hirelens recover"
_DONE = {Outcome.OK, Outcome.SAME, Outcome.SUPERSEDED}
_FRESH = {LogEvent.INDEXED, LogEvent.CLOSED}
_DEAD = {Outcome.PERMANENT: "permanent", Outcome.TOO_LARGE: "too_large"}


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one row; ``age_s``: since it was asked for."""

    item: Claimed
    kind: LogEvent
    age_s: float = 0.0
    error: str | None = None
    detail: str | None = None


@dataclass(slots=True)
class Settled:
    """A settled batch: counts by the fields of ``DrainReport``, and the fate of its rows.

    Rows that the index held up have no fate: they are told once, as the index's trouble.
    """

    counts: Counter[str] = field(default_factory=Counter)
    fates: list[Fate] = field(default_factory=list)

    @property
    def fresh(self) -> list[tuple[str, float]]:
        """Lane and age of each row whose post became searchable, or stopped being so."""
        return [(fate.item.lane, fate.age_s) for fate in self.fates if fate.kind in _FRESH]

    def add(self, fate: Fate) -> None:
        """Count one row's fate."""
        self.fates.append(fate)
        self.counts[fate.kind.value] += 1

    def log(self) -> None:
        """Write one line for each row; to be called once the transaction has committed."""
        for fate in self.fates:
            item = fate.item
            fields = names(item)
            if fate.kind in _FRESH:
                fields["seconds"] = fate.age_s
            if fate.error is not None:
                fields["attempts"] = item.attempts
                fields["error"] = fate.error
            emit(fate.kind, **fields)


def names(item: Claimed) -> Fields:
    """Return the log fields that name a claimed row."""
    return {
        "post": item.post_id,
        "revision": item.revision,
        "trace": item.trace,
        "lane": item.lane,
    }


def settle(
    session: Session,
    token: str,
    results: Sequence[Result],
    errors: Sequence[tuple[Claimed, str]],
    backoff_s: float,
    stalled: IndexUnavailableError | None = None,
) -> Settled:
    """Remove, delay or bury each row that is still held; the others were overtaken.

    Args:
        session: the transaction.
        token: the claim's.
        results: what the index said of each post.
        errors: rows whose post could not be read, or not by the model.
        backoff_s: the first delay of a row that failed.
        stalled: why the index took no document of this batch.
    """
    hurry(session, durable=True)
    settled = Settled()
    items = [result.planned.work.item for result in results] + [item for item, _ in errors]
    held = lease.held(session, token, items)
    done: list[tuple[Result, Fate]] = []
    waiting: list[Claimed] = []
    for result in results:
        item = result.planned.work.item
        if item not in held.items:
            settled.add(Fate(item, LogEvent.OVERTAKEN))
            continue
        if result.outcome in _DONE and not result.ahead:
            done.append((result, _done(result, (held.now - item.asked_at) / 1000)))
        elif stalled is not None and result.outcome is Outcome.RETRY:
            waiting.append(item)
        else:
            settled.add(_not_done(session, token, result, backoff_s))
    for item, error in errors:
        if item not in held.items:
            settled.add(Fate(item, LogEvent.OVERTAKEN))
            continue
        buried = lease.fail(session, token, item, error=error, backoff_s=backoff_s)
        settled.add(Fate(item, LogEvent.DEAD if buried else LogEvent.FAILED, error=error))
    if waiting:
        lease.hold_back(session, token, waiting, error=str(stalled))
        settled.counts[LogEvent.RETRIED.value] += len(waiting)
    _finish(session, token, done, settled)
    return settled


def _finish(
    session: Session, token: str, done: Sequence[tuple[Result, Fate]], settled: Settled
) -> None:
    if not done:
        return
    lease.remove(session, token, [fate.item for _, fate in done])
    # A row that another system wrote by SQL has not passed ``posts.write``, which does this too.
    deadletters.supersede(session, *sorted(fate.item.post_id for _, fate in done))
    for result, fate in done:
        settled.add(fate)
        settled.counts["repaired"] += result.repaired
    told = {LogEvent.SUPERSEDED, LogEvent.INDEXED, LogEvent.CLOSED}
    record_all(
        session,
        [
            Entry(
                fate.item.post_id,
                Event(fate.kind.value),
                result.planned.work.target.revision,
                fate.detail,
                fate.item.trace,
            )
            for result, fate in done
            if fate.kind in told
        ],
    )


def _done(result: Result, age_s: float) -> Fate:
    work = result.planned.work
    if result.outcome is Outcome.SUPERSEDED:
        return Fate(work.item, LogEvent.SUPERSEDED)
    if result.outcome is Outcome.SAME:
        return Fate(work.item, LogEvent.UNCHANGED)
    action = result.planned.decision.action
    kind = LogEvent.CLOSED if action is Action.CLOSE else LogEvent.INDEXED
    detail = f"{action.value}, recipe {work.target.recipe}"
    if result.repaired:
        detail += ", repaired"
    return Fate(work.item, kind, max(age_s, 0.0), detail=detail)


def _not_done(session: Session, token: str, result: Result, backoff_s: float) -> Fate:
    item = result.planned.work.item
    if result.ahead:
        # A newer write would have taken the row's token away: this is drift.
        lease.bury(session, token, item, kind="drift", error=DRIFT)
        return Fate(item, LogEvent.DEAD, error=DRIFT)
    if result.outcome in _DEAD:
        error = result.error or f"the index refused the document ({result.outcome.value})"
        lease.bury(session, token, item, kind=_DEAD[result.outcome], error=error)
        return Fate(item, LogEvent.DEAD, error=error)
    error = result.error or f"the index answered {result.outcome.value}"
    lease.retry(session, token, item, error=error, backoff_s=backoff_s)
    return Fate(item, LogEvent.RETRIED, error=error)
