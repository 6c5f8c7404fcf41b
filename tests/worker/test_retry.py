from __future__ import annotations

import sqlite3
import time
from typing import Any

import psycopg
import pymysql
import pytest
import sqlalchemy as sa
from sqlalchemy import exc

from tests.worker.fakes import new_engine, post
from worker import retry
from worker.posts import RevisionConflict, write


def wrapped(cause: BaseException, kind: type[exc.DBAPIError] = exc.OperationalError) -> Any:
    return kind("SELECT 1", {}, cause)


def failure(state: str) -> psycopg.Error:
    return psycopg.errors.lookup(state)("told by the server")


@pytest.mark.parametrize(
    "error",
    [
        wrapped(failure("40P01")),
        wrapped(failure("40001")),
        wrapped(failure("57P01")),
        wrapped(failure("08006")),
        wrapped(failure("25006"), exc.InternalError),
        wrapped(failure("53100")),
        wrapped(failure("53200")),
        wrapped(failure("57014")),
        wrapped(psycopg.OperationalError("server closed the connection unexpectedly")),
        wrapped(pymysql.err.OperationalError(1213, "Deadlock found")),
        wrapped(pymysql.err.OperationalError(2013, "Lost connection")),
        wrapped(pymysql.err.OperationalError(1205, "Lock wait timeout exceeded")),
        wrapped(pymysql.err.OperationalError(1290, "running with the --read-only option")),
        wrapped(pymysql.err.OperationalError(1836, "Running in read-only mode")),
        wrapped(pymysql.err.OperationalError(1021, "Disk full")),
        wrapped(pymysql.err.OperationalError(1114, "The table 'outbox' is full")),
        wrapped(sqlite3.OperationalError("database is locked")),
        wrapped(sqlite3.OperationalError("database or disk is full")),
        exc.TimeoutError("the pool is empty"),
    ],
    ids=repr,
)
def test_what_passes_is_tried_again(error: BaseException) -> None:
    assert retry.is_transient(error)


@pytest.mark.parametrize(
    "error",
    [
        wrapped(failure("23505"), exc.IntegrityError),
        wrapped(failure("42P01"), exc.ProgrammingError),
        wrapped(failure("54000")),
        wrapped(pymysql.err.OperationalError(1054, "Unknown column")),
        wrapped(sqlite3.OperationalError("no such table: posts")),
        exc.ArgumentError("no URL"),
        ValueError("database is locked"),
    ],
    ids=repr,
)
def test_what_stays_is_raised(error: BaseException) -> None:
    assert not retry.is_transient(error)


def test_a_transaction_is_repeated_as_a_whole(engine: sa.Engine) -> None:
    seen: list[int] = []

    def action(session: Any) -> int:
        write(session, post())
        seen.append(1)
        if len(seen) < 3:
            raise wrapped(sqlite3.OperationalError("database is locked"))
        return len(seen)

    assert retry.run(engine, action) == 3
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM posts")) == 1


def test_the_last_error_is_raised_and_nothing_is_stored(
    engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "sleep", lambda _s: None)
    tries: list[int] = []

    def action(session: Any) -> None:
        tries.append(1)
        write(session, post())
        raise wrapped(sqlite3.OperationalError("database is locked"))

    with pytest.raises(exc.OperationalError):
        retry.run(engine, action, tries=4)
    assert len(tries) == 4
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM posts")) == 0


def test_a_refusal_is_not_repeated(tmp_path: Any) -> None:
    engine = new_engine(tmp_path)
    retry.run(engine, lambda s: write(s, post(revision=1)))
    tries: list[int] = []

    def action(session: Any) -> None:
        tries.append(1)
        write(session, post(title="other", revision=1))

    with pytest.raises(RevisionConflict):
        retry.run(engine, action)
    assert tries == [1]
    engine.dispose()


@pytest.mark.parametrize(
    "error",
    [
        wrapped(failure("25006"), exc.InternalError),
        wrapped(pymysql.err.OperationalError(1290, "running with the --read-only option")),
    ],
    ids=repr,
)
def test_a_server_that_only_reads_now_is_asked_anew(
    engine: sa.Engine, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    """After a fail-over the pool would keep its connections to the old primary."""
    monkeypatch.setattr(time, "sleep", lambda _s: None)
    connected: list[int] = []
    tries: list[int] = []
    sa.event.listen(engine, "connect", lambda *_: connected.append(1))
    engine.dispose()

    def action(session: Any) -> None:
        session.execute(sa.text("SELECT 1"))
        tries.append(1)
        if len(tries) < 3:
            raise error

    retry.run(engine, action)
    assert len(connected) == 3


def test_pauses_grow_and_are_random() -> None:
    for attempt in range(1, 12):
        delays = [retry._delay(attempt) for _ in range(50)]
        assert min(delays) >= retry.FIRST_DELAY_S / 2
        assert max(delays) <= min(retry.FIRST_DELAY_S * 2**attempt, retry.MAX_DELAY_S)
        assert len(set(delays)) > 40
