"""Filters of the embedded index: from values to the SQL that decides about a row ``d`` of docs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from search.conditions import NUMBERS, AnyOf, Bound, Condition, Held, Says, Stream, Unstated
from search.index import Filters

Value = str | float
Sql = tuple[str, list[Value]]
"""An expression and the values of its marks."""

_COLUMNS = {"city": "d.city", "category": "d.category", "company": "d.company", "pay": "d.pay"}
_NEVER = "0"
_FEW = 8
"""Up to so many values are looked up for each row, more of them once for all rows."""


def conditions(filters: Filters | None) -> Sql:
    """Return what decides whether an open document passes the filters."""
    parts = ["d.state = 'open'"]
    values: list[Value] = []
    for sql, more in _wanted(filters) if filters is not None else ():
        parts.append(sql)
        values.extend(more)
    return " AND ".join(parts), values


def any_of(group: AnyOf) -> Sql:
    """Return what decides whether one of the conditions holds."""
    if not group:
        return _NEVER, []
    found = [_condition(one) for one in group]
    return f"({' OR '.join(sql for sql, _ in found)})", [v for _, values in found for v in values]


def phrase(tokens: Sequence[str], stream: Stream) -> str | None:
    """Return the FTS5 expression of a phrase; None where no stored text can hold it."""
    # SQLite ends a text at NUL; no indexed token holds one.
    if not tokens or any("\0" in token for token in tokens):
        return None
    return f"{stream}_chars : {quoted(tokens)}"


def quoted(tokens: Sequence[str]) -> str:
    """Return tokens as an FTS5 phrase: in quotes, none of them is syntax."""
    return '"' + " ".join(tokens).replace('"', '""') + '"'


def _wanted(filters: Filters) -> list[Sql]:
    found: list[Sql] = []
    for name in ("city", "category", "company", "job_type"):
        value = getattr(filters, name)
        if value is not None:
            found.append(_condition(Held(name, (value,))))
    found += [_condition(Held("benefit", (value,))) for value in filters.benefit]
    if filters.salary_at_least is not None:
        found.append(("d.pay >= ?", [filters.salary_at_least]))
    found += [any_of(group) for group in filters.must]
    for refused in filters.must_not:
        sql, values = _condition(refused)
        # What is compared with nothing is neither true nor false.
        found.append((f"NOT coalesce({sql}, 0)", values))
    return found


def _condition(one: Condition) -> Sql:
    match one:
        case Held():
            return _held(one)
        case Bound():
            return _bound(one)
        case Unstated(field):
            if field in _COLUMNS or field in NUMBERS or field == "gender":
                return f"{_column(field)} IS NULL", []
            return "NOT EXISTS (SELECT 1 FROM holds x WHERE x.row = d.row AND x.kind = ?)", [field]
        case Says(tokens, stream):
            expression = phrase(tokens, stream)
            if expression is None:
                return _NEVER, []
            return "d.row IN (SELECT rowid FROM streams WHERE streams MATCH ?)", [expression]
        case _:
            assert_never(one)


def _held(one: Held) -> Sql:
    if not one.values:
        return _NEVER, []
    marks = ", ".join("?" * len(one.values))
    if one.field in _COLUMNS or one.field == "gender":
        return f"{_column(one.field)} IN ({marks})", list(one.values)
    where = f"x.kind = ? AND x.value IN ({marks})"
    if len(one.values) <= _FEW:
        sql = f"EXISTS (SELECT 1 FROM holds x WHERE {where} AND x.row = d.row)"  # noqa: S608
    else:
        sql = f"d.row IN (SELECT x.row FROM holds x WHERE {where})"  # noqa: S608
    return sql, [one.field, *one.values]


def _bound(one: Bound) -> Sql:
    column = _column(one.field)
    ends = ((">=", one.at_least), ("<=", one.at_most))
    parts = [f"{column} IS NOT NULL"]
    parts += [f"{column} {sign} ?" for sign, end in ends if end is not None]
    return f"({' AND '.join(parts)})", [end for _, end in ends if end is not None]


def _column(field: str) -> str:
    return _COLUMNS.get(field) or f"json_extract(d.filter, '$.{field}')"
