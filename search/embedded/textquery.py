"""Text, position and filter queries of the embedded index: from values to rows and scores."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeGuard

import numpy as np

from search.conditions import Boost, Condition, Held, Says
from search.embedded.conditions import Lookup, phrase, quoted
from search.embedded.snapshot import Found, Mask, Scores, integers, pairs
from search.index import Either, FilterQuery, Filters, Phrase, PositionQuery, TextQuery

POSITION_BOOST = 10.0
"""Added for a part whose position the post really hires for: above any difference of wording."""
OWN_BOOST = 1.0
"""Added for a part's own words where others would do: above each of those."""

_BM25 = "SELECT rowid, -bm25(streams) FROM streams WHERE streams MATCH ?"
_ROWS = "SELECT rowid FROM streams WHERE streams MATCH ?"
_HOLDERS = "SELECT row, count(*) FROM holds WHERE kind = ? AND value IN ({}) GROUP BY row"


def text_scores(look: Lookup, query: TextQuery, filters: Filters | None) -> Found:
    """Return the score of every open document in which all parts match."""
    allowed = look.allowed(filters) if query.parts else np.zeros(look.state.size, dtype=np.bool_)
    scores = np.zeros(look.state.size)
    for part in query.parts:
        if not allowed.any():
            break
        phrases = part.phrases if isinstance(part, Either) else (part,)
        found, more = _added(look, [_part_scores(look, one) for one in phrases])
        allowed = allowed & found
        scores += more
    return _boosted(look, allowed, scores, query.boosts)


def filter_scores(look: Lookup, query: FilterQuery, filters: Filters | None) -> Found:
    """Return every open document that passes the filters."""
    return _boosted(look, look.allowed(filters), np.zeros(look.state.size), query.boosts)


def position_scores(look: Lookup, query: PositionQuery, filters: Filters | None) -> Found:
    """Return how many of the asked positions and tags each document holds."""
    allowed = look.allowed(filters)
    scores = np.zeros(look.state.size)
    asked = [("position", query.positions)]
    asked += [(f"tag:{name}", values) for name, values in query.tags.items()]
    for kind, values in asked:
        found, more = _added(look, [_holders(look, kind, values)])
        allowed = allowed & found
        scores += more
    return _boosted(look, allowed, scores, ())


def _part_scores(look: Lookup, part: Phrase) -> Found:
    ways: list[Found] = []
    own = _own_words(look, part)
    if own is not None:
        more = OWN_BOOST if part.alternatives else 0.0
        ways.append(Found(own.rows, own.scores + more))
    if part.positions:
        ways.append(_even(look.fulfilling(Held("position", part.positions)), POSITION_BOOST))
    if part.alternatives:
        ways.append(_best_alternative(look, part))
    mask, scores = _added(look, ways)
    rows = np.flatnonzero(mask)
    return Found(rows, scores[rows])


def _own_words(look: Lookup, part: Phrase) -> Found | None:
    """Return what holds the phrase, by BM25; None where no stored text can hold it.

    The phrase decides, the words only add to the score. It is a sum over phrases, so that each is
    asked by itself: ``whole AND (whole OR words)`` would look for the phrase four times.
    """
    whole = phrase(part.tokens, part.stream)
    if whole is None or any("\0" in word for word in part.words):
        return None
    found = _bm25(look, whole)
    if part.stream in ("plain", "title") or not part.words:
        return found
    scores = np.zeros(look.state.size)
    scores[found.rows] = found.scores + found.scores
    for word in part.words:
        more = _bm25(look, f"{part.stream}_words : {quoted([word])}")
        scores[more.rows] += more.scores
    return Found(found.rows, scores[found.rows])


def _bm25(look: Lookup, expression: str) -> Found:
    def ask() -> Scores:
        found = pairs(look.connection.execute(_BM25, (expression,)))
        return np.stack((found.rows.astype(np.float64), found.scores))

    rows, scores = look.state.keep(("bm25", expression), ask)
    return Found(rows.astype(np.int64), scores)


def _best_alternative(look: Lookup, part: Phrase) -> Found:
    best = np.zeros(look.state.size)
    for weight in sorted({one.weight for one in part.alternatives}):
        group = [c for one in part.alternatives if one.weight == weight for c in one.any_of]
        best[_fulfilling(look, group)] = weight
    rows = np.flatnonzero(best)
    return Found(rows, best[rows])


def _fulfilling(look: Lookup, group: Sequence[Condition]) -> Mask:
    """Return what fulfils one of the conditions; words and ids are looked up at once."""
    said = (phrase(one.tokens, one.stream) for one in group if isinstance(one, Says))
    ids = tuple(dict.fromkeys(v for one in group if _is_position(one) for v in one.values))
    found = look.any_of(tuple(one for one in group if not (_is_said(one) or _is_position(one))))
    if ids:
        found = found | look.fulfilling(Held("position", ids))
    if expression := " OR ".join(f"({way})" for way in said if way is not None):
        found = found | look.state.keep(
            ("said", expression),
            lambda: look.state.mask(integers(look.connection.execute(_ROWS, (expression,)))),
        )
    return found


def _is_said(one: Condition) -> bool:
    return isinstance(one, Says)


def _is_position(one: Condition) -> TypeGuard[Held]:
    return isinstance(one, Held) and one.field == "position"


def _even(mask: Mask, score: float) -> Found:
    rows = np.flatnonzero(mask)
    return Found(rows, np.full(len(rows), score))


def _added(look: Lookup, some: Iterable[Found]) -> tuple[Mask, Scores]:
    mask, total = np.zeros(look.state.size, dtype=np.bool_), np.zeros(look.state.size)
    for found in some:
        mask[found.rows] = True
        total[found.rows] += found.scores
    return mask, total


def _boosted(look: Lookup, found: Mask, scores: Scores, boosts: Sequence[Boost]) -> Found:
    rows = np.flatnonzero(found)
    chosen = scores[rows]
    if len(rows):
        for boost in boosts:
            chosen[look.any_of(boost.any_of)[rows]] += boost.weight
    return Found(rows, chosen)


def _holders(look: Lookup, kind: str, values: Sequence[str]) -> Found:
    sql = _HOLDERS.format(", ".join("?" * len(values)))
    return pairs(look.connection.execute(sql, (kind, *values)))
