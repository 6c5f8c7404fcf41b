"""The bounded log of what happened to each post; ``explain`` reads it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from worker.clock import now_ms
from worker.tables import history
from worker.told import told

KEPT = 50


class Event(StrEnum):
    """The closed list of events."""

    WRITTEN = "written"
    DELETED = "deleted"
    INDEXED = "indexed"
    CLOSED = "closed"
    SUPERSEDED = "superseded"
    LEASE_LOST = "lease_lost"
    FAILED = "failed"
    RETRIED = "retried"
    DEAD = "dead"
    REPLAYED = "replayed"
    RECOVERED = "recovered"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a post's history; ``trace`` leads from the write to the index."""

    post_id: str
    event: Event
    revision: int
    detail: str | None = None
    trace: str | None = None


def record(
    session: Session,
    post_id: str,
    event: Event,
    revision: int,
    detail: str | None = None,
    trace: str | None = None,
) -> None:
    """Append one event to a post's history; the oldest beyond ``KEPT`` are dropped."""
    record_all(session, [Entry(post_id, event, revision, detail, trace)])


def record_all(session: Session, entries: Sequence[Entry]) -> None:
    """Append events, each to its post's history; the oldest beyond ``KEPT`` are dropped."""
    if not entries:
        return
    session.execute(
        insert(history).values(at=now_ms()),
        [
            {
                "post_id": entry.post_id,
                "event": entry.event.value,
                "revision": entry.revision,
                "detail": None if entry.detail is None else told(entry.detail),
                "trace": entry.trace,
            }
            for entry in entries
        ],
    )
    _trim(session, sorted({entry.post_id for entry in entries}))


def _trim(session: Session, ids: Sequence[str]) -> None:
    long = session.scalars(
        select(history.c.post_id)
        .where(history.c.post_id.in_(ids))
        .group_by(history.c.post_id)
        .having(func.count() > KEPT)
    ).all()
    for post_id in long:
        oldest = session.scalar(
            select(history.c.id)
            .where(history.c.post_id == post_id)
            .order_by(history.c.id.desc())
            .offset(KEPT)
            .limit(1)
        )
        session.execute(delete(history).where(history.c.post_id == post_id, history.c.id <= oldest))
