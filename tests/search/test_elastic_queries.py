"""Queries as JSON: what is asked, and that user text is never anything but a value."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from search.elastic.queries import (
    NOTHING,
    NUM_CANDIDATES,
    body_of,
    conditions,
    cosine,
    knn_clause,
    position_clause,
    text_clause,
)
from search.index import Filters, Phrase, PositionQuery, TextQuery, VectorQuery

OPEN = {"term": {"state": {"value": "open"}}}
PARSED = {"query_string", "simple_query_string", "script", "script_score", "regexp", "wildcard"}


def keys(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set(value).union(*map(keys, value.values()))
    return set().union(*map(keys, value)) if isinstance(value, list) else set()


def test_nothing_asked_finds_nothing() -> None:
    assert text_clause(TextQuery(()), None) == NOTHING
    assert text_clause(TextQuery((Phrase(()),)), None)["bool"]["must"] == [NOTHING]
    assert position_clause(PositionQuery(()), None)["bool"]["must"] == [NOTHING]


def test_only_open_posts_answer() -> None:
    assert conditions(None) == [OPEN]
    assert conditions(Filters()) == [OPEN]
    for none in (None, Filters()):
        assert "filter" not in body_of(VectorQuery((1.0,), "s"), none, "f")["knn"]


def test_filters_stand_inside_the_knn_clause() -> None:
    filters = Filters(city="北京", benefit=("包住", "包吃"))
    clause = knn_clause(VectorQuery((1.0, 0.0), "s", 0.3, 50), filters, "match.v")
    assert [OPEN, *clause["filter"]] == conditions(filters)
    assert len(clause["filter"]) == 3
    assert (clause["k"], clause["similarity"]) == (50, 0.3)
    assert clause["num_candidates"] >= max(50, NUM_CANDIDATES)
    deep = knn_clause(VectorQuery((1.0,), "s", depth=10_000), None, "f")
    assert deep["num_candidates"] == deep["k"] == 10_000


def test_a_score_is_told_as_its_cosine() -> None:
    assert (cosine(1.0), cosine(0.5), cosine(0.0)) == (1.0, 0.0, -1.0)


def test_words_add_to_the_score_and_the_phrase_decides() -> None:
    part = Phrase(("服", "务", "员"), "offer", ("服务员", "餐厅"), ("waiter",))
    (clause,) = text_clause(TextQuery((part,)), None)["bool"]["must"]
    phrase, held = clause["bool"]["should"]
    assert clause["bool"]["minimum_should_match"] == 1
    assert phrase["bool"]["must"] == [
        {"match_phrase": {"match.offer_chars": {"query": "服 务 员"}}}
    ]
    assert [next(iter(w["term"])) for w in phrase["bool"]["should"]] == ["match.offer_words"] * 2
    assert held["constant_score"]["filter"] == {"terms": {"match.positions": ["waiter"]}}


phrases = st.builds(
    Phrase,
    st.lists(st.text(min_size=1), max_size=3).map(tuple),
    st.sampled_from(("text", "offer", "plain", "title")),
    st.lists(st.text(), max_size=2).map(tuple),
    st.lists(st.text(), max_size=2).map(tuple),
)
filters = st.builds(Filters, city=st.none() | st.text(), company=st.none() | st.text())


@given(st.lists(phrases, max_size=3).map(tuple), filters)
def test_no_text_reaches_a_query_parser(parts: tuple[Phrase, ...], wanted: Filters) -> None:
    body = body_of(TextQuery(parts), wanted, "f")
    assert not keys(body) & PARSED
    assert json.loads(json.dumps(body)) == body
