"""Repeating a transaction that the database asked to repeat: a closed list of errors."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from worker.engine import writing
from worker.log import LogEvent, emit

T = TypeVar("T")
TRIES = 6
FIRST_DELAY_S = 0.05
MAX_DELAY_S = 3.0

# A full disk, full memory and a statement that was cancelled are the server's state: they pass
# when a person or the load changes, and no post is at fault.
_READ_ONLY_STATE = "25006"
_SQLSTATES = {
    "40001",  # serialisation failure
    "40P01",  # deadlock
    "55P03",  # lock not available
    "53100",  # disk full
    "53200",  # out of memory
    "53300",  # too many connections
    "57014",  # statement timeout
    "57P01",  # shutdown
    "57P02",  # crash
    "57P03",  # start-up
    _READ_ONLY_STATE,  # a standby, or a primary that a fail-over has made one
}
_SQLSTATE_CLASSES = {"08"}  # the connection failed
_READ_ONLY_CODES = {1290, 1836}
_MYSQL_CODES = {
    1021,  # disk full
    1040,  # too many connections
    1053,  # shutdown
    1114,  # table full: what InnoDB says of a full disk
    1205,  # lock wait timeout
    1213,  # deadlock
    2002,  # refused
    2003,  # refused
    2006,  # gone
    2013,  # lost
    *_READ_ONLY_CODES,  # as above
}
_SQLITE_WORDS = (
    "database is locked",
    "database table is locked",
    "disk I/O error",
    "database or disk is full",
)


def is_transient(error: BaseException) -> bool:
    """Tell whether the same transaction may succeed later, the data being as they are."""
    if isinstance(error, sa.exc.TimeoutError):
        return True  # the pool has no free connection now
    if not isinstance(error, sa.exc.DBAPIError):
        return False
    if error.connection_invalidated:
        return True
    cause = error.orig
    state = getattr(cause, "sqlstate", None)
    if isinstance(state, str):
        return state in _SQLSTATES or state[:2] in _SQLSTATE_CLASSES
    module = type(cause).__module__
    if module.startswith("psycopg"):
        # No SQLSTATE: the server could not be reached, or went away within a statement.
        return isinstance(error, sa.exc.OperationalError)
    if module.startswith("pymysql"):
        code = _mysql_code(cause)
        return code in _MYSQL_CODES or (code == 0 and isinstance(error, sa.exc.InterfaceError))
    return isinstance(error, sa.exc.OperationalError) and any(
        words in str(cause) for words in _SQLITE_WORDS
    )


def run(engine: sa.Engine, action: Callable[[Session], T], tries: int = TRIES) -> T:
    """Run one write transaction, again after an error on the list, with growing random pauses.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: any other error, or the last one after ``tries``.
    """
    for attempt in range(1, tries + 1):
        try:
            with writing(engine) as session:
                return action(session)
        except sa.exc.SQLAlchemyError as error:
            if attempt == tries or not is_transient(error):
                raise
            if _is_read_only(error):
                engine.dispose()  # the pool would keep to the old primary after a fail-over
            wait_s = _delay(attempt)
            emit(LogEvent.TRANSACTION_REPEATED, error=str(error), tries=attempt, wait_s=wait_s)
        time.sleep(wait_s)
    raise AssertionError("the last try returns or raises")


def _is_read_only(error: sa.exc.SQLAlchemyError) -> bool:
    """Tell whether the server takes no writes now, though the connection is sound."""
    cause = error.orig if isinstance(error, sa.exc.DBAPIError) else None
    if getattr(cause, "sqlstate", None) == _READ_ONLY_STATE:
        return True
    return _mysql_code(cause) in _READ_ONLY_CODES


def _mysql_code(cause: BaseException | None) -> object:
    if cause is None or not type(cause).__module__.startswith("pymysql"):
        return None
    return cause.args[0] if cause.args else None


def _delay(attempt: int) -> float:
    """Full jitter: processes that collided once must not collide again."""
    ceiling = min(FIRST_DELAY_S * 2 ** (attempt - 1) * 2, MAX_DELAY_S)
    return random.uniform(FIRST_DELAY_S / 2, ceiling)  # noqa: S311 - no secret
