"""The writer's protocol against a stand-in cluster: generations, pauses, splitting, outcomes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

import pytest
from elastic_fake import (
    CONFIG,
    SPACE,
    Clock,
    FakeCluster,
    FakeIndex,
    api_error,
    document,
    item_error,
    tombstone,
)
from elastic_transport import ConnectionError as NoConnection
from elastic_transport import ConnectionTimeout
from elasticsearch import Elasticsearch

from search.elastic.breaker import Breaker
from search.elastic.pace import Pauses
from search.elastic.roles import RoleWatch
from search.elastic.writer import Writer
from search.index import Document, IndexUnavailableError, Outcome, Trouble, WriteOutcome
from search.schema import vector_name

BUSY = "es_rejected_execution_exception"
WRITE, STANDBY = CONFIG.write_alias, CONFIG.standby_alias


class Case:
    """A writer on a stand-in cluster, and what it told."""

    def __init__(self, **config: Any) -> None:
        self.clock = Clock()
        self.config = replace(CONFIG, **config)
        self.cluster = FakeCluster(self.clock, self.config)
        client = cast("Elasticsearch", self.cluster)
        self.watch = RoleWatch(client, self.config, self.clock)
        self.breaker = Breaker(clock=self.clock, chance=lambda: 0.0)
        self.told: list[tuple[str, Mapping[str, Any]]] = []
        self.writer = Writer(
            client,
            self.config,
            self.watch,
            self.breaker,
            on_trouble=lambda name, fields: self.told.append((name, fields)),
            pauses=lambda: Pauses(chance=lambda: 1.0),
            sleep=self.clock.sleep,
        )

    def write(self, *documents: Document, space: str = SPACE) -> list[WriteOutcome]:
        return self.writer.write(documents, space)

    def standby(self, name: str = "b", space: str = SPACE) -> FakeIndex:
        self.cluster.stores[name] = FakeIndex(space)
        self.cluster.aliases[STANDBY] = name
        return self.cluster.stores[name]

    def swap(self) -> None:
        a, b = self.cluster.aliases[WRITE], self.cluster.aliases[STANDBY]
        self.cluster.aliases.update({WRITE: b, self.config.read_alias: b, STANDBY: a})

    def versions(self, name: str) -> dict[str, int]:
        return {id_: doc["_version"] for id_, doc in self.cluster.stores[name].docs.items()}


def kinds(outcomes: list[WriteOutcome]) -> list[Outcome]:
    return [outcome.outcome for outcome in outcomes]


def many(count: int) -> list[Document]:
    return [document(f"{n:04}") for n in range(count)]


# Outcomes


def test_outcomes_come_in_the_order_of_the_batch() -> None:
    case = Case()
    case.write(document("old", 5), document("same", 5, "x"), document("other", 5, "x"))
    case.cluster.stores["a"].deleted["gone"] = 9
    found = case.write(
        document("new", 5),
        document("old", 4),
        document("same", 5, "x"),
        document("other", 5, "y"),
        document("gone", 5),
        replace(document("bad"), match=None),
        tombstone("closed", 1),
    )
    assert [(o.id, o.outcome, o.stored_version) for o in found] == [
        ("new", Outcome.OK, 5),
        ("old", Outcome.SUPERSEDED, 5),
        ("same", Outcome.SAME, 5),
        ("other", Outcome.CONFLICT, 5),
        ("gone", Outcome.RETRY, None),
        ("bad", Outcome.PERMANENT, None),
        ("closed", Outcome.OK, 1),
    ]
    assert "next activation" in (found[3].error or "")
    assert case.write() == []


def test_what_is_stored_but_cannot_be_read_is_asked_for_later() -> None:
    case = Case()
    case.write(document("1", 5))
    unreadable = item_error(503, "no_shard_available_action_exception", "[a][0]")
    case.cluster.stores["a"].docs["1"] |= unreadable
    found = case.write(document("1", 5), document("2"))
    assert kinds(found) == [Outcome.RETRY, Outcome.OK]
    assert found[0].trouble is Trouble.DOWN
    assert "[a][0]" in (found[0].error or "")


def test_an_id_that_is_named_twice_is_written_in_turn() -> None:
    case = Case()
    case.write(document("1", 5, "x"))
    found = case.write(
        document("1", 4), document("1", 5, "x"), document("1", 6), document("1", 5), document("2")
    )
    assert [(o.outcome, o.stored_version) for o in found] == [
        (Outcome.SUPERSEDED, 5),
        (Outcome.SAME, 5),
        (Outcome.OK, 6),
        (Outcome.SUPERSEDED, 6),
        (Outcome.OK, 1),
    ]


@pytest.mark.parametrize("vector", [(1.0,), (1.0, 0.0, 0.0), (float("nan"), 1.0), (0.0, 0.0)])
def test_a_wrong_vector_is_refused_here(vector: tuple[float, ...]) -> None:
    case = Case()
    found = case.write(document("1"), document("2", vector=vector), document("3"))
    assert kinds(found) == [Outcome.OK, Outcome.PERMANENT, Outcome.OK]
    assert "vector" in (found[1].error or "")
    assert case.cluster.sent == [(WRITE, ("1", "3"))]


def test_the_first_vector_fixes_the_length_also_for_other_writers() -> None:
    case = Case()
    case.cluster.stores["a"].length = None
    assert kinds(case.write(document("1"), document("2", vector=(1.0,)))) == [
        Outcome.OK,
        Outcome.PERMANENT,
    ]
    # Another process was first: half the length would be taken by the server as 16-bit numbers.
    case.cluster.stores["a"].length = 4
    assert kinds(case.write(document("3"))) == [Outcome.PERMANENT]


def test_another_space_is_nobodys_fault() -> None:
    case = Case()
    found = case.write(document("1"), document("2", vector=()), tombstone("3", 1), space="space-2")
    assert kinds(found) == [Outcome.RETRY, Outcome.OK, Outcome.OK]
    assert found[0].trouble is Trouble.FOREIGN
    assert SPACE in (found[0].error or "")
    assert "space-2" in (found[0].error or "")
    assert set(case.versions("a")) == {"2", "3"}


def test_what_cannot_be_sent_is_refused_alone() -> None:
    case = Case(document_bytes=1000)
    huge = replace(document("huge"), display={"body": "长" * 1000})
    found = case.write(
        document("1"), huge, replace(document("nan"), display={"pay": float("inf")}), document("4")
    )
    assert kinds(found) == [Outcome.OK, Outcome.TOO_LARGE, Outcome.PERMANENT, Outcome.OK]
    assert "1,000" in (found[1].error or "")
    assert set(case.versions("a")) == {"1", "4"}


# Requests


def test_requests_are_cut_by_number_and_bytes() -> None:
    case = Case(bulk_documents=4)
    case.write(*many(10))
    assert [len(ids) for _, ids in case.cluster.sent] == [4, 4, 2]
    most = max(case.cluster.sizes) // 2
    case = Case(bulk_bytes=most)
    case.write(*many(10))
    assert max(case.cluster.sizes) <= most
    assert len(case.versions("a")) == 10


def limited(case: Case, most: int, refused: Mapping[str, int] | None = None) -> None:
    """Refuse requests over so many documents, and those that name one of these ids."""

    def on_bulk(_: str, ids: list[str]) -> None:
        for id_ in ids:
            if refused and id_ in refused:
                raise api_error(refused[id_], "action_request_validation_exception", "id is [x]")
        if len(ids) > most:
            raise api_error(413, "")

    case.cluster.on_bulk = on_bulk


def test_a_request_that_is_too_big_is_halved() -> None:
    case = Case()
    limited(case, 3)
    assert kinds(case.write(*many(20))) == [Outcome.OK] * 20
    assert [len(ids) for _, ids in case.cluster.sent][:3] == [20, 10, 5]
    before = len(case.cluster.sent)
    case.write(*[document(f"n{n:04}") for n in range(20)])
    later = [len(ids) for _, ids in case.cluster.sent[before:]]
    assert max(later) <= 3, "the limit was learned"


@pytest.mark.parametrize(
    ("status", "outcome"), [(413, Outcome.TOO_LARGE), (400, Outcome.PERMANENT)]
)
def test_the_document_that_a_whole_request_was_refused_for_is_found(
    status: int, outcome: Outcome
) -> None:
    case = Case()
    limited(case, 99, {"0005": status, "0006": status})
    found = case.write(*many(16))
    assert [o.id for o in found if o.outcome is outcome] == ["0005", "0006"]
    assert all(o.error for o in found if o.outcome is outcome)
    assert kinds(found).count(Outcome.OK) == 14
    assert not case.clock.slept


def test_busy_items_are_sent_again_after_growing_pauses() -> None:
    case = Case(bulk_documents=8)
    left = {"0001": 3, "0005": 2}

    def on_bulk(_: str, ids: list[str]) -> dict[str, dict[str, Any]]:
        refused = [id_ for id_ in ids if left.get(id_)]
        for id_ in refused:
            left[id_] -= 1
        return {id_: item_error(429, BUSY) for id_ in refused}

    case.cluster.on_bulk = on_bulk
    assert kinds(case.write(*many(8))) == [Outcome.OK] * 8
    assert case.cluster.sent[1] == (WRITE, ("0001", "0005"))
    assert case.clock.slept == [0.1, 0.2, 0.4]
    case.cluster.sent.clear()
    case.write(*[document(f"n{n}") for n in range(40)])
    sizes = [len(ids) for _, ids in case.cluster.sent]
    assert sizes[0] < 8, "requests were made smaller"
    assert sizes == sorted(sizes[:-1]) + sizes[-1:], "and grow again slowly"
    assert 8 in sizes


def test_patience_with_a_busy_node_ends() -> None:
    case = Case()
    case.cluster.on_bulk = lambda _, ids: {id_: item_error(429, BUSY) for id_ in ids if id_ < "2"}
    found = case.write(document("1"), document("2"))
    assert kinds(found) == [Outcome.RETRY, Outcome.OK]
    assert found[0].trouble is Trouble.BUSY
    assert 3 < sum(case.clock.slept) <= 5
    assert not case.breaker.is_open


def test_a_busy_answer_says_how_long_to_wait() -> None:
    case = Case()
    errors = [api_error(429, BUSY, **{"retry-after": "3"})]

    def on_bulk(*_: Any) -> None:
        if errors:
            raise errors.pop()

    case.cluster.on_bulk = on_bulk
    assert kinds(case.write(document("1"))) == [Outcome.OK]
    assert case.clock.slept == [3.0]


@pytest.mark.parametrize(
    ("error", "trouble"),
    [
        (NoConnection("refused"), Trouble.DOWN),
        (ConnectionTimeout("slow"), Trouble.SLOW),
        (api_error(503, "master_not_discovered_exception"), Trouble.DOWN),
        (api_error(429, BUSY), Trouble.BUSY),
    ],
)
def test_a_cluster_that_fails_is_tried_again_then_named(error: Exception, trouble: Trouble) -> None:
    case = Case(bulk_documents=2)
    errors = [error] * 2

    def on_bulk(_: str, ids: list[str]) -> None:
        if ids[0] >= "0002" and errors:
            raise errors.pop()

    case.cluster.on_bulk = on_bulk
    assert kinds(case.write(*many(6))) == [Outcome.OK] * 6
    errors[:] = [error] * 99
    found = case.write(*[document(f"{n:04}", 2) for n in range(6)])
    assert kinds(found) == [Outcome.OK, Outcome.OK, *[Outcome.RETRY] * 4]
    assert {o.trouble for o in found[2:]} == {trouble}
    with pytest.raises(IndexUnavailableError) as caught:
        case.write(document("9"))
    assert caught.value.reason in (trouble, Trouble.DOWN)  # the breaker is open after some


def test_nothing_is_sent_while_the_breaker_is_open() -> None:
    case = Case()

    def on_bulk(*_: Any) -> None:
        raise NoConnection("refused")

    case.cluster.on_bulk = on_bulk
    for _ in range(2):
        with pytest.raises(IndexUnavailableError):
            case.write(document("1"))
    sent, slept = len(case.cluster.sent), sum(case.clock.slept)
    assert sent == 5, "the fifth failure in a row opens it, also in the middle of a batch"
    with pytest.raises(IndexUnavailableError, match="has not answered for 1 s"):
        case.write(document("1"))
    assert (len(case.cluster.sent), sum(case.clock.slept)) == (sent, slept)
    case.cluster.on_bulk = None
    case.clock.now += 2
    assert kinds(case.write(document("1"))) == [Outcome.OK]


@pytest.mark.parametrize(
    ("error", "trouble"),
    [
        (api_error(401, "security_exception"), Trouble.REFUSED),
        (api_error(403, "cluster_block_exception", "cluster read-only"), Trouble.READ_ONLY),
        (api_error(405, "method not allowed"), Trouble.FOREIGN),
    ],
)
def test_what_waiting_does_not_mend_is_told_at_once(error: Exception, trouble: Trouble) -> None:
    case = Case()

    def on_bulk(*_: Any) -> None:
        raise error

    case.cluster.on_bulk = on_bulk
    with pytest.raises(IndexUnavailableError) as caught:
        case.write(document("1"))
    assert caught.value.reason is trouble
    assert (len(case.cluster.sent), case.clock.slept) == (1, [])


def test_blocked_items_are_for_later_and_named() -> None:
    case = Case()
    case.cluster.on_bulk = lambda *_: {
        "1": item_error(429, "cluster_block_exception", "flood-stage")
    }
    found = case.write(document("1"), document("2"))
    assert kinds(found) == [Outcome.RETRY, Outcome.OK]
    assert found[0].trouble is Trouble.READ_ONLY
    assert case.clock.slept == []


# Generations


def test_the_standby_gets_every_document_first() -> None:
    case = Case(bulk_documents=2)
    case.standby()
    assert kinds(case.write(*many(4))) == [Outcome.OK] * 4
    assert [alias for alias, _ in case.cluster.sent] == [STANDBY, STANDBY, WRITE, WRITE]
    assert case.versions("a") == case.versions("b") != {}


def test_a_standby_of_another_space_gets_no_vector() -> None:
    case = Case()
    other = case.standby(space="space-2")
    assert kinds(case.write(document("1"))) == [Outcome.OK]
    match = other.docs["1"]["_source"]["match"]
    assert {k: v for k, v in match.items() if k.startswith("vector")} == {
        vector_name("space-2"): None
    }
    current = case.cluster.stores["a"].docs["1"]["_source"]["match"]
    assert [k for k in current if k.startswith("vector")]


def test_what_the_standby_knows_already_is_fine() -> None:
    case = Case()
    case.standby()
    case.writer.into("b", [document("1", 5, "x"), document("2", 9)], SPACE)
    assert case.versions("a") == {}
    assert kinds(case.write(document("1", 5, "y"), document("2", 5))) == [Outcome.OK] * 2


def test_a_document_that_the_standby_cannot_take_now_goes_nowhere() -> None:
    case = Case()
    case.standby()
    case.cluster.on_bulk = lambda alias, _: (
        {"1": item_error(503, "unavailable_shards_exception")} if alias == STANDBY else {}
    )
    found = case.write(document("1"), document("2"))
    assert kinds(found) == [Outcome.RETRY, Outcome.OK]
    assert "standby index b" in (found[0].error or "")
    assert found[0].trouble is Trouble.DOWN
    assert case.versions("a") == {"2": 1}


def test_what_the_standby_will_never_take_is_told() -> None:
    case = Case()
    case.standby()
    case.cluster.on_bulk = lambda alias, _: (
        {"1": item_error(400, "document_parsing_exception", "field [x] of")}
        if alias == STANDBY
        else {}
    )
    assert kinds(case.write(document("1"), document("2"))) == [Outcome.OK, Outcome.OK]
    ((name, fields),) = case.told
    assert (name, fields["index"], fields["count"], fields["post"]) == (
        *("standby_refused", "b"),
        *(1, "1"),
    )
    assert "field 'x'" in fields["error"]


def test_a_generation_that_appears_during_a_slow_write_gets_the_documents() -> None:
    case = Case()
    case.cluster.took_s = 6  # longer than roles are believed
    case.cluster.after = lambda: case.standby() and None
    assert kinds(case.write(document("1"), document("2"))) == [Outcome.OK] * 2
    assert [alias for alias, _ in case.cluster.sent] == [WRITE, STANDBY]
    assert case.versions("b") == {"1": 1, "2": 1}


def test_roles_are_not_read_again_while_they_are_young() -> None:
    case = Case(bulk_documents=1)
    case.write(*many(4))
    case.write(*[document(f"n{n}") for n in range(4)])
    assert case.cluster.looks == 1
    case.clock.now += 6
    case.write(document("x"))
    assert case.cluster.looks == 2


def test_roles_are_looked_at_before_every_request() -> None:
    case = Case(bulk_documents=1)
    case.cluster.took_s = 3
    case.cluster.after = lambda: case.standby() and None
    case.write(*many(4))
    # The third request would have gone out on roles that are six seconds old.
    assert [alias for alias, _ in case.cluster.sent[:3]] == [WRITE, WRITE, STANDBY]
    assert case.versions("a") == case.versions("b")


def test_after_the_wait_no_acknowledged_write_has_missed_a_generation() -> None:
    """For every moment at which a generation may join, and requests of any time up to the limit."""
    for took_s in (0.5, 3, 5, 9):
        for joins_after in (0.0, 0.5, 2, 4.9, 5, 7, 12):
            case = Case(bulk_documents=1)
            case.cluster.took_s = took_s
            began = case.clock.now
            joined_at = began + joins_after
            applied: dict[str, float] = {}

            def on_bulk(
                alias: str,
                ids: list[str],
                case: Case = case,
                joined_at: float = joined_at,
                applied: dict[str, float] = applied,
            ) -> None:
                if case.clock.now >= joined_at and "b" not in case.cluster.stores:
                    case.standby()
                if alias == WRITE:
                    applied[ids[0]] = case.clock.now

            case.cluster.on_bulk = on_bulk
            found = case.write(*many(6))
            assert kinds(found) == [Outcome.OK] * 6
            copy_begins = joined_at + case.config.roles_ttl_s + case.config.timeout_s
            for id_ in case.versions("a"):
                reached = "b" in case.cluster.stores and id_ in case.versions("b")
                assert reached or applied[id_] < copy_begins


def test_a_swap_between_the_two_writes_reaches_both() -> None:
    case = Case()
    case.standby()
    case.cluster.after = case.swap  # after the standby was written, before the current one
    assert kinds(case.write(document("1"))) == [Outcome.OK]
    assert case.versions("a") == case.versions("b") == {"1": 1}


def test_a_swap_to_another_space_during_the_write_is_nobodys_fault() -> None:
    case = Case()
    case.standby(space="space-2")
    case.cluster.after = case.swap
    (found,) = case.write(document("1"))
    assert (found.outcome, found.trouble) == (Outcome.RETRY, Trouble.FOREIGN)
    assert "space-2" in (found.error or "")


def test_a_standby_that_is_dropped_during_the_write_is_left_out() -> None:
    case = Case()
    case.standby()
    case.watch.roles()
    del case.cluster.aliases[STANDBY], case.cluster.stores["b"]
    assert kinds(case.write(document("1"))) == [Outcome.OK]
    assert [alias for alias, _ in case.cluster.sent] == [STANDBY, WRITE]


def test_a_missing_index_is_told() -> None:
    case = Case()
    case.watch.roles()
    case.cluster.stores.clear()
    case.cluster.aliases.clear()
    (found,) = case.write(document("1"))
    assert (found.outcome, found.trouble) == (Outcome.RETRY, Trouble.MISSING)
    assert "hirelens index create" in (found.error or "")
    with pytest.raises(IndexUnavailableError) as caught:
        case.write(document("1"))
    assert caught.value.reason is Trouble.MISSING


def test_answers_that_contradict_the_aliases_end() -> None:
    case = Case()
    case.cluster.on_bulk = lambda _, ids: {id_: {"_index": "z", "status": 201} for id_ in ids}
    (found,) = case.write(document("1"))
    assert (found.outcome, found.trouble) == (Outcome.RETRY, Trouble.AMBIGUOUS)
    assert len(case.cluster.sent) < 10


def test_complete_documents_are_acknowledged_although_the_rest_fails() -> None:
    case = Case(bulk_documents=1)
    case.standby()

    def on_bulk(alias: str, ids: list[str]) -> None:
        if (alias, ids) == (WRITE, ["0001"]):
            raise api_error(401, "security_exception")

    case.cluster.on_bulk = on_bulk
    assert kinds(case.write(*many(3))) == [Outcome.OK, Outcome.RETRY, Outcome.RETRY]


def test_a_document_that_one_generation_lacks_is_not_acknowledged() -> None:
    case = Case()
    case.standby()
    case.cluster.after = case.swap

    def on_bulk(*_: Any) -> None:
        if case.cluster.aliases[STANDBY] == "a" and case.cluster.sent[-1][0] == STANDBY:
            raise api_error(401, "security_exception")

    case.cluster.on_bulk = on_bulk
    assert kinds(case.write(document("1"))) == [Outcome.RETRY]
    assert (case.versions("a"), case.versions("b")) == ({}, {"1": 1})


def test_into_writes_to_one_generation_only() -> None:
    case = Case()
    case.standby()
    assert kinds(case.writer.into("b", [document("1", 3)], SPACE)) == [Outcome.OK]
    assert (case.versions("a"), case.versions("b")) == ({}, {"1": 3})
    assert kinds(case.writer.into("b", [document("1", 2)], SPACE)) == [Outcome.SUPERSEDED]
    assert kinds(case.writer.into("a", [document("1", 2)], SPACE)) == [Outcome.OK]
    assert kinds(case.writer.into("b", [document("2")], "space-2")) == [Outcome.RETRY]
    with pytest.raises(IndexUnavailableError, match="neither the current"):
        case.writer.into("z", [document("1")], SPACE)


def test_a_document_without_its_vector_never_lands_in_the_index_of_its_own_space() -> None:
    """The aliases are swapped between the look at them and the request to the standby."""
    case = Case()
    case.standby("b", "space-2")
    case.write(document("0"))
    case.swap()
    found = case.write(document("1"))
    assert kinds(found) == [Outcome.RETRY]
    assert found[0].trouble is Trouble.FOREIGN
    assert "1" not in case.versions("a")
