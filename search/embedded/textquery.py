"""Text, position and filter queries of the embedded index: from values to SQL and scores."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from search.index import Filters, Phrase, PositionQuery, TextQuery

POSITION_BOOST = 10.0
"""Added for a part whose position the post really hires for: above any difference of wording."""

Scores = dict[int, float]

_BM25 = (
    "SELECT d.row, -bm25(streams) FROM streams JOIN docs d ON d.row = streams.rowid"
    " WHERE streams MATCH ? AND "
)
_HOLDERS = (
    "SELECT d.row, count(*) FROM holds h JOIN docs d ON d.row = h.row WHERE h.kind = ? AND h.value"
)


def text_scores(
    connection: sqlite3.Connection, query: TextQuery, filters: Filters | None
) -> Scores:
    """Return the score of every open document in which all parts match, by row."""
    scores: Scores | None = None
    for part in query.parts:
        found = _part_scores(connection, part, filters)
        if scores is None:
            scores = found
        else:
            scores = {row: scores[row] + found[row] for row in scores.keys() & found.keys()}
        if not scores:
            return {}
    return scores or {}


def position_scores(
    connection: sqlite3.Connection, query: PositionQuery, filters: Filters | None
) -> Scores:
    """Return how many of the asked positions and tags each document holds, by row."""
    scores = _holders(connection, "position", query.positions, filters)
    for name, values in query.tags.items():
        found = _holders(connection, f"tag:{name}", values, filters)
        scores = {row: scores[row] + found[row] for row in scores.keys() & found.keys()}
    return scores


def allowed_rows(connection: sqlite3.Connection, filters: Filters | None) -> set[int]:
    """Return the rows of all open documents that pass the filters."""
    where, values = _conditions(filters)
    found = connection.execute(f"SELECT d.row FROM docs d WHERE {where}", values)  # noqa: S608
    return {row for (row,) in found}


def match_expression(part: Phrase) -> str:
    """Return the FTS5 expression of a part; every token stands in quotes, so none is syntax."""
    phrase = f"{part.stream}_chars : {_quoted(part.tokens)}"
    if part.stream in ("plain", "title") or not part.words:
        return phrase
    # The phrase decides, the words only add to BM25.
    words = " OR ".join(f"{part.stream}_words : {_quoted([word])}" for word in part.words)
    return f"({phrase}) AND (({phrase}) OR {words})"


def _part_scores(connection: sqlite3.Connection, part: Phrase, filters: Filters | None) -> Scores:
    scores: Scores = {}
    # SQLite ends a text at NUL; no indexed token holds one.
    if part.tokens and not any("\0" in token for token in (*part.tokens, *part.words)):
        where, values = _conditions(filters)
        sql = _BM25 + where
        found = connection.execute(sql, (match_expression(part), *values))
        scores = dict(found.fetchall())
    for row in _holders(connection, "position", part.positions, filters):
        scores[row] = scores.get(row, 0.0) + POSITION_BOOST
    return scores


def _holders(
    connection: sqlite3.Connection, kind: str, values: Sequence[str], filters: Filters | None
) -> Scores:
    if not values:
        return {}
    where, more = _conditions(filters)
    marks = ", ".join("?" * len(values))
    sql = f"{_HOLDERS} IN ({marks}) AND {where} GROUP BY d.row"
    found = connection.execute(sql, (kind, *values, *more))
    return {row: float(count) for row, count in found}


def _conditions(filters: Filters | None) -> tuple[str, list[str | float]]:
    parts = ["d.state = 'open'"]
    values: list[str | float] = []
    if filters is None:
        return parts[0], values
    for name in ("city", "category", "company"):
        value = getattr(filters, name)
        if value is not None:
            parts.append(f"d.{name} = ?")
            values.append(value)
    if filters.salary_at_least is not None:
        parts.append("d.pay >= ?")
        values.append(filters.salary_at_least)
    wanted = [("benefit", value) for value in filters.benefit]
    if filters.job_type is not None:
        wanted.append(("job_type", filters.job_type))
    for kind, value in wanted:
        parts.append(
            "EXISTS (SELECT 1 FROM holds x WHERE x.kind = ? AND x.value = ? AND x.row = d.row)"
        )
        values.extend((kind, value))
    return " AND ".join(parts), values


def _quoted(tokens: Sequence[str]) -> str:
    return '"' + " ".join(tokens).replace('"', '""') + '"'
