"""Claiming due rows.

A claim holds no lock: it marks rows with a lease token. A leased row falls due again when its
lease ends, so that a lost process delays its rows and loses none.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, delete, select, update
from sqlalchemy.orm import Session

from worker import deadletters, owner
from worker.clock import now_ms
from worker.engine import hurry
from worker.events import Entry, Event, record_all
from worker.log import LogEvent, emit
from worker.log_events import Fields
from worker.outbox import LANE_NAMES, LANES, Lane, due
from worker.tables import outbox as rows
from worker.trace import new_trace

CAP = 5


@dataclass(frozen=True, slots=True)
class Claimed:
    """One leased row; ``asked_at`` in milliseconds of the database's clock."""

    post_id: str
    revision: int
    attempts: int
    strikes: int
    solo: bool
    lane: Lane = "live"
    asked_at: int = 0
    trace: str | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """Rows leased together; ``buried`` counts rows that reached the cap while being claimed."""

    token: str
    items: tuple[Claimed, ...]
    buried: int = 0


def claim(session: Session, *, batch: int, lease_seconds: float) -> Claim:
    """Lease up to ``batch`` due rows of one lane, live ones first; a lost one is leased alone.

    A row whose lease was lost is a suspect. Lanes are never mixed: a live post would be searchable
    only when the backfill posts beside it were read too.

    A row that lost its lease alone too often is buried here: it kills whoever holds it.
    """
    hurry(session)
    found = _due(session, batch)
    if len(found) < batch and free_dead_owners(session):
        found = _due(session, batch)
    suspects = [row for row in found if row.lost or row.lease_token is not None]
    healthy = [row for row in found if not row.lost and row.lease_token is None]
    # Whatever has waited longest goes first; a suspect at the head is taken alone.
    if not suspects or (healthy and found[0] is not suspects[0]):
        return _lease(session, healthy, lease_seconds)
    row = suspects[0]
    strikes = row.strikes + (1 if row.lease_token is not None and row.solo else 0)
    if strikes >= CAP:
        _bury(session, row, strikes)
        return Claim("", (), 1)
    return _lease_alone(session, row, strikes, lease_seconds)


def free_dead_owners(session: Session) -> bool:
    """Let rows fall due whose holder ran on this machine and is gone; tell whether there were any.

    Their leases need not be waited for.
    """
    holders = session.scalars(
        select(rows.c.lease_owner).where(rows.c.lease_owner.is_not(None)).distinct()
    )
    gone = [holder for holder in holders if owner.is_gone(holder)]
    if gone:
        session.execute(
            update(rows)
            .where(rows.c.lease_owner.in_(gone))
            .values(due_at=now_ms(), lease_owner=None)
        )
    return bool(gone)


def ids(items: Iterable[Claimed]) -> list[str]:
    """Return the ids of claimed rows, in their order."""
    return [item.post_id for item in items]


def _due(session: Session, batch: int) -> list[Row[Any]]:
    """Return and lock due rows of the first lane that has any, in the order of their index."""
    for lane in LANES:
        query = due(lane, rows).limit(batch)
        if found := session.execute(query.with_for_update(skip_locked=True)).all():
            return list(found)
    return []


def _lease(session: Session, chosen: Sequence[Row[Any]], lease_seconds: float) -> Claim:
    if not chosen:
        return Claim("", ())
    token = uuid.uuid4().hex
    session.execute(
        update(rows)
        .where(rows.c.post_id.in_([row.post_id for row in chosen]))
        .values(attempts=rows.c.attempts + 1, **_held(token, lease_seconds, solo=False))
    )
    return Claim(token, tuple(_claimed(row, row.strikes, solo=False) for row in chosen))


def _lease_alone(session: Session, row: Row[Any], strikes: int, lease_seconds: float) -> Claim:
    token = uuid.uuid4().hex
    was_lost = row.lease_token is not None
    if was_lost:
        entry = Entry(row.post_id, Event.LEASE_LOST, row.revision, trace=row.trace)
        record_all(session, [entry])
        fields = _names(row)
        fields["solo"] = row.solo
        emit(LogEvent.LEASE_LOST, **fields)
    session.execute(
        update(rows)
        .where(rows.c.post_id == row.post_id)
        .values(
            lost=row.lost + was_lost,
            attempts=row.attempts + 1,
            strikes=strikes,
            **_held(token, lease_seconds, solo=True),
        )
    )
    return Claim(token, (_claimed(row, strikes, solo=True),))


def _held(token: str, lease_seconds: float, *, solo: bool) -> dict[str, Any]:
    until = now_ms() + int(lease_seconds * 1000)
    return {
        "lease_token": token,
        "lease_until": until,
        "due_at": until,
        "lease_owner": owner.this_process(),
        "solo": solo,
    }


def _claimed(row: Row[Any], strikes: int, *, solo: bool) -> Claimed:
    return Claimed(
        row.post_id,
        row.revision,
        row.attempts + 1,
        strikes,
        solo,
        LANE_NAMES.get(row.lane, "backfill"),
        row.asked_at,
        row.trace or new_trace(),
    )


def _bury(session: Session, row: Row[Any], strikes: int) -> None:
    session.execute(delete(rows).where(rows.c.post_id == row.post_id))
    error = f"whatever held it alone died, hung or was stopped by it ({strikes} times)"
    deadletters.bury(
        session,
        row.post_id,
        row.revision,
        kind="lost",
        error=f"{error}; last error: {row.last_error or 'none was reported'}",
        attempts=row.attempts,
        trace=row.trace,
    )
    fields = _names(row)
    fields["kind"], fields["error"] = "lost", error
    emit(LogEvent.DEAD, **fields)


def _names(row: Row[Any]) -> Fields:
    return {
        "post": row.post_id,
        "revision": row.revision,
        "trace": row.trace,
        "lane": LANE_NAMES.get(row.lane, "backfill"),
        "attempts": row.attempts,
    }
