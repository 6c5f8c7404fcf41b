"""The way in of a system that knows SQL and nothing of hirelens: rows in the two tables.

The statements are those of the documentation; PostgreSQL and SQLite read the same text.
"""

from __future__ import annotations

import json

import sqlalchemy as sa

from tests.crash.history import Write

# A lower revision changes nothing and asks for nothing: both statements look at the revision.
_POST = """
INSERT INTO posts (id, revision, payload, deleted) VALUES (:id, :revision, :payload, :deleted)
ON CONFLICT (id) DO UPDATE
SET revision = excluded.revision, payload = excluded.payload, deleted = excluded.deleted
WHERE posts.revision < excluded.revision
"""
_FORGET = "DELETE FROM outbox WHERE post_id = :id"
_ASK = "INSERT INTO outbox (post_id, revision) VALUES (:id, :revision)"


def write(connection: sa.Connection, one: Write) -> bool:
    """Write one post in the caller's transaction; False where a newer revision is stored."""
    values = {
        "id": one.id,
        "revision": one.revision,
        "payload": json.dumps(one.payload(), ensure_ascii=False),
        "deleted": one.deleted,
    }
    if connection.execute(sa.text(_POST), values).rowcount != 1:
        return False
    connection.execute(sa.text(_FORGET), {"id": one.id})
    connection.execute(sa.text(_ASK), {"id": one.id, "revision": one.revision})
    return True
