"""What only the Elasticsearch index can show: it is switched while it is being searched."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from services.elastic import Elasticsearch

from search.cursors import decode, encode
from search.elastic.config import ElasticConfig
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


def document(id_: str, vector: tuple[float, ...] = (1.0, 0.0)) -> Document:
    match = MatchSection(*["招 工"] * 6, (), {}, vector)
    return Document(id_, 1, "open", "r", "d", match, FilterSection(), {"title": id_}, {})


def test_a_switch_to_another_space_is_noticed_by_a_searcher(
    elasticsearch: Elasticsearch, fresh_prefix: Callable[[], str]
) -> None:
    config = ElasticConfig(
        (elasticsearch.url,), fresh_prefix(), replicas=0, immediate=True, roles_ttl_s=600.0
    )
    generations = Generations.open(config)
    old = generations.create(Plan("old", None, 1, 0))
    searcher = ElasticIndex(config, "old")
    assert searcher.write([document("1")])[0].outcome == "ok"
    asked = VectorQuery((1.0, 0.0), "old")
    assert [hit.id for hit in searcher.query(asked).hits] == ["1"]

    new = generations.create(Plan("new", None, 1, 0))
    writer = ElasticIndex(config, "new", generation=new.name)
    assert writer.write([document("1"), document("2")])[1].outcome == "ok"
    generations.swap(old.name, new.name)

    text = TextQuery((Phrase(("招", "工")),))
    assert searcher.query(text).total == 2
    with pytest.raises(VectorSpaceError, match="new"):
        searcher.query(asked)
    for index in (searcher, writer, generations):
        index.close()


def test_pages_stay_those_of_one_moment(
    elasticsearch: Elasticsearch, fresh_prefix: Callable[[], str]
) -> None:
    config = ElasticConfig((elasticsearch.url,), fresh_prefix(), replicas=0, immediate=True)
    generations = Generations.open(config)
    generations.create(Plan("old", None, 1, 0))
    index = ElasticIndex(config, "old")
    index.write([document(f"{n:02}") for n in range(10)])
    query = TextQuery((Phrase(("招", "工")),))
    first = index.query(query, limit=4)
    index.write([document(f"{n:02}-later") for n in range(10)])
    second = index.query(query, limit=100, cursor=first.cursor)
    assert [hit.id for hit in first.hits + second.hits] == [f"{n:02}" for n in range(10)]
    assert (second.total, second.cursor) == (10, None)
    assert index.query(query, limit=100).total == 20
    index.close()
    generations.close()


def test_a_point_in_time_that_has_ended_is_opened_again(
    elasticsearch: Elasticsearch, fresh_prefix: Callable[[], str]
) -> None:
    config = ElasticConfig((elasticsearch.url,), fresh_prefix(), replicas=0, immediate=True)
    generations = Generations.open(config)
    generations.create(Plan("old", None, 1, 0))
    index = ElasticIndex(config, "old")
    index.write([document(f"{n:02}") for n in range(10)])
    query = TextQuery((Phrase(("招", "工")),))
    first = index.query(query, limit=4)

    ended = decode(first.cursor or "")[2]
    elasticsearch.request("DELETE", "/_pit", {"id": ended})
    rest = index.query(query, limit=100, cursor=first.cursor)
    assert [hit.id for hit in rest.hits] == [f"{n:02}" for n in range(4, 10)]
    index.close()
    generations.close()


def test_more_hits_than_one_request_may_give(
    elasticsearch: Elasticsearch, fresh_prefix: Callable[[], str]
) -> None:
    config = ElasticConfig((elasticsearch.url,), fresh_prefix(), replicas=0, bulk_documents=3000)
    generations = Generations.open(config)
    generations.create(Plan("old", None, 1, 0))
    index = ElasticIndex(config, "old")
    index.write([document(f"{n:05}", ()) for n in range(10_050)])
    index.refresh()
    query = TextQuery((Phrase(("招", "工")),))
    page = index.query(query, limit=100_000, documents=False)
    assert [hit.id for hit in page.hits] == [f"{n:05}" for n in range(10_050)]
    assert (page.total, page.cursor) == (10_050, None)
    assert len(list(index.scan(limit=20_000))) == 10_050
    index.close()
    generations.close()


def test_what_cannot_be_read_is_not_told_as_missing(
    elasticsearch: Elasticsearch, fresh_prefix: Callable[[], str]
) -> None:
    config = ElasticConfig(
        (elasticsearch.url,), fresh_prefix(), replicas=0, immediate=True, roles_ttl_s=600.0
    )
    generations = Generations.open(config)
    made = generations.create(Plan("old", None, 1, 0))
    index = ElasticIndex(config, "old")
    assert index.write([document("1")])[0].outcome == "ok"
    nowhere = {"index.routing.allocation.require._name": "nobody"}
    elasticsearch.request("POST", f"/{made.name}/_close")
    elasticsearch.request("PUT", f"/{made.name}/_settings", nowhere)
    elasticsearch.request("POST", f"/{made.name}/_open?wait_for_active_shards=0")
    for match in (True, False):
        with pytest.raises(IndexUnavailableError) as told:
            index.get(["1"], match=match)
        assert told.value.reason is Trouble.DOWN
    elasticsearch.request("DELETE", f"/{made.name}")
    with pytest.raises(IndexUnavailableError) as told:
        index.get(["1"])
    assert told.value.reason is Trouble.MISSING
    index.close()
    generations.close()


def test_a_cursor_outlives_the_generation_that_it_was_made_for(
    elasticsearch: Elasticsearch, fresh_prefix: Callable[[], str]
) -> None:
    config = ElasticConfig(
        (elasticsearch.url,), fresh_prefix(), replicas=0, immediate=True, roles_ttl_s=0.0
    )
    generations = Generations.open(config)
    old = generations.create(Plan("old", None, 1, 0))
    index = ElasticIndex(config, "old")
    new = generations.create(Plan("old", None, 1, 0))
    index.write([document(f"{n:02}") for n in range(10)])
    query = TextQuery((Phrase(("招", "工")),))
    first = index.query(query, limit=4)
    generations.swap(old.name, new.name)
    generations.drop(old.name)
    rest = index.query(query, limit=100, cursor=first.cursor)
    assert [hit.id for hit in rest.hits] == [f"{n:02}" for n in range(4, 10)]
    index.close()
    generations.close()


def test_a_snapshot_that_is_made_up_harms_nobody(
    elasticsearch: Elasticsearch, fresh_prefix: Callable[[], str]
) -> None:
    config = ElasticConfig((elasticsearch.url,), fresh_prefix(), replicas=0, immediate=True)
    generations = Generations.open(config)
    generations.create(Plan("old", None, 1, 0))
    index = ElasticIndex(config, "old")
    index.write([document(f"{n:02}") for n in range(10)])
    query = TextQuery((Phrase(("招", "工")),))
    score, id_, snapshot = decode(index.query(query, limit=4).cursor or "")
    assert snapshot is not None
    for place in range(0, len(snapshot), 7):  # some give 404 or 500, five of which open the breaker
        other = "A" if snapshot[place] != "A" else "B"
        made_up = f"{snapshot[:place]}{other}{snapshot[place + 1 :]}"
        page = index.query(query, limit=100, cursor=encode(score, id_, made_up))
        assert [hit.id for hit in page.hits] == [f"{n:02}" for n in range(4, 10)]
    index.close()
    generations.close()
