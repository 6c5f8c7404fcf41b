"""Bringing a database to the current schema; safe when several processes start at once."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from worker.engine import reading

_MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK = 4_021_959


def upgrade(engine: sa.Engine) -> None:
    """Run every migration that the database lacks, in one locked transaction."""
    if current(engine) == head():
        return
    # On SQLite the transaction begins IMMEDIATE: a second process waits here, then finds it done.
    with engine.begin() as connection:
        _lock(connection)
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def head() -> str | None:
    """Return the newest revision that this package knows."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def current(engine: sa.Engine) -> str | None:
    """Return the revision that the database has, None for an empty one; waits for no writer."""
    with reading(engine) as session:
        return MigrationContext.configure(session.connection()).get_current_revision()


def _config() -> Config:
    config = Config()
    # ConfigParser reads % as interpolation.
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    return config


def _lock(connection: sa.Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    elif connection.dialect.name in {"mysql", "mariadb"}:
        # Released when the connection closes; DDL commits implicitly there.
        connection.execute(sa.text("SELECT GET_LOCK(:key, 60)"), {"key": f"hirelens-{_LOCK}"})
