"""Servers: defaults for rows that other systems write, rejects, recipe registry, cursors, traces.

``posts.content_hash`` goes: it is computed from the payload, which others may write.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

from worker.clock import now_ms

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_PLAIN_ID = sa.String(200).with_variant(
    mysql.VARCHAR(200, charset="utf8mb4", collation="utf8mb4_bin"), "mysql", "mariadb"
)
_POST_ID = _PLAIN_ID.with_variant(sa.String(200, collation="C"), "postgresql")
_TEXT = sa.Text().with_variant(mysql.TEXT(charset="utf8mb4"), "mysql", "mariadb")
_LONG_TEXT = sa.Text().with_variant(mysql.LONGTEXT(charset="utf8mb4"), "mysql", "mariadb")
_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_IDS = (("posts", "id"), ("outbox", "post_id"), ("dead_letters", "post_id"), ("history", "post_id"))
_TEXTS = (("outbox", "last_error"), ("history", "detail"), ("dead_letters", "error"))


def _name(length: int) -> sa.String:
    return sa.String(length).with_variant(
        mysql.VARCHAR(length, charset="utf8mb4"), "mysql", "mariadb"
    )


def upgrade() -> None:
    """Change the tables of the write path and add those that servers need."""
    if op.get_bind().dialect.name == "postgresql":
        for name, column in _IDS:
            op.alter_column(
                name, column, type_=_POST_ID, existing_type=_PLAIN_ID, existing_nullable=False
            )
    if op.get_bind().dialect.name in {"mysql", "mariadb"}:
        # Errors are Chinese too, whatever the database's own character set is.
        for name, column in _TEXTS:
            nullable = (name, column) != ("dead_letters", "error")
            op.alter_column(
                name, column, type_=_TEXT, existing_type=sa.Text(), existing_nullable=nullable
            )
    _posts()
    _outbox()
    with op.batch_alter_table("dead_letters") as table:
        table.add_column(sa.Column("reason", _TEXT))
    with op.batch_alter_table("history") as table:
        table.add_column(sa.Column("trace", sa.String(32)))
    _new_tables()


def _posts() -> None:
    with op.batch_alter_table("posts") as table:
        table.drop_column("content_hash")
        for name in ("deleted", "counted"):
            table.alter_column(
                name,
                existing_type=sa.Boolean(),
                existing_nullable=False,
                server_default=sa.false(),
            )
        table.alter_column(
            "written_at",
            existing_type=sa.BigInteger(),
            existing_nullable=False,
            server_default=now_ms(),
        )


def _outbox() -> None:
    with op.batch_alter_table("outbox") as table:
        table.add_column(
            sa.Column("asked_at", sa.BigInteger, nullable=False, server_default=sa.text("0"))
        )
        table.add_column(sa.Column("trace", sa.String(32)))
        for name in ("lane", "lost", "attempts", "strikes"):
            table.alter_column(
                name,
                existing_type=sa.Integer(),
                existing_nullable=False,
                server_default=sa.text("0"),
            )
        table.alter_column(
            "solo", existing_type=sa.Boolean(), existing_nullable=False, server_default=sa.false()
        )
        table.create_index("ix_outbox_owner", ["lease_owner"])
    outbox = sa.table("outbox", sa.column("asked_at"), sa.column("due_at"))
    op.execute(outbox.update().values(asked_at=outbox.c.due_at))
    with op.batch_alter_table("outbox") as table:
        for name in ("due_at", "asked_at"):
            table.alter_column(
                name,
                existing_type=sa.BigInteger(),
                existing_nullable=False,
                server_default=now_ms(),
            )


def _new_tables() -> None:
    op.create_table(
        "ingest_rejects",
        sa.Column("id", _SERIAL, primary_key=True, autoincrement=True),
        sa.Column("task_id", _name(255)),
        sa.Column("received_at", sa.BigInteger, nullable=False),
        sa.Column("payload", _LONG_TEXT, nullable=False),
        sa.Column("post_id", _POST_ID),
        sa.Column("field", _name(200)),
        sa.Column("error", _TEXT, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
        sa.Column("reason", _TEXT),
    )
    op.create_index("ix_ingest_rejects_state", "ingest_rejects", ["state", "id"])
    op.create_index("ix_ingest_rejects_task", "ingest_rejects", ["task_id"])
    op.create_table(
        "ingest_deliveries",
        sa.Column("task_id", _name(255), primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "recipes",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("reality", sa.String(64), nullable=False),
        sa.Column("taxonomy", sa.String(64), nullable=False),
        sa.Column("rules", sa.String(64), nullable=False),
        sa.Column("vector_space", sa.String(64), nullable=False),
        sa.Column("model_path", _TEXT),
        sa.Column("taxonomy_path", _TEXT),
        sa.Column("registered_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "cursors",
        sa.Column("name", _name(100), primary_key=True),
        sa.Column("value", _TEXT, nullable=False),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
    )
