"""What the relay reads in the database, each look of bounded cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from worker import deliveries
from worker.claim import free_dead_owners
from worker.clock import now_ms
from worker.engine import hurry
from worker.outbox import LANES, Lane, due
from worker.tables import dead_letters
from worker.tables import outbox as rows

MOST_COUNTED = 100_000


@dataclass(frozen=True, slots=True)
class Backlog:
    """Due rows of one lane, counted up to a bound.

    ``suspects``: those whose lease was lost, which are claimed alone; ``oldest_s``: for how long
    the oldest of them has waited, in seconds.
    """

    due: int = 0
    suspects: int = 0
    oldest_s: float = 0.0


def read(session: Session, most: int) -> dict[Lane, Backlog]:
    """Count the due rows of each lane, at most ``most``; rows of dead holders fall due first."""
    hurry(session)
    free_dead_owners(session)
    return {lane: of(session, lane, most) for lane in LANES}


def sweep(session: Session) -> int:
    """Drop old counts of deliveries; returns how many dead letters are open."""
    deliveries.prune(session)
    some = select(dead_letters.c.id).where(dead_letters.c.state == "open").limit(MOST_COUNTED)
    return session.scalar(select(func.count()).select_from(some.subquery())) or 0


def of(session: Session, lane: Lane, most: int) -> Backlog:
    """Count the due rows of one lane, at most ``most``."""
    suspect: Any = (rows.c.lost > 0) | rows.c.lease_token.is_not(None)
    suspects = case((suspect, 1), else_=0).label("suspect")
    found = due(lane, rows.c.asked_at, suspects).limit(most).subquery()
    count, lost, oldest, now = session.execute(
        select(
            func.count(),
            func.coalesce(func.sum(found.c.suspect), 0),
            func.min(found.c.asked_at),
            now_ms(),
        ).select_from(found)
    ).one()
    age = 0.0 if oldest is None else max(now - oldest, 0) / 1000
    return Backlog(int(count), int(lost), age)
