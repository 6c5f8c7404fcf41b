"""What only the Elasticsearch index can show: it is switched while it is being searched."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from services.elastic import Elasticsearch

from search.cursors import decode, encode
from search.elastic.config import ElasticConfig
from search.elastic.described import Described
from search.elastic.generations import Generations, Plan
from search.elastic.index import ElasticIndex
from search.index import (
    Document,
    FilterSection,
    IndexUnavailableError,
    MatchSection,
    Phrase,
    TextQuery,
    Trouble,
    VectorQuery,
    VectorSpaceError,
)

pytestmark = pytest.mark.service


@dataclass(frozen=True)
class Case:
    """A prefix of its own with one generation of space ``old``, and an index over it."""

    config: ElasticConfig
    generations: Generations
    made: Described
    index: ElasticIndex


Opener = Callable[..., Case]


@pytest.fixture
def opened(elasticsearch: Elasticsearch, fresh_prefix: Callable[[], str]) -> Iterator[Opener]:
    cases: list[Case] = []

    def open_(**options: Any) -> Case:
        wanted = {"replicas": 0, "immediate": True, **options}
        config = ElasticConfig((elasticsearch.url,), fresh_prefix(), **wanted)
        generations = Generations.open(config)
        made = generations.create(Plan("old", None, 1, 0))
        cases.append(Case(config, generations, made, ElasticIndex(config, "old")))
        return cases[-1]

    yield open_
    for case in cases:
        case.index.close()
        case.generations.close()


def document(id_: str, vector: tuple[float, ...] = (1.0, 0.0)) -> Document:
    match = MatchSection(*["招 工"] * 6, (), {}, vector)
    return Document(id_, 1, "open", "r", "d", match, FilterSection(), {"title": id_}, {})


def test_a_switch_to_another_space_is_noticed_by_a_searcher(opened: Opener) -> None:
    case = opened(roles_ttl_s=600.0)
    assert case.index.write([document("1")])[0].outcome == "ok"
    asked = VectorQuery((1.0, 0.0), "old")
    assert [hit.id for hit in case.index.query(asked).hits] == ["1"]

    new = case.generations.create(Plan("new", None, 1, 0))
    writer = ElasticIndex(case.config, "new", generation=new.name)
    assert writer.write([document("1"), document("2")])[1].outcome == "ok"
    case.generations.swap(case.made.name, new.name)

    text = TextQuery((Phrase(("招", "工")),))
    assert case.index.query(text).total == 2
    with pytest.raises(VectorSpaceError, match="new"):
        case.index.query(asked)
    writer.close()


def test_pages_stay_those_of_one_moment(opened: Opener) -> None:
    case = opened()
    case.index.write([document(f"{n:02}") for n in range(10)])
    query = TextQuery((Phrase(("招", "工")),))
    first = case.index.query(query, limit=4)
    case.index.write([document(f"{n:02}-later") for n in range(10)])
    second = case.index.query(query, limit=100, cursor=first.cursor)
    assert [hit.id for hit in first.hits + second.hits] == [f"{n:02}" for n in range(10)]
    assert (second.total, second.cursor) == (10, None)
    assert case.index.query(query, limit=100).total == 20


def test_a_point_in_time_that_has_ended_is_opened_again(
    elasticsearch: Elasticsearch, opened: Opener
) -> None:
    case = opened()
    case.index.write([document(f"{n:02}") for n in range(10)])
    query = TextQuery((Phrase(("招", "工")),))
    first = case.index.query(query, limit=4)

    ended = decode(first.cursor or "")[2]
    elasticsearch.request("DELETE", "/_pit", {"id": ended})
    rest = case.index.query(query, limit=100, cursor=first.cursor)
    assert [hit.id for hit in rest.hits] == [f"{n:02}" for n in range(4, 10)]


def test_more_hits_than_one_request_may_give(opened: Opener) -> None:
    case = opened(bulk_documents=3000, immediate=False)
    case.index.write([document(f"{n:05}", ()) for n in range(10_050)])
    case.index.refresh()
    query = TextQuery((Phrase(("招", "工")),))
    page = case.index.query(query, limit=100_000, documents=False)
    assert [hit.id for hit in page.hits] == [f"{n:05}" for n in range(10_050)]
    assert (page.total, page.cursor) == (10_050, None)
    assert len(list(case.index.scan(limit=20_000))) == 10_050


def test_what_cannot_be_read_is_not_told_as_missing(
    elasticsearch: Elasticsearch, opened: Opener
) -> None:
    case = opened(roles_ttl_s=600.0)
    assert case.index.write([document("1")])[0].outcome == "ok"
    # In its place an index of the same form whose shard no node may hold: one that held it already
    # would get it back, whatever the setting.
    form = elasticsearch.request("GET", f"/{case.made.name}")[case.made.name]
    nowhere = {"number_of_replicas": 0, "index.routing.allocation.require._name": "nobody"}
    body = {"mappings": form["mappings"], "aliases": form["aliases"], "settings": nowhere}
    elasticsearch.request("DELETE", f"/{case.made.name}")
    elasticsearch.request("PUT", f"/{case.made.name}?wait_for_active_shards=0", body)
    for match in (True, False):
        with pytest.raises(IndexUnavailableError) as told:
            case.index.get(["1"], match=match)
        assert told.value.reason is Trouble.DOWN
    elasticsearch.request("DELETE", f"/{case.made.name}")
    with pytest.raises(IndexUnavailableError) as told:
        case.index.get(["1"])
    assert told.value.reason is Trouble.MISSING


def test_a_cursor_outlives_the_generation_that_it_was_made_for(opened: Opener) -> None:
    case = opened(roles_ttl_s=0.0)
    new = case.generations.create(Plan("old", None, 1, 0))
    case.index.write([document(f"{n:02}") for n in range(10)])
    query = TextQuery((Phrase(("招", "工")),))
    first = case.index.query(query, limit=4)
    case.generations.swap(case.made.name, new.name)
    case.generations.drop(case.made.name)
    rest = case.index.query(query, limit=100, cursor=first.cursor)
    assert [hit.id for hit in rest.hits] == [f"{n:02}" for n in range(4, 10)]


def test_a_snapshot_that_is_made_up_harms_nobody(opened: Opener) -> None:
    case = opened()
    case.index.write([document(f"{n:02}") for n in range(10)])
    query = TextQuery((Phrase(("招", "工")),))
    score, id_, snapshot = decode(case.index.query(query, limit=4).cursor or "")
    assert snapshot is not None
    for place in range(0, len(snapshot), 7):  # some give 404 or 500, five of which open the breaker
        other = "A" if snapshot[place] != "A" else "B"
        made_up = f"{snapshot[:place]}{other}{snapshot[place + 1 :]}"
        page = case.index.query(query, limit=100, cursor=encode(score, id_, made_up))
        assert [hit.id for hit in page.hits] == [f"{n:02}" for n in range(4, 10)]
