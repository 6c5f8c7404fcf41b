"""The writer on a real node: what the server really says, and that two generations stay equal."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from elasticsearch import Elasticsearch as Client

from search.elastic import codec
from search.elastic.client import connect
from search.elastic.config import ElasticConfig
from search.elastic.generations import Generations, Plan
from search.elastic.pace import Pauses
from search.elastic.reader import Reader
from search.elastic.roles import RoleWatch
from search.elastic.writer import Writer
from search.index import (
    Document,
    FilterSection,
    IndexUnavailableError,
    MatchSection,
    Outcome,
    Trouble,
    WriteOutcome,
)
from services import Elasticsearch

SPACE = "space-1"


def document(
    id_: str, version: int = 1, digest: str = "d", vector: tuple[float, ...] = (1.0, 0.0)
) -> Document:
    match = MatchSection(*("服 务 员",) * 6, ("p",), {"benefit": ("包住",)}, vector)
    section = FilterSection(city="北京", salary_min=3000.0)
    return Document(
        id_, version, "open", "r", digest, match, section, {"title": "招服务员"}, {"n": version}
    )


def closed(id_: str, version: int) -> Document:
    return Document(id_, version, "closed", "r", "gone")


def kinds(outcomes: list[WriteOutcome]) -> list[Outcome]:
    return [outcome.outcome for outcome in outcomes]


def trouble_of(write: Callable[[], list[WriteOutcome]]) -> tuple[Trouble | None, str]:
    """Return what keeps one document from being written, told for it or for all."""
    try:
        (found,) = write()
    except IndexUnavailableError as error:
        return error.reason, str(error)
    assert found.outcome is Outcome.RETRY
    return found.trouble, found.error or ""


def many(count: int, size: int = 0) -> list[Document]:
    made = [document(f"{n:04}") for n in range(count)]
    return [replace(one, display={"body": "x" * size}) for one in made] if size else made


@dataclass
class Case:
    config: ElasticConfig
    client: Client
    generations: Generations
    current: str
    writer: Writer

    def write(self, *documents: Document, space: str = SPACE) -> list[WriteOutcome]:
        return self.writer.write(documents, space)

    def standby(self, space: str = SPACE) -> str:
        """Make one, and wait until every writer knows it."""
        name = self.generations.create(Plan(space, None, 1, 0)).name
        self.writer = writer_of(self.client, self.config)
        return name

    def versions(self, name: str) -> dict[str, int]:
        self.client.indices.refresh(index=name)
        found = self.client.search(index=name, size=1000, version=True, source=False)
        return {hit["_id"]: hit["_version"] for hit in found["hits"]["hits"]}

    def names(self) -> set[str]:
        return set(self.client.indices.get(index=f"{self.config.prefix}*"))


def writer_of(client: Client, config: ElasticConfig, **more: Any) -> Writer:
    watch = RoleWatch(client, config)
    pauses = more.pop("pauses", lambda: Pauses(total_s=1.0))
    return Writer(client, config, watch, pauses=pauses, **more)


def opened(url: str, prefix: str, **more: Any) -> Case:
    config = ElasticConfig((url,), prefix, replicas=0, **{"timeout_s": 5, **more})
    client = connect(config)
    generations = Generations(client, config)
    current = generations.create(Plan(SPACE, None, 1, 0)).name
    return Case(config, client, generations, current, writer_of(client, config))


@pytest.fixture
def case(elasticsearch: Elasticsearch, fresh_prefix: Callable[[], str]) -> Iterator[Case]:
    made = opened(elasticsearch.url, fresh_prefix())
    yield made
    made.client.close()


def test_every_outcome(case: Case) -> None:
    case.write(document("old", 5), document("same", 5, "x"), document("other", 5, "x"))
    case.client.index(
        index=case.current, id="gone", version=1, version_type="external", document={}
    )
    case.client.delete(index=case.current, id="gone", version=9, version_type="external")
    found = case.write(
        document("new", 5),
        document("old", 4),
        document("same", 5, "x"),
        document("other", 5, "y"),
        document("gone", 5),
        document("short", 5, vector=(1.0,)),
        closed("new", 6),
        document("new", 5),
        closed("closed", 1),
    )
    assert [(o.id, o.outcome, o.stored_version) for o in found] == [
        ("new", Outcome.OK, 5),
        ("old", Outcome.SUPERSEDED, 5),
        ("same", Outcome.SAME, 5),
        ("other", Outcome.CONFLICT, 5),
        ("gone", Outcome.RETRY, None),
        ("short", Outcome.PERMANENT, None),
        ("new", Outcome.OK, 6),
        ("new", Outcome.SUPERSEDED, 6),
        ("closed", Outcome.OK, 1),
    ]
    assert "by hand" in (found[4].error or "")
    assert "vector" in (found[5].error or "")


@pytest.mark.parametrize(
    ("section", "told"),
    [
        (FilterSection(updated_at="yesterday"), "'filter.updated_at'"),
        (FilterSection(education=2**40), "'filter.education'"),
    ],
)
def test_what_the_server_refuses_names_the_field(
    case: Case, section: FilterSection, told: str
) -> None:
    found = case.write(document("1"), replace(document("2"), filter=section), document("3"))
    assert kinds(found) == [Outcome.OK, Outcome.PERMANENT, Outcome.OK]
    assert told in (found[1].error or "")
    assert "yesterday" not in (found[1].error or ""), "nothing of the post goes into the text"


def test_an_id_that_makes_the_whole_request_invalid_is_found(case: Case) -> None:
    found = case.write(*many(5), replace(document("bad"), version=-1), document("last"))
    assert kinds(found) == [*[Outcome.OK] * 5, Outcome.PERMANENT, Outcome.OK]
    assert "illegal version value" in (found[5].error or "")
    long = "长" * 300
    assert kinds(case.write(document(long))) == [Outcome.OK]
    assert kinds(case.write(document(long))) == [Outcome.SAME]


def test_base64_is_stored_as_numbers_are(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    vector = (0.1, -0.7, 1e-8, 3.0)
    case.write(document("packed", vector=vector))
    monkeypatch.setattr(codec, "pack", list)
    case.write(document("numbers", vector=vector))
    generation = RoleWatch(case.client, case.config).roles().current
    assert generation.length == 4
    found = Reader(case.client, case.config).get(
        case.current, generation, ["packed", "numbers"], match=True
    )
    packed, numbers = found["packed"].match, found["numbers"].match
    assert packed
    assert numbers
    assert packed.vector == numbers.vector == pytest.approx(vector)


def test_both_generations_get_every_write(case: Case) -> None:
    case.write(document("before"))
    standby = case.standby()
    assert kinds(case.write(*many(20), closed("0003", 2))) == [Outcome.OK] * 21
    there = case.versions(standby)
    assert len(there) == 20
    assert there["0003"] == 2
    assert case.versions(case.current) == {"before": 1, **there}
    case.generations.swap(case.current, standby)
    # The writer still believes the old roles: both aliases lead elsewhere by now.
    assert kinds(case.write(document("0003", 3))) == [Outcome.OK]
    assert case.versions(case.current)["0003"] == case.versions(standby)["0003"] == 3


def test_what_a_copy_does_not_find_has_reached_the_new_generation(
    elasticsearch: Elasticsearch, fresh_prefix: Callable[[], str]
) -> None:
    """Writers of several processes go on while a generation joins and is switched to."""
    case = opened(elasticsearch.url, fresh_prefix(), roles_ttl_s=0.3, timeout_s=3)
    stop = threading.Event()
    acknowledged: list[dict[str, int]] = [{} for _ in range(3)]

    def write(mine: dict[str, int], name: str) -> None:
        client = connect(case.config)
        writer = writer_of(client, case.config)
        version = 0
        while not stop.is_set():
            version += 1
            batch = [document(f"{name}{n}", version) for n in range(version % 7, 20)]
            for one in writer.write(batch, SPACE):
                if one.outcome is Outcome.OK:
                    mine[one.id] = version
        client.close()

    threads = [
        threading.Thread(target=write, args=(mine, f"w{n}-")) for n, mine in enumerate(acknowledged)
    ]
    for thread in threads:
        thread.start()
    time.sleep(0.5)
    standby = case.generations.create(Plan(SPACE, None, 1, 0)).name
    time.sleep(case.config.roles_ttl_s + case.config.timeout_s)
    copied = case.versions(case.current)
    for _ in range(4):
        case.generations.swap(case.current, standby)
        time.sleep(0.4)
        case.generations.swap(standby, case.current)
        time.sleep(0.4)
    stop.set()
    for thread in threads:
        thread.join()
    new, old = case.versions(standby), case.versions(case.current)
    told = {id_: version for mine in acknowledged for id_, version in mine.items()}
    assert len(told) == 60
    assert max(told.values()) > max(copied.values()), "writing went on"
    for id_, version in told.items():
        assert max(new.get(id_, 0), copied.get(id_, 0)) >= version
        assert old[id_] >= version
    case.client.close()


def test_a_standby_of_another_space_waits_for_its_vectors(case: Case) -> None:
    standby = case.standby("space-2")
    assert kinds(case.write(document("1"))) == [Outcome.OK]
    assert case.versions(standby) == {"1": 1}
    (found,) = case.write(document("2"), space="space-2")
    assert (found.outcome, found.trouble) == (Outcome.RETRY, Trouble.FOREIGN)
    assert kinds(case.writer.into(standby, [document("1", 2)], "space-2")) == [Outcome.OK]
    case.generations.swap(case.current, standby)
    (found,) = case.write(document("1", 3))
    assert (found.outcome, found.trouble) == (Outcome.RETRY, Trouble.FOREIGN)
    assert case.versions(standby) == {"1": 2}
    assert kinds(case.write(document("1", 4), space="space-2")) == [Outcome.OK]


def test_a_dropped_standby_is_not_made_again(case: Case) -> None:
    standby = case.standby()
    case.write(document("1"))
    case.generations.drop(standby)
    assert kinds(case.write(document("1", 2))) == [Outcome.OK]
    assert case.names() == {case.current}
    with pytest.raises(IndexUnavailableError) as caught:
        case.writer.into(standby, [document("1", 3)], SPACE)
    assert caught.value.reason is Trouble.MISSING
    assert case.names() == {case.current}


def test_a_missing_index_is_not_made_and_told(case: Case) -> None:
    case.write(document("1"))
    case.client.indices.delete(index=case.current)
    for _ in range(2):
        trouble, told = trouble_of(lambda: case.write(document("1", 2)))
        assert trouble is Trouble.MISSING
        assert "hirelens index create" in told
    assert case.client.indices.get(index=f"{case.config.prefix}*").body == {}
    case.generations.create(Plan(SPACE, None, 1, 0))
    assert kinds(case.write(document("1", 2))) == [Outcome.OK]


@pytest.mark.parametrize(
    ("setting", "on", "trouble", "told"),
    [
        ("index.blocks.read_only_allow_delete", True, Trouble.READ_ONLY, "flood-stage"),
        ("index.blocks.write", True, Trouble.READ_ONLY, "block"),
        ("index.write.wait_for_active_shards", 2, Trouble.DOWN, "unavailable_shards"),
    ],
)
def test_what_keeps_an_index_from_taking_writes_is_told_and_passes(
    case: Case, setting: str, on: object, trouble: Trouble, told: str
) -> None:
    case.client.indices.put_settings(index=case.current, settings={"number_of_replicas": 1})
    case.write(document("1"))
    case.client.indices.put_settings(index=case.current, settings={setting: on})
    (found,) = case.write(document("1", 2))
    assert (found.outcome, found.trouble) == (Outcome.RETRY, trouble)
    assert told in (found.error or "")
    case.client.indices.put_settings(index=case.current, settings={setting: None})
    assert kinds(case.write(document("1", 2))) == [Outcome.OK]


def test_a_closed_index_is_told_and_passes(case: Case) -> None:
    case.write(document("1"))
    case.client.indices.close(index=case.current)
    (found,) = case.write(document("1", 2))
    assert (found.outcome, found.trouble) == (Outcome.RETRY, Trouble.MISSING)
    assert "closed" in (found.error or "")
    case.client.indices.open(index=case.current)
    assert kinds(case.write(document("1", 2))) == [Outcome.OK]


def test_an_alias_to_two_indices_is_told_and_passes(case: Case) -> None:
    case.write(document("1"))
    alias = case.config.write_alias
    other = f"{case.config.prefix}-other"
    case.client.indices.put_alias(index=case.current, name=alias)  # no longer the write index
    case.client.indices.create(index=other, aliases={alias: {}})
    for vector in ((), (1.0, 0.0)):
        # Without a vector the roles are still believed, and the server refuses the document.
        newer = document("1", 2, vector=vector)
        trouble, _ = trouble_of(lambda one=newer: case.write(one))
        assert trouble is Trouble.AMBIGUOUS
    case.client.indices.delete(index=other)
    assert kinds(case.write(document("1", 2))) == [Outcome.OK]


def test_a_frozen_and_a_dead_node_are_told_apart_and_pass(
    case: Case, elasticsearch: Elasticsearch
) -> None:
    case.write(document("1"))
    quick = replace(case.config, timeout_s=0.3, retries=1)
    client = connect(quick)
    writer = writer_of(client, quick)
    writer.write([document("1", 2)], SPACE)
    elasticsearch.pause()
    with pytest.raises(IndexUnavailableError) as caught:
        writer.write([document("1", 3)], SPACE)
    assert caught.value.reason is Trouble.SLOW
    elasticsearch.resume()
    # What timed out may have arrived all the same: then this one is the same, not in conflict.
    assert kinds(case.write(document("1", 3))) in ([Outcome.OK], [Outcome.SAME])
    elasticsearch.kill9()
    for _ in range(2):
        with pytest.raises(IndexUnavailableError) as caught:
            writer.write([document("1", 4)], SPACE)
        assert caught.value.reason is Trouble.DOWN
    elasticsearch.start()
    client.close()
    client = connect(case.config)
    client.cluster.health(index=case.current, wait_for_status="green", timeout="30s")
    found = writer_of(client, case.config).write([document("1", 4)], SPACE)
    assert kinds(found) == [Outcome.OK]
    assert case.versions(case.current) == {"1": 4}
    client.close()


@pytest.fixture(scope="module")
def tight(elasticsearch: Elasticsearch) -> Iterator[Elasticsearch]:
    """A node that takes little at once; the session's is asked for so that absence skips."""
    limits = {"http.max_content_length": "2mb", "indexing_pressure.memory.limit": "1mb"}
    assert elasticsearch.pids()
    with Elasticsearch(settings=limits) as node:
        yield node


def test_what_is_too_much_for_the_server_is_split_or_refused_alone(tight: Elasticsearch) -> None:
    case = opened(tight.url, tight.fresh_database())
    big = replace(document("big"), display={"body": "x" * 2_200_000})
    patient = writer_of(case.client, case.config, pauses=lambda: Pauses(total_s=20))
    found = patient.write([*many(40, 60_000), big, document("last")], SPACE)
    assert kinds(found) == [*[Outcome.OK] * 40, Outcome.TOO_LARGE, Outcome.OK]
    assert "http.max_content_length" in (found[40].error or "")
    case.client.close()


def test_an_overloaded_server_gets_smaller_requests_after_a_pause(tight: Elasticsearch) -> None:
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        time.sleep(seconds)

    case = opened(tight.url, tight.fresh_database())
    writer = writer_of(case.client, case.config, pauses=lambda: Pauses(total_s=20), sleep=sleep)
    assert kinds(writer.write(many(40, 40_000), SPACE)) == [Outcome.OK] * 40
    assert slept
    writer = writer_of(case.client, case.config)
    # A document that no pause helps is not the document's fault.
    big = replace(document("big"), display={"body": "x" * 1_500_000})
    trouble, told = trouble_of(lambda: writer.write([big], SPACE))
    assert trouble is Trouble.BUSY
    assert "overloaded" in told
    case.client.close()
