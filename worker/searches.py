"""The search log in the database: what writes it, what reads it, what removes it again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, and_, delete, event, func, or_, select
from sqlalchemy.orm import Session

from search.searchlog.model import SearchRecord
from search.searchlog.sink import SinkAwayError
from search.searchlog.words import clean, label, opaque
from worker import retry, schema
from worker.clock import now_ms
from worker.engine import create_engine, reading
from worker.tables import searches
from worker.upsert import ignoring

PAGE = 500
"""Rows of one transaction."""
PATIENCE_S = 2
"""How long a locked SQLite file is waited for; the log tries again, and posts come first."""
TRIES = 2
_DAY_MS = 24 * 3600 * 1000


class UnknownSearch(LookupError):  # noqa: N818 - like its siblings
    """No answer has this id; says the remedy."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which answers are meant; None means any. Times are milliseconds since 1970."""

    since: int | None = None
    until: int | None = None
    bucket: str | None = None
    session: str | None = None
    query: str | None = None

    def takes(self, record: SearchRecord) -> bool:
        """Tell whether a record is meant: what the database would choose, for files."""
        return (
            (self.since is None or record.at >= self.since)
            and (self.until is None or record.at < self.until)
            and (self.bucket is None or record.bucket == label(self.bucket))
            and (self.session is None or record.session == opaque(self.session))
            and (self.query is None or record.query == clean(self.query))
        )


class SqlSink:
    """Writes records into the table ``searches``, with connections of its own."""

    def __init__(self, target: str | Path) -> None:
        """Open a database by its URL, or a SQLite file by its path, and bring it up to date."""
        self._engine = create_engine(target)
        if self._engine.dialect.name == "sqlite":
            event.listen(self._engine, "connect", _hurry)
        schema.upgrade(self._engine)

    def write(self, records: Sequence[SearchRecord]) -> None:
        """Insert records in one transaction; those that are there already stay as they are.

        Raises:
            SinkAwayError: the database cannot be written now.
        """
        rows = [_row(record) for record in records]
        try:
            retry.run(self._engine, lambda session: _insert(session, rows), tries=TRIES)
        except sa.exc.SQLAlchemyError as error:
            if retry.is_transient(error):
                raise SinkAwayError(str(getattr(error, "orig", None) or error)) from error
            raise

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()


def read(engine: sa.Engine, chosen: Chosen | None = None, page: int = PAGE) -> Iterator[str]:
    """Yield the chosen records as JSON, the oldest first, a page a transaction."""
    columns = searches.c
    after: tuple[int, str] | None = None
    while True:
        query = select(columns.at, columns.id, columns.record).where(*_conditions(chosen))
        if after is not None:
            at, id_ = after
            query = query.where(or_(columns.at > at, and_(columns.at == at, columns.id > id_)))
        with reading(engine) as session:
            rows = session.execute(query.order_by(columns.at, columns.id).limit(page)).all()
        yield from (row.record for row in rows)
        if len(rows) < page:
            return
        after = (rows[-1].at, rows[-1].id)


def latest(engine: sa.Engine, chosen: Chosen | None = None, limit: int = 20) -> list[str]:
    """Return the newest of the chosen records as JSON, the newest first."""
    columns = searches.c
    query = select(columns.record).where(*_conditions(chosen))
    with reading(engine) as session:
        return list(
            session.scalars(query.order_by(columns.at.desc(), columns.id.desc()).limit(limit))
        )


def get(engine: sa.Engine, id_: str) -> SearchRecord:
    """Return one record.

    Raises:
        UnknownSearch: there is none of this id.
    """
    with reading(engine) as session:
        found = session.scalar(select(searches.c.record).where(searches.c.id == opaque(id_)))
    if found is None:
        raise UnknownSearch(unknown(id_))
    return SearchRecord.from_json(found)


def oldest(engine: sa.Engine) -> int | None:
    """Return when the oldest answer was given, milliseconds since 1970; None where none is kept."""
    if not sa.inspect(engine).has_table(searches.name):
        return None  # of an older version, not yet brought up to date
    with reading(engine) as session:
        found: int | None = session.scalar(select(func.min(searches.c.at)))
        return found


def unknown(id_: str) -> str:
    """Return what is told of an id that no record has."""
    return f"no answer {id_!r} is kept; it was removed or never written: hirelens searchlog show"


def tidy(
    engine: sa.Engine,
    *,
    days: float | None = None,
    session: str | None = None,
    dry_run: bool = False,
    on_progress: Callable[[int], None] = lambda _removed: None,
) -> int:
    """Remove answers for good and return how many; may be killed and repeated at any time.

    Args:
        engine: the database.
        days: those that are older, by the database's clock; None: of any age.
        session: only those of this session, as the caller had named it.
        dry_run: only count.
        on_progress: called with the number of rows after each step.

    Raises:
        ValueError: neither ``days`` nor ``session`` is given.
    """
    if days is None and session is None:
        raise ValueError("tidy the search log by days or by session; all of it is never meant")
    before = None
    if days is not None:
        with reading(engine) as reader:
            before = (reader.scalar(select(now_ms())) or 0) - int(days * _DAY_MS)
    conditions = _conditions(Chosen(until=before, session=session))
    if dry_run:
        with reading(engine) as reader:
            query = select(func.count()).select_from(searches).where(*conditions)
            return reader.scalar(query) or 0
    done = 0
    while removed := retry.run(engine, partial(_remove, conditions=conditions)):
        done += removed
        on_progress(removed)
    return done


def _conditions(chosen: Chosen | None) -> list[ColumnElement[bool]]:
    if chosen is None:
        return []
    columns = searches.c
    found: list[ColumnElement[bool]] = []
    if chosen.since is not None:
        found.append(columns.at >= chosen.since)
    if chosen.until is not None:
        found.append(columns.at < chosen.until)
    if chosen.bucket is not None:
        found.append(columns.bucket == label(chosen.bucket))
    if chosen.session is not None:
        found.append(columns.session == opaque(chosen.session))
    if chosen.query is not None:
        found.append(columns.query == clean(chosen.query))
    return found


def _remove(session: Session, conditions: list[ColumnElement[bool]]) -> int:
    ids = list(session.scalars(select(searches.c.id).where(*conditions).limit(PAGE)))
    if ids:
        session.execute(delete(searches).where(searches.c.id.in_(ids)))
    return len(ids)


def _insert(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    session.execute(ignoring(session, searches), rows)


def _row(record: SearchRecord) -> dict[str, Any]:
    names = ("id", "at", "session", "bucket", "generation", "query")
    return {**{name: getattr(record, name) for name in names}, "record": record.to_json()}


def _hurry(connection: Any, _record: Any) -> None:  # noqa: ANN401 - of the driver
    connection.execute(f"PRAGMA busy_timeout = {PATIENCE_S * 1000}")
