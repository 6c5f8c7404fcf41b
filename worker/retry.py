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

# Deadlock, serialisation failure, lock not available, too many connections, shutdown, start-up.
_SQLSTATES = {"40001", "40P01", "55P03", "53300", "57P01", "57P02", "57P03"}
_SQLSTATE_CLASSES = {"08"}  # the connection failed
# Lock wait timeout, deadlock, too many connections, shutdown, refused, gone, lost.
_MYSQL_CODES = {1205, 1213, 1040, 1053, 2002, 2003, 2006, 2013}
_SQLITE_WORDS = ("database is locked", "database table is locked", "disk I/O error")


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
    code = cause.args[0] if cause is not None and cause.args else None
    if module.startswith("pymysql"):
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
            wait_s = _delay(attempt)
            emit(LogEvent.TRANSACTION_REPEATED, error=str(error), tries=attempt, wait_s=wait_s)
        time.sleep(wait_s)
    raise AssertionError("the last try returns or raises")


def _delay(attempt: int) -> float:
    """Full jitter: processes that collided once must not collide again."""
    ceiling = min(FIRST_DELAY_S * 2 ** (attempt - 1) * 2, MAX_DELAY_S)
    return random.uniform(FIRST_DELAY_S / 2, ceiling)  # noqa: S311 - no secret
