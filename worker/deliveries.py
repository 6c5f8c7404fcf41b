"""How often an ingest message was delivered again: the cap where the broker has none.

Only tries during which the database could be reached are counted, so that an outage of the
database refuses nothing.
"""

from __future__ import annotations

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from worker.clock import now_ms
from worker.tables import ingest_deliveries as table
from worker.upsert import insert_missing

KEPT_MS = 7 * 24 * 3600 * 1000
_PRUNED = 1000


def count(session: Session, task_id: str) -> int:
    """Count one more redelivery; commit it before the message is worked on."""
    row = {"task_id": task_id, "count": 1, "changed_at": now_ms()}
    if not insert_missing(session, table, row):
        session.execute(
            update(table)
            .where(table.c.task_id == task_id)
            .values(count=table.c.count + 1, changed_at=now_ms())
        )
    return session.scalar(select(table.c.count).where(table.c.task_id == task_id)) or 1


def forget(session: Session, task_id: str) -> None:
    """Drop the count of a message that is done."""
    session.execute(delete(table).where(table.c.task_id == task_id))


def prune(session: Session) -> int:
    """Drop counts that nobody has touched for a week; at most a thousand. Returns how many."""
    old = session.scalars(
        select(table.c.task_id).where(table.c.changed_at < now_ms() - KEPT_MS).limit(_PRUNED)
    ).all()
    if old:
        session.execute(delete(table).where(table.c.task_id.in_(old)))
    return len(old)
