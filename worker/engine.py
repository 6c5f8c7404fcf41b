"""Database engines; SQLite is set up so that several processes can share a file."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Session

BUSY_TIMEOUT_S = 30.0
READS_COMMITTED = "hirelens_reads_committed"
"""Execution option of engines whose transactions see what others have committed."""
_READ_ONLY = "hirelens_read_only"


def create_engine(target: str | Path) -> sa.Engine:
    """Return an engine for a database URL, or for the path of a SQLite file.

    A connection that broke while it lay in the pool is found by its first use: ``worker.retry``
    repeats that, which is cheaper than asking before every transaction.
    """
    if isinstance(target, Path):
        url = sa.URL.create("sqlite", database=str(target))  # no quoting: a path may hold % or ?
    else:
        url = sa.make_url(target)
    options = {READS_COMMITTED: True}
    if url.get_backend_name() != "sqlite":
        # Repeatable reads would show old states, and on MariaDB lock gaps between ids.
        return sa.create_engine(url, isolation_level="READ COMMITTED", execution_options=options)
    engine = sa.create_engine(
        url, connect_args={"timeout": BUSY_TIMEOUT_S}, execution_options=options
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


@contextmanager
def writing(engine: sa.Engine) -> Iterator[Session]:
    """One write transaction: committed at the end, rolled back on an error."""
    with Session(engine) as session, session.begin():
        yield session


@contextmanager
def reading(engine: sa.Engine) -> Iterator[Session]:
    """One read transaction: a stable view that blocks no writer."""
    with Session(engine.execution_options(**{_READ_ONLY: True})) as session:
        yield session


def hurry(session: Session, *, durable: bool = False) -> None:
    """Make this transaction's reads follow indexes; unless ``durable``, do not wait for the disk.

    PostgreSQL believes the statistics of an outbox that was empty a moment ago and would sort all
    of it at every claim. A claim that a crash of the database undoes is made again.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(_BY_INDEX if durable else _HURRY)


_PLANS = ("enable_sort", "enable_bitmapscan", "enable_seqscan")
_BY_INDEX = sa.select(*(sa.func.set_config(name, "off", True) for name in _PLANS))
_HURRY = _BY_INDEX.add_columns(sa.func.set_config("synchronous_commit", "off", True))


def _prepare(connection: sqlite3.Connection, _record: Any) -> None:  # noqa: ANN401
    # Python's driver would begin transactions by itself, too late and deferred.
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {int(BUSY_TIMEOUT_S * 1000)}")
    _enter_wal(connection)
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")


def _enter_wal(connection: sqlite3.Connection) -> None:
    """Switch to WAL; the switch itself ignores the busy timeout, so it is tried again here."""
    deadline = time.monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return


def _begin(connection: sa.Connection) -> None:
    # A deferred transaction that reads first fails at its first write when another one wrote.
    read_only = connection.get_execution_options().get(_READ_ONLY, False)
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")
