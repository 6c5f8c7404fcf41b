"""Posts, outbox, model cache, dead letters, activations, history."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_POST_ID = sa.String(200).with_variant(
    mysql.VARCHAR(200, charset="utf8mb4", collation="utf8mb4_bin"), "mysql", "mariadb"
)
_LONG_TEXT = sa.Text().with_variant(mysql.LONGTEXT(), "mysql", "mariadb")
_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the tables of the write path."""
    op.create_table(
        "posts",
        sa.Column("id", _POST_ID, primary_key=True),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("payload", sa.JSON, nullable=False),
        sa.Column("content_hash", sa.String(16), nullable=False),
        sa.Column("deleted", sa.Boolean, nullable=False),
        sa.Column("counted", sa.Boolean, nullable=False),
        sa.Column("written_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "outbox",
        sa.Column("post_id", _POST_ID, primary_key=True),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("lane", sa.Integer, nullable=False),
        sa.Column("due_at", sa.BigInteger, nullable=False),
        sa.Column("lease_token", sa.String(32)),
        sa.Column("lease_until", sa.BigInteger),
        sa.Column("lease_owner", sa.String(200)),
        sa.Column("solo", sa.Boolean, nullable=False),
        sa.Column("lost", sa.Integer, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("strikes", sa.Integer, nullable=False),
        sa.Column("last_error", sa.Text),
    )
    op.create_index("ix_outbox_due", "outbox", ["lane", "due_at", "post_id"])
    op.create_table(
        "model_cache",
        sa.Column("model_digest", sa.String(64), primary_key=True),
        sa.Column("text_digest", sa.String(64), primary_key=True),
        sa.Column("output", _LONG_TEXT, nullable=False),
    )
    op.create_table(
        "dead_letters",
        sa.Column("id", _SERIAL, primary_key=True, autoincrement=True),
        sa.Column("post_id", _POST_ID, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_dead_letters_post", "dead_letters", ["post_id", "state"])
    op.create_index("ix_dead_letters_state", "dead_letters", ["state", "id"])
    op.create_table(
        "activations",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("recipe", sa.String(64), nullable=False),
        sa.Column("reason", sa.String(16), nullable=False),
        sa.Column("activated_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "history",
        sa.Column("id", _SERIAL, primary_key=True, autoincrement=True),
        sa.Column("post_id", _POST_ID, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("event", sa.String(32), nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("detail", sa.Text),
    )
    op.create_index("ix_history_post", "history", ["post_id", "id"])
