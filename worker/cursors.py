"""Where a walk stands, kept in the database so that a killed one goes on where it stopped."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from worker.clock import now_ms
from worker.tables import cursors
from worker.upsert import insert_missing


def load(session: Session, name: str) -> dict[str, Any] | None:
    """Return what was saved under a name, None where nothing was."""
    text = session.scalar(select(cursors.c.value).where(cursors.c.name == name))
    return None if text is None else dict(json.loads(text))


def save(session: Session, name: str, value: Mapping[str, Any]) -> None:
    """Keep a JSON object under a name (at most 100 characters), whatever was there before."""
    row = {"value": json.dumps(value), "changed_at": now_ms()}
    if not insert_missing(session, cursors, {"name": name, **row}):
        session.execute(update(cursors).where(cursors.c.name == name).values(**row))


def forget(session: Session, name: str) -> None:
    """Drop what was saved under a name."""
    session.execute(delete(cursors).where(cursors.c.name == name))
