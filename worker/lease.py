"""What becomes of leased rows: settled, given back, or buried; only what is still held counts."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, delete, select, update
from sqlalchemy.orm import Session

from worker import deadletters
from worker.claim import CAP, Claimed
from worker.clock import now_ms
from worker.events import Entry, Event, record_all
from worker.outbox import FREE
from worker.tables import outbox as rows
from worker.told import told

MAX_BACKOFF_S = 300.0
MAX_RETRY_S = 30.0
"""Of a row that nothing counts against: it must be indexed soon after the index is back."""


@dataclass(frozen=True, slots=True)
class Held:
    """The rows of a claim that are still held at their claimed revision, locked at ``now``."""

    items: frozenset[Claimed]
    now: int


def held(session: Session, token: str, items: Sequence[Claimed]) -> Held:
    """Lock those claimed rows that no newer write and no other claim has taken over."""
    found = session.execute(
        select(rows.c.post_id, rows.c.revision, now_ms().label("now"))
        .where(*_of(token, items))
        .order_by(rows.c.post_id)
        .with_for_update()
    ).all()
    revisions = {row.post_id: row.revision for row in found}
    return Held(
        frozenset(i for i in items if revisions.get(i.post_id) == i.revision),
        max((row.now for row in found), default=0),
    )


def remove(session: Session, token: str, items: Iterable[Claimed]) -> None:
    """Delete finished rows, which must be held."""
    session.execute(delete(rows).where(*_of(token, items)))


def settle(session: Session, token: str, item: Claimed) -> bool:
    """Remove a finished row; False when a newer write or another claim has taken it over."""
    if item not in held(session, token, [item]).items:
        return False
    remove(session, token, [item])
    return True


def bury(session: Session, token: str, item: Claimed, *, kind: str, error: str) -> bool:
    """Turn a leased row into a dead letter; False when it is not held any more."""
    if not settle(session, token, item):
        return False
    deadletters.bury(
        session,
        item.post_id,
        item.revision,
        kind=kind,
        error=told(error),
        attempts=item.attempts,
        trace=item.trace,
    )
    return True


def fail(session: Session, token: str, item: Claimed, *, error: str, backoff_s: float) -> bool:
    """Count an error of the row's own; at the cap it is buried. Returns whether it was buried."""
    strikes = item.strikes + 1
    if strikes >= CAP:
        return bury(session, token, item, kind="error", error=error)
    _return(session, token, item, error, _backoff(backoff_s, strikes), strikes)
    _record(session, item, Event.FAILED, error)
    return False


def retry(session: Session, token: str, item: Claimed, *, error: str, backoff_s: float) -> None:
    """Give a row back for later without counting anything against it."""
    delay_s = min(_backoff(backoff_s, item.attempts), MAX_RETRY_S)
    _return(session, token, item, error, delay_s, item.strikes)
    _record(session, item, Event.RETRIED, error)


def release(session: Session, token: str, items: Sequence[Claimed]) -> int:
    """Give back, due at once, the rows of a claim that were not settled; returns how many."""
    free = update(rows).where(*_of(token, items)).values(due_at=now_ms(), **FREE)
    return _count(session.execute(free))


def hold_back(session: Session, token: str, items: Sequence[Claimed], *, error: str) -> int:
    """Give back, due at once and as if never claimed, rows that only the index has stopped.

    The process leaves the index alone for a while, not the rows: so all of them are due when the
    index is back. They go behind the others, so that a batch that the index cannot bear lets
    others pass. Returns how many.
    """
    values = {
        "due_at": now_ms(),
        "attempts": rows.c.attempts - 1,
        "last_error": told(error),
        **FREE,
    }
    return _count(session.execute(update(rows).where(*_of(token, items)).values(**values)))


def suspect(
    session: Session, token: str, items: Sequence[Claimed], *, error: str, backoff_s: float
) -> int:
    """Give back the rows of a claim that something in it has stopped; returns how many.

    Each is claimed alone the next time, and one that was alone already gets a strike: so what
    stops a batch stops no neighbour for long.
    """
    values = {
        "due_at": now_ms() + int(_backoff(backoff_s, items[0].attempts) * 1000),
        "lost": rows.c.lost + 1,
        "strikes": rows.c.strikes + (1 if items[0].solo else 0),
        "last_error": told(error),
        **FREE,
    }
    return _count(session.execute(update(rows).where(*_of(token, items)).values(**values)))


def renew(session: Session, token: str, items: Sequence[Claimed], lease_seconds: float) -> int:
    """Prolong a claim's lease; returns how many rows it still holds."""
    until = now_ms() + int(lease_seconds * 1000)
    longer = update(rows).where(*_of(token, items)).values(due_at=until, lease_until=until)
    return _count(session.execute(longer))


def _return(
    session: Session, token: str, item: Claimed, error: str, delay_s: float, strikes: int
) -> None:
    session.execute(
        update(rows)
        .where(
            rows.c.post_id == item.post_id,
            rows.c.revision == item.revision,
            rows.c.lease_token == token,
        )
        .values(
            due_at=now_ms() + int(delay_s * 1000),
            strikes=strikes,
            last_error=told(error),
            **FREE,
        )
    )


def _record(session: Session, item: Claimed, event: Event, error: str) -> None:
    detail = told(error)
    record_all(session, [Entry(item.post_id, event, item.revision, detail, item.trace)])


def _backoff(base_s: float, tries: int) -> float:
    """Double with each try; half of it random, so that a batch does not come back as one herd."""
    full = min(base_s * 2 ** min(max(tries - 1, 0), 20), MAX_BACKOFF_S)
    return float(full * random.uniform(0.5, 1.0))  # noqa: S311 - no secret


def _of(token: str, items: Iterable[Claimed]) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Name the rows by their key: the token alone would be looked for in the whole table."""
    return rows.c.post_id.in_(sorted(i.post_id for i in items)), rows.c.lease_token == token


def _count(result: Any) -> int:  # noqa: ANN401 - Session.execute is typed as Result only
    return int(result.rowcount) if isinstance(result, CursorResult) else 0
