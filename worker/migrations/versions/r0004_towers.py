"""Where the towers of a recipe lie."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_TEXT = sa.Text().with_variant(mysql.TEXT(charset="utf8mb4"), "mysql", "mariadb")


def upgrade() -> None:
    """Add the column."""
    op.add_column("recipes", sa.Column("towers_path", _TEXT))
