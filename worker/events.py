"""The bounded log of what happened to each post; ``explain`` reads it."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from worker.clock import now_ms
from worker.tables import history

KEPT = 50


class Event(StrEnum):
    """The closed list of events."""

    WRITTEN = "written"
    DELETED = "deleted"
    INDEXED = "indexed"
    CLOSED = "closed"
    SUPERSEDED = "superseded"
    REPAIRED = "repaired"
    LEASE_LOST = "lease_lost"
    FAILED = "failed"
    RETRIED = "retried"
    DEAD = "dead"
    REPLAYED = "replayed"


def record(
    session: Session, post_id: str, event: Event, revision: int, detail: str | None = None
) -> None:
    """Append one event to a post's history, the oldest beyond ``KEPT`` are dropped."""
    session.execute(
        insert(history).values(
            post_id=post_id, at=now_ms(), event=event.value, revision=revision, detail=detail
        )
    )
    oldest = session.scalar(
        select(history.c.id)
        .where(history.c.post_id == post_id)
        .order_by(history.c.id.desc())
        .offset(KEPT)
        .limit(1)
    )
    if oldest is not None:
        session.execute(delete(history).where(history.c.post_id == post_id, history.c.id <= oldest))
