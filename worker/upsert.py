"""Inserting rows that may be there already, one form for every dialect.

Each statement takes a list of rows; all of them must name the same columns.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnCollection, CursorResult, Table
from sqlalchemy.dialects import mysql, postgresql, sqlite
from sqlalchemy.orm import Session

Row = Mapping[str, Any]
Excluded = ColumnCollection[str, Any]
"""The columns of the row that could not be inserted, for use in the update."""


def insert_missing(session: Session, table: Table, row: Row) -> bool:
    """Insert one row unless its key is there; tell whether it was inserted."""
    return inserted(session, _insert(session, table, None).values(**row)) == 1


def inserted(
    session: Session,
    statement: Any,  # noqa: ANN401 - each dialect has its class
    rows: Sequence[Row] | None = None,
) -> int:
    """Run an INSERT, of many rows where they are given, and return how many it made."""
    # Without the option the count of an INSERT is not kept.
    counted = {"preserve_rowcount": True}
    result = session.execute(statement, rows, execution_options=counted)
    return max(int(result.rowcount), 0) if isinstance(result, CursorResult) else 0


def upsert(
    session: Session,
    table: Table,
    rows: Sequence[Row],
    changes: Callable[[Excluded], dict[str, Any]],
) -> None:
    """Insert rows; where the key is there already, apply ``changes`` to the stored row."""
    if rows:
        session.execute(_insert(session, table, changes), [dict(row) for row in rows])


def ignoring(session: Session, table: Table) -> Any:  # noqa: ANN401 - each dialect has its class
    """Return an INSERT that leaves rows alone whose key is there."""
    return _insert(session, table, None)


def _insert(
    session: Session, table: Table, changes: Callable[[Excluded], dict[str, Any]] | None
) -> Any:  # noqa: ANN401
    dialect = session.get_bind().dialect.name
    if dialect in {"mysql", "mariadb"}:
        plain = mysql.insert(table)
        # An update to the same key would count the row as inserted (the driver asks for rows
        # found, not changed).
        if changes is None:
            return plain.prefix_with("IGNORE")
        return plain.on_duplicate_key_update(changes(plain.inserted))
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    statement = insert(table)
    if changes is None:
        return statement.on_conflict_do_nothing()
    keys = list(table.primary_key)
    return statement.on_conflict_do_update(index_elements=keys, set_=changes(statement.excluded))
