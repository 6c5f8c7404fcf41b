"""Text, position and filter queries of the embedded index: from values to SQL and scores."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import TypeGuard

from search.conditions import Boost, Condition, Held, Says
from search.embedded.conditions import any_of, conditions, phrase, quoted
from search.index import Either, FilterQuery, Filters, Phrase, PositionQuery, TextQuery

POSITION_BOOST = 10.0
"""Added for a part whose position the post really hires for: above any difference of wording."""
OWN_BOOST = 1.0
"""Added for a part's own words where others would do: above each of those."""

Scores = dict[int, float]

_BM25 = (
    "SELECT d.row, -bm25(streams) FROM streams JOIN docs d ON d.row = streams.rowid"
    " WHERE streams MATCH ? AND "
)
_ROWS = "SELECT d.row FROM streams JOIN docs d ON d.row = streams.rowid WHERE streams MATCH ? AND "
_HOLDERS = (
    "SELECT d.row, count(*) FROM holds h JOIN docs d ON d.row = h.row WHERE h.kind = ? AND h.value"
)


def text_scores(
    connection: sqlite3.Connection, query: TextQuery, filters: Filters | None
) -> Scores:
    """Return the score of every open document in which all parts match, by row."""
    scores: Scores | None = None
    for part in query.parts:
        phrases = part.phrases if isinstance(part, Either) else (part,)
        found = _added(_part_scores(connection, one, filters) for one in phrases)
        if scores is None:
            scores = found
        else:
            scores = {row: scores[row] + found[row] for row in scores.keys() & found.keys()}
        if not scores:
            return {}
    return _boosted(connection, scores or {}, query.boosts)


def filter_scores(
    connection: sqlite3.Connection, query: FilterQuery, filters: Filters | None
) -> Scores:
    """Return every open document that passes the filters, by row."""
    scores = dict.fromkeys(allowed_rows(connection, filters), 0.0)
    return _boosted(connection, scores, query.boosts)


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
    where, values = conditions(filters)
    found = connection.execute(f"SELECT d.row FROM docs d WHERE {where}", values)  # noqa: S608
    return {row for (row,) in found}


def match_expression(part: Phrase) -> str | None:
    """Return the FTS5 expression of a part; None where no stored text can match it."""
    whole = phrase(part.tokens, part.stream)
    if whole is None or any("\0" in word for word in part.words):
        return None
    if part.stream in ("plain", "title") or not part.words:
        return whole
    # The phrase decides, the words only add to BM25.
    words = " OR ".join(f"{part.stream}_words : {quoted([word])}" for word in part.words)
    return f"({whole}) AND (({whole}) OR {words})"


def _part_scores(connection: sqlite3.Connection, part: Phrase, filters: Filters | None) -> Scores:
    where, values = conditions(filters)
    own = OWN_BOOST if part.alternatives else 0.0
    ways: list[Scores] = []
    expression = match_expression(part)
    if expression is not None:
        found = connection.execute(_BM25 + where, (expression, *values))
        ways.append({row: score + own for row, score in found})
    ways.append(
        dict.fromkeys(_holders(connection, "position", part.positions, filters), POSITION_BOOST)
    )
    best: Scores = {}
    for weight in sorted({one.weight for one in part.alternatives}):
        group = [c for one in part.alternatives if one.weight == weight for c in one.any_of]
        best.update(dict.fromkeys(_fulfilling(connection, group, filters), weight))
    return _added((*ways, best))


def _fulfilling(
    connection: sqlite3.Connection, group: Sequence[Condition], filters: Filters | None
) -> set[int]:
    """Return the rows that fulfil one of the conditions; words and ids are looked up at once."""
    where, values = conditions(filters)
    said = (phrase(one.tokens, one.stream) for one in group if isinstance(one, Says))
    ids = [v for one in group if _is_position(one) for v in one.values]
    rows = set(_holders(connection, "position", list(dict.fromkeys(ids)), filters))
    if expression := " OR ".join(f"({way})" for way in said if way is not None):
        found = connection.execute(_ROWS + where, (expression, *values))
        rows.update(row for (row,) in found)
    others = tuple(one for one in group if not (isinstance(one, Says) or _is_position(one)))
    if others:
        sql, more = any_of(others)
        found = connection.execute(
            f"SELECT d.row FROM docs d WHERE {sql} AND {where}",  # noqa: S608
            (*more, *values),
        )
        rows.update(row for (row,) in found)
    return rows


def _is_position(one: Condition) -> TypeGuard[Held]:
    return isinstance(one, Held) and one.field == "position"


def _added(scores: Iterable[Scores]) -> Scores:
    total: Scores = {}
    for found in scores:
        for row, score in found.items():
            total[row] = total.get(row, 0.0) + score
    return total


def _boosted(connection: sqlite3.Connection, scores: Scores, boosts: Sequence[Boost]) -> Scores:
    if not scores:
        return scores
    for boost in boosts:
        sql, values = any_of(boost.any_of)
        found = connection.execute(f"SELECT d.row FROM docs d WHERE {sql}", values)  # noqa: S608
        for (row,) in found:
            if row in scores:
                scores[row] += boost.weight
    return scores


def _holders(
    connection: sqlite3.Connection, kind: str, values: Sequence[str], filters: Filters | None
) -> Scores:
    if not values:
        return {}
    where, more = conditions(filters)
    marks = ", ".join("?" * len(values))
    sql = f"{_HOLDERS} IN ({marks}) AND {where} GROUP BY d.row"
    found = connection.execute(sql, (kind, *values, *more))
    return {row: float(count) for row, count in found}
