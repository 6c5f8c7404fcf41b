"""Filters of the embedded index: from values to the rows that fulfil them.

Each condition is looked up by itself in an index of the file, so that no document is read for it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

import numpy as np

from search.conditions import ID, NUMBERS, AnyOf, Bound, Condition, Held, Says, Stream, Unstated
from search.embedded.snapshot import Mask, Snapshot, integers
from search.index import Filters

_COLUMNS = (ID, "city", "category", "company")


@dataclass(frozen=True, slots=True)
class Lookup:
    """Looks conditions up in one transaction; masks that it returns must not be changed."""

    connection: sqlite3.Connection
    state: Snapshot

    def allowed(self, filters: Filters | None) -> Mask:
        """Return the open documents that pass the filters."""
        found = self.state.open
        for one in _wanted(filters) if filters is not None else ():
            found = found & (self.any_of(one) if isinstance(one, tuple) else self.fulfilling(one))
        if filters is not None:
            if filters.salary_at_least is not None:
                found = found & (
                    self.state.number(self.connection, "pay") >= filters.salary_at_least
                )
            for refused in filters.must_not:
                found = found & ~self.fulfilling(refused)
        return found

    def any_of(self, group: AnyOf) -> Mask:
        """Return what fulfils one of the conditions."""
        if len(group) == 1:
            return self.fulfilling(group[0])
        found = np.zeros(self.state.size, dtype=np.bool_)
        for one in group:
            found |= self.fulfilling(one)
        return found

    def fulfilling(self, one: Condition) -> Mask:
        """Return what fulfils a condition."""
        if isinstance(one, Held) and one.field == ID:
            return self._fulfilling(one)  # other ids each time: not worth keeping
        return self.state.keep(one, lambda: self._fulfilling(one))

    def _fulfilling(self, one: Condition) -> Mask:
        match one:
            case Held(field, values):
                return self._held(field, values)
            case Bound(field, at_least, at_most):
                column = self.state.number(self.connection, field)
                found = ~np.isnan(column)
                if at_least is not None:
                    found &= column >= at_least
                if at_most is not None:
                    found &= column <= at_most
                return found
            case Unstated(field):
                return self.state.open & ~self._stated(field)
            case Says(tokens, stream):
                expression = phrase(tokens, stream)
                if expression is None:
                    return np.zeros(self.state.size, dtype=np.bool_)
                return self._mask("SELECT rowid FROM streams WHERE streams MATCH ?", expression)
            case _:
                assert_never(one)

    def _held(self, field: str, values: Sequence[str]) -> Mask:
        marks = ", ".join("?" * len(values))
        if field in _COLUMNS or field == "gender":
            sql = f"SELECT row FROM docs WHERE {_column(field)} IN ({marks})"  # noqa: S608
            return self._mask(sql, *values)
        sql = f"SELECT row FROM holds WHERE kind = ? AND value IN ({marks})"  # noqa: S608
        return self._mask(sql, field, *values)

    def _stated(self, field: str) -> Mask:
        if field in NUMBERS:
            return ~np.isnan(self.state.number(self.connection, field))
        if field in _COLUMNS or field == "gender":
            return self._mask(f"SELECT row FROM docs WHERE {_column(field)} > ''")  # noqa: S608
        return self._mask("SELECT row FROM holds WHERE kind = ?", field)

    def _mask(self, sql: str, *values: str) -> Mask:
        return self.state.mask(integers(self.connection.execute(sql, values)))


def phrase(tokens: Sequence[str], stream: Stream) -> str | None:
    """Return the FTS5 expression of a phrase; None where no stored text can hold it."""
    # SQLite ends a text at NUL; no indexed token holds one.
    if not tokens or any("\0" in token for token in tokens):
        return None
    return f"{stream}_chars : {quoted(tokens)}"


def quoted(tokens: Sequence[str]) -> str:
    """Return tokens as an FTS5 phrase: in quotes, none of them is syntax."""
    return '"' + " ".join(tokens).replace('"', '""') + '"'


def _wanted(filters: Filters) -> list[Condition | AnyOf]:
    found: list[Condition | AnyOf] = []
    for name in ("city", "category", "company", "job_type"):
        value = getattr(filters, name)
        if value is not None:
            found.append(Held(name, (value,)))
    found += [Held("benefit", (value,)) for value in filters.benefit]
    return found + list(filters.must)


def _column(field: str) -> str:
    """Return the expression of a field, as the indexes of the file have it."""
    return field if field in _COLUMNS else f"json_extract(filter, '$.{field}')"
