"""From the query values of ``search.index`` to the JSON that Elasticsearch is asked: pure.

Every token goes into term and phrase queries of fields with the whitespace analyzer: nothing that
a user typed reaches a query parser, and nothing is scripted.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from search.index import Filters, Phrase, PositionQuery, TextQuery, VectorQuery

POSITION_BOOST = 10.0
"""Added for a part whose position the post really hires for, as on the embedded index."""
NUM_CANDIDATES = 400
"""Neighbours that kNN looks at on each shard, at least; chosen by measurement (docs/knn.md)."""
OVERSAMPLE: float | None = None
"""Where vectors are quantised: how many more are scored again exactly; None: they are not."""

Clause = dict[str, Any]
SORT: tuple[Clause, ...] = ({"_score": "desc"}, {"id": "asc"})
"""Best first; equal scores in the order of ids."""
NOTHING: Clause = {"match_none": {}}

_CHARS = {
    "text": "match.text_chars",
    "offer": "match.offer_chars",
    "plain": "plain.text",
    "title": "plain.title",
}
_WORDS = {"text": "match.text_words", "offer": "match.offer_words"}


def text_clause(query: TextQuery, filters: Filters | None) -> Clause:
    """Return the query of a text query: all parts must match."""
    if not query.parts:
        return NOTHING
    return {"bool": {"must": [_part(part) for part in query.parts], "filter": conditions(filters)}}


def position_clause(query: PositionQuery, filters: Filters | None) -> Clause:
    """Return the query of a position query: one point for each position and tag that is held."""
    wanted = [_held("match.positions", query.positions)]
    wanted += [_held(f"match.tags.{name}", values) for name, values in query.tags.items()]
    return {"bool": {"must": wanted, "filter": conditions(filters)}}


def knn_clause(query: VectorQuery, filters: Filters | None, field: str) -> Clause:
    """Return the kNN section: the filters stand in it, so that they take nothing from its depth.

    A closed post has no vector, so that its state need not be asked for.
    """
    clause: Clause = {
        "field": field,
        "query_vector": list(query.vector),
        "k": query.depth,
        "num_candidates": max(query.depth, NUM_CANDIDATES),
        "similarity": query.floor,
    }
    if filters is not None and (wanted := _wanted(filters)):
        clause["filter"] = wanted
    if OVERSAMPLE is not None:
        clause["rescore_vector"] = {"oversample": OVERSAMPLE}
    return clause


def cosine(score: float) -> float:
    """Return the cosine of a kNN score, which is (1 + cosine) / 2."""
    return 2 * score - 1


def conditions(filters: Filters | None) -> list[Clause]:
    """Return the hard conditions: open posts only, and those of the filters."""
    found = [_term("state", "open")]
    return found if filters is None else found + _wanted(filters)


def _wanted(filters: Filters) -> list[Clause]:
    found: list[Clause] = []
    for name in ("city", "category", "company", "job_type"):
        value = getattr(filters, name)
        if value is not None:
            found.append(_term(f"filter.{name}", value))
    found += [_term("filter.benefit", value) for value in filters.benefit]
    if filters.salary_at_least is not None:
        found.append(_pays(filters.salary_at_least))
    return found


def _part(part: Phrase) -> Clause:
    ways: list[Clause] = []
    if part.tokens:
        ways.append(_phrase(part))
    if part.positions:
        ids = {"terms": {"match.positions": sorted(part.positions)}}
        ways.append({"constant_score": {"filter": ids, "boost": POSITION_BOOST}})
    return {"bool": {"should": ways, "minimum_should_match": 1}} if ways else NOTHING


def _phrase(part: Phrase) -> Clause:
    phrase = {"match_phrase": {_CHARS[part.stream]: {"query": " ".join(part.tokens)}}}
    field = _WORDS.get(part.stream)
    if field is None or not part.words:
        return phrase
    # The phrase decides, the words only add to BM25.
    words = [_term(field, word) for word in part.words]
    return {"bool": {"must": [phrase], "should": words}}


def _held(field: str, values: Sequence[str]) -> Clause:
    if not values:
        return NOTHING
    each = [
        {"constant_score": {"filter": _term(field, value), "boost": 1.0}} for value in _once(values)
    ]
    return {"bool": {"should": each, "minimum_should_match": 1}}


def _pays(least: float) -> Clause:
    """The upper end counts, the lower one where there is no upper."""
    if not least < math.inf:
        return NOTHING  # JSON has no such number, nor one that is not a number
    low = {
        "bool": {
            "must_not": [{"exists": {"field": "filter.salary_max"}}],
            "filter": [_at_least("filter.salary_min", least)],
        }
    }
    ways = [_at_least("filter.salary_max", least), low]
    return {"bool": {"should": ways, "minimum_should_match": 1}}


def _at_least(field: str, value: float) -> Clause:
    return {"range": {field: {"gte": max(value, -sys.float_info.max)}}}


def _term(field: str, value: str) -> Clause:
    return {"term": {field: {"value": value}}}


def _once(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(values))


def body_of(
    query: TextQuery | PositionQuery | VectorQuery, filters: Filters | None, field: str
) -> Mapping[str, Any]:
    """Return the part of a search request that says what is looked for."""
    match query:
        case TextQuery():
            return {"query": text_clause(query, filters)}
        case PositionQuery():
            return {"query": position_clause(query, filters)}
        case VectorQuery():
            return {"knn": knn_clause(query, filters, field)}
