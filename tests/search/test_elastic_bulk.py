"""Cutting documents into requests and reading what became of each, without a server."""

from __future__ import annotations

import json
import math

import pytest
from elastic_fake import CONFIG, document, item_error, tombstone
from hypothesis import given
from hypothesis import strategies as st

from search.elastic import bulk
from search.elastic.bulk import Item, Kind
from search.elastic.delivery import refused
from search.elastic.pace import Pace, Pauses
from search.index import Outcome, Trouble

SIZES = st.lists(st.integers(1, 100), max_size=60)


@given(SIZES, st.integers(1, 10), st.integers(1, 200))
def test_requests_hold_everything_in_order_and_keep_the_limits(
    sizes: list[int], most: int, most_bytes: int
) -> None:
    requests, rest = [], sizes
    while rest:
        count = bulk.fitting(rest, most, most_bytes)
        requests.append(rest[:count])
        rest = rest[count:]
    assert [size for request in requests for size in request] == sizes
    for request, following in zip(requests, [*requests, None][1:], strict=True):
        assert 1 <= len(request) <= most
        assert sum(request) <= most_bytes or len(request) == 1
        # None is smaller than it has to be.
        if following:
            assert len(request) == most or sum(request) + following[0] > most_bytes


def test_sizes_are_read_no_further_than_needed() -> None:
    def sizes() -> object:
        yield from (5, 5, 5)
        raise AssertionError("read too far")

    assert bulk.fitting(sizes(), 2, 100) == 2  # type: ignore[arg-type]
    assert bulk.fitting([], 2, 100) == 0


@given(st.lists(st.sampled_from("abcd"), max_size=20))
def test_a_round_names_each_id_once_and_keeps_the_order_of_each(ids: list[str]) -> None:
    rounds = bulk.waves(ids)
    assert sorted(place for places in rounds for place in places) == list(range(len(ids)))
    for places in rounds:
        assert places == sorted(places)
        assert len({ids[place] for place in places}) == len(places) > 0
    for id_ in set(ids):
        turns = [place for places in rounds for place in places if ids[place] == id_]
        assert turns == sorted(turns)


@given(st.lists(st.integers(), min_size=2))
def test_halves_are_smaller_and_whole(places: list[int]) -> None:
    first, second = bulk.halves(places)
    assert first + second == places
    assert 0 < len(first) < len(places)


@given(st.text(max_size=20), st.dictionaries(st.text(max_size=5), st.text(max_size=20)))
def test_a_document_is_two_lines_whatever_it_says(id_: str, source: dict[str, str]) -> None:
    made = bulk.line(id_, 7, source)
    assert made.count(b"\n") == 2
    action, sent = (json.loads(part.decode("utf-8", "surrogatepass")) for part in made.splitlines())
    assert action == {"index": {"_id": id_, "version": 7, "version_type": "external"}}
    assert sent == source


def test_what_no_server_can_read_is_not_sent() -> None:
    with pytest.raises(ValueError, match="JSON"):
        bulk.line("1", 1, {"debug": {"score": math.nan}})
    assert bulk.line("\ud800", 1, {"x": "\udfff"}).count(b"\n") == 2


# The texts are those of a 9.5.3 node.
STRICT = "[1:9] mapping set to strict, dynamic introduction of [%s] within [%s] is not allowed"
BAD_DATE = (
    "[1:7] failed to parse field [filter.updated_at] of type [date] in document with id '2'."
    " Preview of field's value: 'secret'"
)
ZERO = "[1:24] failed to parse: The [cosine] similarity does not support zero magnitude."
LENGTH = "Failed to parse object: Base64 decoded vector byte length [12] does not match"
FLOOD = "index [w1] blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage];"
NO_WRITE = "no write index is defined for alias [wa]."
NO_ID = "if _id is specified it must not be empty"
REJECTED, BLOCK = "es_rejected_execution_exception", "cluster_block_exception"
STRANGE, PARSING = "strict_dynamic_mapping_exception", "document_parsing_exception"
ILLEGAL = "illegal_argument_exception"


@pytest.mark.parametrize(
    ("status", "kind", "reason", "expected", "trouble", "told"),
    [
        (409, "version_conflict_engine_exception", "", Kind.KNOWN, None, ""),
        (429, REJECTED, "", Kind.AGAIN, Trouble.BUSY, "overloaded"),
        (429, "circuit_breaking_exception", "", Kind.AGAIN, Trouble.BUSY, "overloaded"),
        (429, BLOCK, FLOOD, Kind.LATER, Trouble.READ_ONLY, "disk space"),
        (403, BLOCK, "index write (api)", Kind.LATER, Trouble.READ_ONLY, "block"),
        (503, BLOCK, "no master", Kind.LATER, Trouble.DOWN, "no master"),
        (403, "security_exception", "", Kind.LATER, Trouble.REFUSED, "HIRELENS_INDEX_API_KEY"),
        (404, "index_not_found_exception", "", Kind.LATER, Trouble.MISSING, "index create"),
        (503, "unavailable_shards_exception", "[w1][0]", Kind.LATER, Trouble.DOWN, "[w1][0]"),
        (500, "i_o_exception", "disk", Kind.LATER, Trouble.DOWN, "disk"),
        (400, "index_closed_exception", "closed", Kind.LATER, Trouble.MISSING, "closed"),
        (400, ILLEGAL, NO_WRITE, Kind.LATER, Trouble.AMBIGUOUS, "index list"),
        (400, STRANGE, STRICT % ("vector_b", "match"), Kind.LATER, Trouble.FOREIGN, "'match.v"),
        (400, STRANGE, STRICT % ("foo", "_doc"), Kind.LATER, Trouble.FOREIGN, "'foo'"),
        (400, PARSING, BAD_DATE, Kind.REFUSED, None, "field 'filter.updated_at': "),
        (400, PARSING, ZERO, Kind.REFUSED, None, "field 'vector': "),
        (400, PARSING, LENGTH, Kind.REFUSED, None, "field 'vector': "),
        (400, ILLEGAL, NO_ID, Kind.REFUSED, None, "must not be empty"),
    ],
)
def test_every_refusal_is_read(
    status: int, kind: str, reason: str, expected: Kind, trouble: Trouble | None, told: str
) -> None:
    item = bulk.read({"_index": "i", **item_error(status, kind, reason)}, CONFIG)
    assert (item.kind, item.index, item.trouble) == (expected, "i", trouble)
    assert told in (item.error or "")
    assert "secret" not in (item.error or "")


@pytest.mark.parametrize("status", [200, 201])
def test_a_written_document_is_taken(status: int) -> None:
    assert bulk.read({"_index": "i", "status": status}, CONFIG) == Item(Kind.TAKEN, "i")


@pytest.mark.parametrize(
    ("stored", "outcome", "version"),
    [
        ((6, "x"), Outcome.SUPERSEDED, 6),
        ((5, "d"), Outcome.SAME, 5),
        ((5, "x"), Outcome.CONFLICT, 5),
        ((4, "d"), Outcome.RETRY, 4),
        (None, Outcome.RETRY, None),
    ],
)
def test_a_refused_version_is_told_by_what_is_stored(
    stored: tuple[int, str] | None, outcome: Outcome, version: int | None
) -> None:
    found = refused(document("1", 5), stored)
    assert (found.outcome, found.stored_version) == (outcome, version)
    assert bool(found.error) == (outcome in (Outcome.CONFLICT, Outcome.RETRY))
    assert refused(tombstone("1", 5), (5, "gone")).outcome is Outcome.SAME


@given(st.integers(1, 1000), st.lists(st.none() | st.integers(1, 1000), max_size=200))
def test_the_pace_stays_within_its_bounds(most: int, steps: list[int | None]) -> None:
    pace = Pace(most, 100)
    for busy in steps:
        before = pace.documents
        if busy is not None:
            pace.slower(busy)
            assert pace.documents <= max(1, min(before, busy) / 2)
        else:
            pace.faster()
            assert pace.documents > before or before == most
        assert 1 <= pace.documents <= most


def test_a_request_that_was_too_big_is_not_tried_again() -> None:
    pace = Pace(10, 1000)
    pace.too_big(900)
    pace.too_big(800)
    assert pace.size == 400
    pace.too_big(1)
    assert pace.size == 1


@given(st.floats(0, 1), st.lists(st.none() | st.integers(0, 3), max_size=60))
def test_pauses_grow_and_end(chance: float, asked: list[int | None]) -> None:
    pauses = Pauses(first_s=0.1, most_s=2.0, total_s=5.0, chance=lambda: chance)
    total = 0.0
    for wish in [*asked, *[None] * 60]:
        pause = pauses.next(wish)
        if pause is not None:
            assert pause >= (wish or 0.05)
            total += pause
    assert total <= 5.0
    assert pauses.next() is None
    assert Pauses(total_s=5.0).next(6) is None
