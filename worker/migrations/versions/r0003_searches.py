"""The search log."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_TEXT = sa.Text().with_variant(mysql.TEXT(charset="utf8mb4"), "mysql", "mariadb")
_LONG_TEXT = sa.Text().with_variant(mysql.LONGTEXT(charset="utf8mb4"), "mysql", "mariadb")


def _exact(length: int) -> sa.String:
    return (
        sa.String(length)
        .with_variant(
            mysql.VARCHAR(length, charset="utf8mb4", collation="utf8mb4_bin"), "mysql", "mariadb"
        )
        .with_variant(sa.String(length, collation="C"), "postgresql")
    )


def upgrade() -> None:
    """Create the table of answered queries."""
    op.create_table(
        "searches",
        sa.Column("id", _exact(32), primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("session", _exact(64)),
        sa.Column("bucket", _exact(64), nullable=False),
        sa.Column("generation", _exact(200), nullable=False),
        sa.Column("query", _TEXT, nullable=False),
        sa.Column("record", _LONG_TEXT, nullable=False),
    )
    op.create_index("ix_searches_at", "searches", ["at", "id"])
    op.create_index("ix_searches_session", "searches", ["session"])
