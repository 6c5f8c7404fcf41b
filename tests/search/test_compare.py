"""Two indices side by side: judged, compared under writes, copied."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from search.compare import PATIENCE_S, PAUSE_S, compare
from search.copying import StandbyError, copy, write_patiently
from search.differences import Kind, Target, judge, pages, same_document
from search.index import (
    Document,
    IndexUnavailableError,
    MatchSection,
    Outcome,
    Stamp,
    Trouble,
    WriteOutcome,
    document_version,
)
from tests.worker.fakes import FakeIndex

OTHER = Target("two", 5)


def stamp(revision: int, activation: int = 1, state: Any = "open", recipe: str = "one") -> Stamp:
    return Stamp("p", document_version(revision, activation), state, recipe)


def doc(id_: str, revision: int = 1, state: Any = "open", text: str = "a") -> Document:
    match = None if state == "closed" else MatchSection(*[text] * 6, (), {}, (1.0, 0.0))
    version = document_version(revision, 1)
    return Document(id_, version, state, "one", text, match, display={"id": id_, "title": text})


def filled(*documents: Document) -> FakeIndex:
    index = FakeIndex()
    index.write(documents)
    return index


def quiet(_seconds: float) -> None:
    """Do not wait."""


@pytest.mark.parametrize(
    ("current", "standby", "target", "kind"),
    [
        (stamp(1), stamp(1), None, None),
        (stamp(1), None, None, Kind.MISSING),
        (None, stamp(1), None, Kind.EXTRA),
        (stamp(2), stamp(1), None, Kind.OLDER),
        (stamp(1, 2), stamp(1, 1), None, Kind.OLDER),
        (stamp(1), stamp(2), None, Kind.NEWER),
        (stamp(1), stamp(1, state="closed"), None, Kind.DIFFERS),
        (stamp(1), stamp(1, recipe="two"), None, Kind.DIFFERS),
        (stamp(1, 4), stamp(1, 5, recipe="two"), OTHER, None),
        (stamp(1, 4), stamp(1, 4, recipe="two"), OTHER, Kind.RENUMBERED),
        (stamp(1, 4), stamp(1, 4), OTHER, Kind.BEHIND),
        (stamp(1, 4, "closed"), stamp(1, 4, "closed"), OTHER, Kind.RENUMBERED),
        (stamp(1, 4), stamp(1, 5, "closed", "two"), OTHER, Kind.DIFFERS),
        (stamp(2, 4), stamp(1, 5, recipe="two"), OTHER, Kind.OLDER),
        (stamp(1, 4), stamp(2, 5, recipe="two"), OTHER, Kind.NEWER),
        (stamp(1, 4), None, OTHER, Kind.MISSING),
    ],
)
def test_one_post_is_judged(
    current: Stamp | None, standby: Stamp | None, target: Target | None, kind: Kind | None
) -> None:
    assert judge(current, standby, target) is kind


def test_pages_hold_every_id_of_either_side_once_in_order() -> None:
    current = filled(*(doc(f"p{i:03}") for i in range(0, 90, 2)))
    standby = filled(*(doc(f"p{i:03}") for i in range(0, 120, 3)))
    ids = [pair.id for page in pages(current, standby, limit=7) for pair in page]
    assert ids == sorted(current.stored.keys() | standby.stored.keys())


def test_all_that_differs_is_found_both_ways() -> None:
    same = [doc(f"s{i}") for i in range(20)]
    current = filled(*same, doc("a"), doc("b", 2), doc("c"), doc("d"), doc("e", text="x"))
    standby = filled(*same, doc("b", 1), doc("c", 2), doc("z"), doc("d", state="closed"), doc("e"))
    found = compare(current, standby, limit=4, sleep=quiet)
    assert {one.id: one.kind for one in found.differences} == {
        "a": Kind.MISSING,
        "b": Kind.OLDER,
        "c": Kind.NEWER,
        "d": Kind.DIFFERS,
        "e": Kind.DIFFERS,  # only the sample sees it
        "z": Kind.EXTRA,
    }
    assert (found.seen, found.sampled) == (26, 21)


def test_the_sample_is_random_seeded_and_as_large_as_asked() -> None:
    documents = [doc(f"p{i:04}") for i in range(500)]
    current, standby = filled(*documents), filled(*documents)
    planted = {f"p{i:04}" for i in range(0, 500, 5)}
    standby.stored |= {i: replace(standby.stored[i], digest="other") for i in planted}

    def found(seed: int) -> set[str]:
        taken = compare(current, standby, sample=100, seed=seed, limit=50, sleep=quiet)
        assert taken.sampled == 100
        return {one.id for one in taken.differences}

    assert found(1) == found(1) != found(2)
    assert all(8 <= len(found(seed)) <= 35 for seed in range(5))


def test_what_is_written_while_it_is_looked_at_is_no_difference() -> None:
    current, standby = filled(doc("a", 2), doc("b")), filled(doc("a", 1))

    def arrive(_seconds: float) -> None:
        standby.write([doc("a", 2), doc("b")])

    assert compare(current, standby, sleep=arrive).differences == []


def test_whole_documents_are_equal_but_for_the_last_bits_of_vectors() -> None:
    one = doc("a")
    assert one.match is not None
    near = replace(one, match=replace(one.match, vector=(1.0, 1e-7)))
    far = replace(one, match=replace(one.match, vector=(0.9, 0.1)))
    short = replace(one, match=replace(one.match, vector=()))
    assert same_document(one, near, None)
    for other in (far, short, replace(one, match=None), replace(one, digest="b")):
        assert not same_document(one, other, None)
    # Of another recipe only the post itself must be the same.
    assert same_document(one, replace(far, digest="b", recipe="two"), OTHER)
    assert not same_document(one, replace(one, display={}), OTHER)


def test_copying_brings_what_is_missing_or_older_and_nothing_else() -> None:
    closed = doc("c", 3, "closed")
    current = filled(doc("a"), doc("b", 2), closed, doc("d"), *(doc(f"x{i}") for i in range(600)))
    standby = filled(doc("b", 1), doc("c", 1), doc("d"), doc("n", 5))
    done = copy(current, standby, sleep=quiet)
    assert (done.copied, done.rounds, done.extra, done.refused) == (603, 2, ("n",), {})
    assert {k: v for k, v in standby.stored.items() if k != "n"} == current.stored
    again = copy(current, standby, sleep=quiet)
    assert (again.copied, again.rounds) == (0, 1)


def test_copying_goes_on_while_posts_are_written_but_not_for_ever() -> None:
    current, standby = filled(doc("a")), FakeIndex()
    real = standby.write
    count = 0

    def write(documents: Sequence[Document]) -> list[WriteOutcome]:
        nonlocal count
        count += 1
        current.write([doc(f"new{count}")])
        return real(documents)

    standby.write = write  # type: ignore[method-assign]
    done = copy(current, standby, rounds=4, sleep=quiet)
    assert (done.rounds, done.copied) == (4, 4)


def test_a_document_that_is_refused_is_told_and_stops_nothing() -> None:
    current, standby = filled(doc("a"), doc("b")), FakeIndex()
    standby.answers = {"a": [Outcome.PERMANENT]}
    done = copy(current, standby, sleep=quiet)
    assert (done.refused.keys(), standby.stored.keys()) == ({"a"}, {"b"})


def test_a_standby_that_takes_nothing_is_waited_for_and_then_told() -> None:
    standby = FakeIndex()
    standby.answers = {"a": [Outcome.RETRY, Outcome.RETRY]}
    pauses: list[float] = []
    outcomes = write_patiently(standby, [doc("a"), doc("b")], pauses.append)
    assert [one.outcome for one in outcomes] == [Outcome.OK, Outcome.OK]
    assert pauses == [0.5, 1.0]
    standby.answers = {"c": [Outcome.RETRY] * 100}
    with pytest.raises(StandbyError, match="1 documents were not taken"):
        write_patiently(standby, [doc("c")], quiet)


def test_a_standby_that_is_away_is_waited_for_and_one_that_is_gone_is_not() -> None:
    standby = FakeIndex()
    real, troubles = standby.write, [Trouble.DOWN, Trouble.BUSY, Trouble.MISSING]

    def write(documents: Sequence[Document]) -> list[WriteOutcome]:
        if troubles and documents[0].id == "a":
            raise IndexUnavailableError(troubles.pop(0), "it is away", "start it")
        return real(documents)

    standby.write = write  # type: ignore[method-assign]
    with pytest.raises(IndexUnavailableError, match="away"):
        write_patiently(standby, [doc("a")], quiet)
    assert troubles == []
    assert write_patiently(standby, [doc("a")], quiet)[0].outcome is Outcome.OK


def test_where_very_much_differs_one_look_is_enough() -> None:
    pauses: list[float] = []
    current = filled(*(doc(f"p{i:05}") for i in range(4000)))
    found = compare(current, FakeIndex(), limit=10, sleep=pauses.append)
    assert len(found.differences) == 4000
    assert sum(pauses) <= PATIENCE_S + PAUSE_S
