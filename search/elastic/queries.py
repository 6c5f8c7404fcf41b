"""From the query values of ``search.index`` to the JSON that Elasticsearch is asked: pure.

Every token goes into term and phrase queries of fields with the whitespace analyzer: nothing that
a user typed reaches a query parser, and nothing is scripted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from search.conditions import Boost
from search.elastic.conditions import NOTHING, Clause, any_of, conditions, phrase, term, wanted
from search.index import (
    Either,
    FilterQuery,
    Filters,
    Phrase,
    PositionQuery,
    Query,
    TextQuery,
    VectorQuery,
)

POSITION_BOOST = 10.0
"""Added for a part whose position the post really hires for, as on the embedded index."""
OWN_BOOST = 1.0
"""Added for a part's own words where others would do, as on the embedded index."""
NUM_CANDIDATES = 400
"""Neighbours that kNN looks at on each shard, at least; chosen by measurement (docs/knn.md)."""
OVERSAMPLE: float | None = None
"""Where vectors are quantised: how many more are scored again exactly; None: they are not."""

SORT: tuple[Clause, ...] = ({"_score": "desc"}, {"id": "asc"})
"""Best first; equal scores in the order of ids."""

_WORDS = {"text": "match.text_words", "offer": "match.offer_words"}


def text_clause(query: TextQuery, filters: Filters | None) -> Clause:
    """Return the query of a text query: all parts must match."""
    if not query.parts:
        return NOTHING
    clause: Clause = {"must": [_part(part) for part in query.parts], "filter": conditions(filters)}
    return {"bool": clause | _boosted(query.boosts)}


def filter_clause(query: FilterQuery, filters: Filters | None) -> Clause:
    """Return the query of everything that passes the filters."""
    return {"bool": {"filter": conditions(filters)} | _boosted(query.boosts)}


def position_clause(query: PositionQuery, filters: Filters | None) -> Clause:
    """Return the query of a position query: one point for each position and tag that is held."""
    held = [_held("match.positions", query.positions)]
    held += [_held(f"match.tags.{name}", values) for name, values in query.tags.items()]
    return {"bool": {"must": held, "filter": conditions(filters)}}


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
    if filters is not None and (hard := wanted(filters)):
        clause["filter"] = hard
    if OVERSAMPLE is not None:
        clause["rescore_vector"] = {"oversample": OVERSAMPLE}
    return clause


def cosine(score: float) -> float:
    """Return the cosine of a kNN score, which is (1 + cosine) / 2."""
    return 2 * score - 1


def _part(part: Phrase | Either) -> Clause:
    phrases = part.phrases if isinstance(part, Either) else (part,)
    ways = [way for one in phrases for way in _ways(one)]
    return {"bool": {"should": ways, "minimum_should_match": 1}} if ways else NOTHING


def _ways(part: Phrase) -> Iterable[Clause]:
    if part.tokens:
        yield _own(part)
    if part.positions:
        yield _fixed({"terms": {"match.positions": sorted(part.positions)}}, POSITION_BOOST)
    if part.alternatives:
        others = [_fixed(any_of(one.any_of), one.weight) for one in part.alternatives]
        yield {"dis_max": {"queries": others}}  # the best of them counts


def _own(part: Phrase) -> Clause:
    whole = phrase(part.tokens, part.stream)
    field = _WORDS.get(part.stream)
    # The phrase decides, the words only add to BM25.
    more = [] if field is None else [term(field, word) for word in part.words]
    if part.alternatives:
        more.append(_fixed({"match_all": {}}, OWN_BOOST))
    return {"bool": {"must": [whole], "should": more}} if more else whole


def _boosted(boosts: Sequence[Boost]) -> Clause:
    """Return the clauses that only add to the score; without any nothing stands there."""
    found = [_fixed(any_of(boost.any_of), boost.weight) for boost in boosts]
    return {"should": found, "minimum_should_match": 0} if found else {}


def _fixed(condition: Clause, score: float) -> Clause:
    return {"constant_score": {"filter": condition, "boost": score}}


def _held(field: str, values: Sequence[str]) -> Clause:
    if not values:
        return NOTHING
    each = [_fixed(term(field, value), 1.0) for value in dict.fromkeys(values)]
    return {"bool": {"should": each, "minimum_should_match": 1}}


def body_of(query: Query, filters: Filters | None, field: str) -> Mapping[str, Any]:
    """Return the part of a search request that says what is looked for."""
    match query:
        case TextQuery():
            return {"query": text_clause(query, filters)}
        case FilterQuery():
            return {"query": filter_clause(query, filters)}
        case PositionQuery():
            return {"query": position_clause(query, filters)}
        case VectorQuery():
            return {"knn": knn_clause(query, filters, field)}
