"""Both back ends give the same answers on random documents, edits, closings and queries."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from services.elastic import Elasticsearch
from services.fixtures import fresh

from search.conditions import Boost, Bound, Condition, Held, Says, Unstated
from search.embedded import EmbeddedIndex
from search.index import (
    Alternative,
    Document,
    Either,
    FilterQuery,
    Filters,
    FilterSection,
    Index,
    MatchSection,
    Phrase,
    PositionQuery,
    Query,
    TextQuery,
    VectorQuery,
)
from search.tokens import GAP
from tests.contract.conftest import elastic_opener

pytestmark = pytest.mark.service
SPACE = "space-1"
TOKENS = ("服", "务", "员", "送", "餐", "c++", "java", "é", "3")
WORDS = ("服务员", "送餐", "餐员")
POSITIONS = ("a", "b", "c")
CITIES = ("北京", "上海")
BENEFITS = ("包住", "包吃")
KINDS = ("全职", "兼职")
IDS = ("003", "017", "no such post")
PLACES = ("北京", "朝阳区", "望京")
DOCUMENTS = 150


def stream(chance: random.Random, tokens: tuple[str, ...]) -> str:
    clauses = [
        " ".join(chance.choices(tokens, k=chance.randint(1, 6)))
        for _ in range(chance.randint(0, 3))
    ]
    return f" {GAP} ".join(clauses)


def some(chance: random.Random, values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(value for value in values if chance.random() < 0.4)


def random_document(chance: random.Random, id_: str, version: int) -> Document:
    if chance.random() < 0.15:
        return Document(id_, version, "closed", "r", "gone")
    vector = tuple(round(chance.gauss(0, 1), 3) for _ in range(4))
    match = MatchSection(
        text_words=stream(chance, WORDS),
        text_chars=stream(chance, TOKENS),
        offer_words=stream(chance, WORDS),
        offer_chars=stream(chance, TOKENS),
        plain_chars=stream(chance, TOKENS),
        title_chars=stream(chance, TOKENS),
        positions=some(chance, POSITIONS),
        tags={
            "benefit": some(chance, BENEFITS),
            "job_type": some(chance, KINDS),
            "location": some(chance, PLACES),
        },
        vector=vector if chance.random() < 0.9 else (),
        named=some(chance, POSITIONS),
        denied=some(chance, BENEFITS),
    )
    section = FilterSection(
        city=chance.choice((None, *CITIES)),
        company=chance.choice((None, "甲")),
        salary_min=chance.choice((None, 2000.0, 5000.0)),
        salary_max=chance.choice((None, 3000.0, 6000.5)),
        job_type=some(chance, KINDS),
        benefit=some(chance, BENEFITS),
        age_min=chance.choice((None, 18)),
        age_max=chance.choice((None, 35, 50)),
        gender=chance.choice((None, "male", "female", "any")),
        education=chance.choice((None, 0, 3, 5)),
        experience=chance.choice((None, 0, 12)),
        updated_at=chance.choice((None, "2026-11-30T08:00:00+00:00", "2026-11-30T08:00:00.5")),
    )
    shown = {"title": id_, "extra": {"a.b": [1, None, {"": "x"}]}}
    return Document(id_, version, "open", "r", "d", match, section, shown, {"version": version})


@pytest.fixture(scope="module")
def pair(
    elasticsearch: Elasticsearch, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Index, Index]]:
    """The same writes, late ones among them, on both back ends."""
    chance = random.Random(20261130)
    embedded = EmbeddedIndex(tmp_path_factory.mktemp("pair") / "i.db", SPACE)
    prefix = fresh(elasticsearch)
    opened = elastic_opener(elasticsearch.url, lambda: prefix)
    elastic = next(opened)(Path("pair"), SPACE)
    for _ in range(4):
        ids = chance.sample(range(DOCUMENTS), k=DOCUMENTS * 2 // 3)
        batch = [random_document(chance, f"{n:03}", chance.randint(1, 5)) for n in ids]
        assert embedded.write(batch) == elastic.write(batch)
    yield embedded, elastic
    next(opened, None)
    elasticsearch.remove(prefix)


tokens = st.lists(st.sampled_from(TOKENS), min_size=1, max_size=3).map(tuple)
positions = st.lists(st.sampled_from((*POSITIONS, "none")), max_size=2, unique=True).map(tuple)
streams = st.sampled_from(("text", "offer", "plain", "title"))
numbers = st.none() | st.sampled_from((-1.0, 0.0, 3.0, 12.0, 20.0, 35.0, 2500.0, 5000.0, 6000.5))
held = st.one_of(
    *(
        st.builds(Held, st.just(field), st.lists(st.sampled_from(values), max_size=2).map(tuple))
        for field, values in (
            ("city", CITIES),
            ("company", ("甲", "乙")),
            ("gender", ("male", "any")),
            ("job_type", KINDS),
            ("benefit", BENEFITS),
            ("position", POSITIONS),
            ("named", POSITIONS),
            ("denied", BENEFITS),
            ("tag:location", PLACES),
            ("id", IDS),
        )
    ),
    # Long lists are read in another way.
    st.just(Held("tag:location", (*(f"地{n}" for n in range(20)), "望京"))),
)
bounds = st.builds(
    Bound,
    st.sampled_from(("pay", "salary_min", "age_min", "age_max", "education", "experience")),
    numbers,
    numbers,
)
unstated = st.builds(
    Unstated,
    st.sampled_from(
        ("city", "gender", "pay", "age_max", "education", "job_type", "position", "tag:location")
    ),
)
conditions: st.SearchStrategy[Condition] = st.one_of(
    held, bounds, unstated, st.builds(Says, tokens | st.just(()), streams)
)
groups = st.lists(conditions, max_size=3).map(tuple)
boosts = st.lists(st.builds(Boost, groups, st.sampled_from((0.25, 0.5, 2.0))), max_size=2).map(
    tuple
)
phrases = st.builds(
    Phrase,
    tokens=tokens | st.just(()),
    stream=streams,
    words=st.lists(st.sampled_from(WORDS), max_size=2).map(tuple),
    positions=positions,
    alternatives=st.lists(
        st.builds(Alternative, groups, st.sampled_from((0.25, 0.5, 0.75))), max_size=3
    ).map(tuple),
)
parts = phrases | st.builds(Either, st.lists(phrases, max_size=3).map(tuple))
vectors = st.tuples(*[st.floats(-1, 1, width=16)] * 4).filter(any)
queries: st.SearchStrategy[Query] = st.one_of(
    st.builds(TextQuery, st.lists(parts, max_size=3).map(tuple), boosts),
    st.builds(FilterQuery, boosts),
    st.builds(
        PositionQuery,
        positions,
        st.dictionaries(
            st.sampled_from(("benefit", "job_type")),
            st.lists(st.sampled_from((*BENEFITS, *KINDS)), max_size=2).map(tuple),
            max_size=2,
        ),
    ),
    st.builds(
        VectorQuery,
        vectors,
        st.just(SPACE),
        floor=st.sampled_from((-1.0, 0.0, 0.25)),
        depth=st.sampled_from((1, 10, 1000)),
    ),
)
filters = st.none() | st.builds(
    Filters,
    city=st.sampled_from((None, None, *CITIES)),
    company=st.sampled_from((None, None, "甲")),
    salary_at_least=st.sampled_from((None, None, 2500.0, 6000.5)),
    job_type=st.sampled_from((None, None, *KINDS)),
    benefit=st.lists(st.sampled_from(BENEFITS), max_size=1).map(tuple),
    must=st.lists(groups, max_size=2).map(tuple),
    must_not=st.lists(conditions, max_size=2).map(tuple),
)


def test_documents_and_stamps_are_the_same(pair: tuple[Index, Index]) -> None:
    embedded, elastic = pair
    stamps = list(embedded.scan())
    assert stamps == list(elastic.scan())
    assert len(stamps) > 100
    assert list(embedded.scan("070", 13)) == list(elastic.scan("070", 13))
    ids = [stamp.id for stamp in stamps]
    ours, theirs = embedded.get(ids), elastic.get(ids)
    assert ours.keys() == theirs.keys()
    for id_, document in ours.items():
        other = theirs[id_]
        if document.match is None or other.match is None:
            assert document == other
            continue
        # The server keeps unit vectors and their lengths, so that the last bits may differ.
        assert other.match.vector == pytest.approx(document.match.vector, abs=1e-6)
        assert strip(document) == strip(other)
    assert embedded.get(ids, match=False) == elastic.get(ids, match=False)


def strip(document: Document) -> tuple[object, ...]:
    match = document.match
    assert match is not None
    streams = (match.text_words, match.text_chars, match.offer_words, match.offer_chars)
    held = (match.plain_chars, match.title_chars, match.positions, match.tags)
    return (*streams, *held, document.filter, document.display, document.debug, document.digest)


@settings(deadline=None, max_examples=250)
@given(queries, filters)
def test_answers_are_the_same(pair: tuple[Index, Index], query: Query, wanted: Filters) -> None:
    embedded, elastic = pair
    ours = embedded.query(query, wanted, limit=DOCUMENTS)
    theirs = elastic.query(query, wanted, limit=DOCUMENTS)
    assert ours.total == theirs.total
    found = {hit.id: hit.score for hit in ours.hits}
    other = {hit.id: hit.score for hit in theirs.hits}
    if isinstance(query, VectorQuery):
        # Neighbours that are equally near may change places, and the last of them its place.
        scores = sorted(found.values())
        assert sorted(other.values()) == pytest.approx(scores, abs=1e-5)
        for id_ in found.keys() & other.keys():
            assert other[id_] == pytest.approx(found[id_], abs=1e-5)
        return
    assert found.keys() == other.keys()
    if isinstance(query, PositionQuery | FilterQuery):
        assert [(hit.id, hit.score) for hit in ours.hits] == [
            (hit.id, hit.score) for hit in theirs.hits
        ]
    shown = {hit.id: (hit.display, hit.debug) for hit in ours.hits}
    assert shown == {hit.id: (hit.display, hit.debug) for hit in theirs.hits}


@settings(deadline=None, max_examples=150)
@given(held | bounds | unstated, filters)
def test_a_condition_and_its_refusal_part_what_passes(
    pair: tuple[Index, Index], one: Condition, wanted: Filters | None
) -> None:
    """Each post that passes either fulfils a condition or is let through by its refusal."""
    wanted = wanted or Filters()
    with_it = replace(wanted, must=(*wanted.must, (one,)))
    without = replace(wanted, must_not=(*wanted.must_not, one))
    for index in pair:
        every, yes, no = (
            {hit.id for hit in index.query(FilterQuery(), only, limit=DOCUMENTS).hits}
            for only in (wanted, with_it, without)
        )
        assert yes | no == every
        assert not yes & no


@settings(deadline=None, max_examples=40)
@given(queries, st.integers(1, 40))
def test_pages_of_both_join_to_the_whole(
    pair: tuple[Index, Index], query: Query, limit: int
) -> None:
    for index in pair:
        whole = [hit.id for hit in index.query(query, limit=DOCUMENTS).hits]
        cursor, ids = None, []
        while True:
            page = index.query(query, limit=limit, cursor=cursor, documents=False)
            ids += [hit.id for hit in page.hits]
            cursor = page.cursor
            if cursor is None:
                break
        assert ids == whole
