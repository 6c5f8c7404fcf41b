"""One row a post that still has to reach the index: put, claim, settle, fail, release.

A claim holds no lock: it marks rows with a lease token. A leased row falls due again when its
lease ends, so that a lost process delays its rows and loses none.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import CursorResult, Row, delete, func, insert, select, update
from sqlalchemy.orm import Session

from worker import deadletters, owner
from worker.clock import now_ms
from worker.events import Event, record
from worker.tables import outbox as rows

Lane = Literal["live", "backfill"]
LANES: dict[Lane, int] = {"live": 0, "backfill": 1}
CAP = 5
MAX_BACKOFF_S = 300.0
MAX_ERROR = 2000


@dataclass(frozen=True, slots=True)
class Claimed:
    """One leased row."""

    post_id: str
    revision: int
    attempts: int
    strikes: int
    solo: bool


@dataclass(frozen=True, slots=True)
class Claim:
    """Rows leased together; ``buried`` counts rows that reached the cap while being claimed."""

    token: str
    items: tuple[Claimed, ...]
    buried: int = 0


def put(session: Session, post_id: str, revision: int, lane: Lane) -> None:
    """Ask for the indexing of a post; overwrites what waits for it, a running lease included.

    A live write raises a waiting backfill row, a backfill never lowers a live one.
    """
    waiting = session.execute(
        select(rows.c.lane).where(rows.c.post_id == post_id).with_for_update()
    ).one_or_none()
    fresh = fresh_values(revision, LANES[lane])
    if waiting is None:
        session.execute(insert(rows).values(post_id=post_id, **fresh))
    else:
        fresh["lane"] = min(LANES[lane], waiting.lane)
        session.execute(update(rows).where(rows.c.post_id == post_id).values(**fresh))


def fresh_values(revision: int, lane: int) -> dict[str, Any]:
    """Return the columns of a row that nobody has claimed yet."""
    return {
        "revision": revision,
        "lane": lane,
        "due_at": now_ms(),
        "lease_token": None,
        "lease_until": None,
        "lease_owner": None,
        "solo": False,
        "lost": 0,
        "attempts": 0,
        "strikes": 0,
        "last_error": None,
    }


def claim(session: Session, *, batch: int, lease_seconds: float) -> Claim:
    """Lease up to ``batch`` due rows; one whose lease was lost before is leased alone.

    A row that lost its lease alone too often is buried here: it kills whoever holds it.
    """
    _free_dead_owners(session)
    found = session.execute(
        select(rows)
        .where(rows.c.due_at <= now_ms())
        .order_by(rows.c.lane, rows.c.due_at, rows.c.post_id)
        .limit(batch)
        .with_for_update(skip_locked=True)
    ).all()
    suspects = [row for row in found if row.lost or row.lease_token is not None]
    healthy = [row for row in found if not row.lost and row.lease_token is None]
    buried = 0
    # Whatever has waited longest goes first; a suspect at the head is taken alone.
    if suspects and (not healthy or found[0] is suspects[0]):
        row = suspects[0]
        strikes = row.strikes + (1 if row.lease_token is not None and row.solo else 0)
        if strikes >= CAP:
            _bury(session, row, "lost", "the process that held it alone died or hung", strikes)
            return Claim("", (), 1)
        chosen: Sequence[Row[Any]] = [row]
        solo = True
    else:
        chosen, solo = healthy, False
    return _lease(session, chosen, solo=solo, lease_seconds=lease_seconds, buried=buried)


def settle(session: Session, token: str, item: Claimed) -> bool:
    """Remove a finished row; False when a newer write or another claim has taken it over."""
    return _touched(
        session.execute(
            delete(rows).where(
                rows.c.post_id == item.post_id,
                rows.c.revision == item.revision,
                rows.c.lease_token == token,
            )
        )
    )


def bury(session: Session, token: str, item: Claimed, *, kind: str, error: str) -> bool:
    """Turn a leased row into a dead letter."""
    if not settle(session, token, item):
        return False
    deadletters.bury(
        session,
        item.post_id,
        item.revision,
        kind=kind,
        error=error[:MAX_ERROR],
        attempts=item.attempts,
    )
    return True


def fail(session: Session, token: str, item: Claimed, *, error: str, backoff_s: float) -> bool:
    """Count an error of the row's own; at the cap it is buried. Returns whether it was buried."""
    strikes = item.strikes + 1
    if strikes >= CAP:
        return bury(session, token, item, kind="error", error=error)
    _return(session, token, item, error, _backoff(backoff_s, strikes), strikes)
    record(session, item.post_id, Event.FAILED, item.revision, error[:MAX_ERROR])
    return False


def retry(session: Session, token: str, item: Claimed, *, error: str, backoff_s: float) -> None:
    """Give a row back for later without counting anything against it."""
    _return(session, token, item, error, _backoff(backoff_s, item.attempts), item.strikes)
    record(session, item.post_id, Event.RETRIED, item.revision, error[:MAX_ERROR])


def release(session: Session, token: str) -> int:
    """Give back, due at once, all rows of a claim that were not settled."""
    result = session.execute(
        update(rows).where(rows.c.lease_token == token).values(due_at=now_ms(), **FREE)
    )
    return _count(result)


def renew(session: Session, token: str, lease_seconds: float) -> int:
    """Prolong a claim's lease; returns how many rows it still holds."""
    until = now_ms() + int(lease_seconds * 1000)
    result = session.execute(
        update(rows).where(rows.c.lease_token == token).values(due_at=until, lease_until=until)
    )
    return _count(result)


def waiting(session: Session) -> dict[str, int]:
    """Count rows: all, and those that are leased."""
    total, leased = session.execute(
        select(func.count(), func.count(rows.c.lease_token)).select_from(rows)
    ).one()
    return {"waiting": int(total), "leased": int(leased)}


FREE = {"lease_token": None, "lease_until": None, "lease_owner": None, "solo": False}


def _lease(
    session: Session, chosen: Sequence[Row[Any]], *, solo: bool, lease_seconds: float, buried: int
) -> Claim:
    token = uuid.uuid4().hex
    items = []
    until = now_ms() + int(lease_seconds * 1000)
    for row in chosen:
        was_lost = row.lease_token is not None
        strikes = row.strikes + (1 if was_lost and row.solo else 0)
        if was_lost:
            record(session, row.post_id, Event.LEASE_LOST, row.revision)
        session.execute(
            update(rows)
            .where(rows.c.post_id == row.post_id)
            .values(
                lease_token=token,
                lease_until=until,
                due_at=until,
                lease_owner=owner.this_process(),
                solo=solo,
                lost=row.lost + was_lost,
                attempts=row.attempts + 1,
                strikes=strikes,
            )
        )
        items.append(Claimed(row.post_id, row.revision, row.attempts + 1, strikes, solo))
    return Claim(token, tuple(items), buried)


def _free_dead_owners(session: Session) -> None:
    """Let rows fall due whose holder ran on this machine and is gone: no need to wait."""
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


def _bury(session: Session, row: Row[Any], kind: str, error: str, strikes: int) -> None:
    session.execute(delete(rows).where(rows.c.post_id == row.post_id))
    detail = f"{error} ({strikes} times); last error: {row.last_error or 'none was reported'}"
    deadletters.bury(
        session, row.post_id, row.revision, kind=kind, error=detail, attempts=row.attempts
    )


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
            last_error=error[:MAX_ERROR],
            **FREE,
        )
    )


def _backoff(base_s: float, tries: int) -> float:
    return float(min(base_s * 2 ** min(max(tries - 1, 0), 20), MAX_BACKOFF_S))


def _touched(result: Any) -> bool:  # noqa: ANN401 - Session.execute is typed as Result only
    return _count(result) == 1


def _count(result: Any) -> int:  # noqa: ANN401
    return int(result.rowcount) if isinstance(result, CursorResult) else 0


def ids(items: Iterable[Claimed]) -> list[str]:
    """Return the ids of claimed rows, in their order."""
    return [item.post_id for item in items]
