"""The gate's decision, without a server: what closes it and what is excused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from hirelens.gate import Evidence, agree, decide
from search.compare import Comparison
from search.differences import Difference, Kind, Target
from search.elastic.described import Described
from search.elastic.generations import Counts
from search.elastic.roles import Generation
from worker.pages import Row
from worker.standby import Figures


def described(name: str, space: str) -> Described:
    return Described(Generation(name, f"uuid-{name}", space, "f"), "none", None, False, 1, 0, {})


RIGHT = Evidence(
    described("old", "space"),
    described("new", "space"),
    None,
    (Counts(90, 10, 0), Counts(90, 10, 0)),
    Figures(90, 10, 0, 0),
    Comparison(100, [], 0, 50),
    {},
    {},
    0,
    (),
    None,
)
OTHER = replace(
    RIGHT, standby=described("new", "other"), target=Target("two", 5), recipe_space="other"
)


def differing(found: Evidence, kind: Kind, rows: dict[str, Row] | None = None) -> Evidence:
    one = Difference("p1", kind, 1, 1)
    return replace(found, comparison=replace(found.comparison, differences=[one]), rows=rows or {})


def checks(found: Evidence) -> list[str]:
    return [problem.check for problem in decide(found).problems]


def test_two_equal_generations_leave_the_gate_open() -> None:
    for found in (RIGHT, OTHER):
        gate = decide(found)
        assert gate.is_open()
        assert gate.to_mapping()["ok"] is True
        assert gate.identities == ("uuid-old", "uuid-new")


@pytest.mark.parametrize("kind", [k for k in Kind if k is not Kind.RENUMBERED])
def test_every_difference_within_a_space_closes_it(kind: Kind) -> None:
    gate = decide(differing(RIGHT, kind))
    assert (checks(differing(RIGHT, kind)), gate.behind) == ([kind.value], 0)
    assert not gate.is_open(None)
    assert gate.problems[0].ids == ("p1",)


@pytest.mark.parametrize(
    ("kind", "behind"),
    [
        (Kind.MISSING, 1),
        (Kind.OLDER, 1),
        (Kind.BEHIND, 1),
        (Kind.EXTRA, 0),
        (Kind.NEWER, 0),
        (Kind.DIFFERS, 0),
    ],
)
def test_of_another_recipe_some_may_be_behind(kind: Kind, behind: int) -> None:
    gate = decide(differing(OTHER, kind))
    assert gate.behind == behind
    assert not gate.is_open()
    assert gate.is_open(1) == gate.is_open(None) == (behind == 1)


@pytest.mark.parametrize(
    ("found", "kind", "row", "excused"),
    [
        (OTHER, Kind.MISSING, Row(1, deleted=False, dead=True), True),
        (RIGHT, Kind.MISSING, Row(1, deleted=False, dead=True), False),
        (RIGHT, Kind.MISSING, Row(1, deleted=False, waiting=True), False),
        (RIGHT, Kind.EXTRA, Row(1, deleted=False, waiting=True), True),
        (RIGHT, Kind.NEWER, Row(1, deleted=False, waiting=True), True),
        (OTHER, Kind.NEWER, Row(1, deleted=False), False),
        (OTHER, Kind.BEHIND, Row(1, deleted=False, waiting=True), False),
        # Its dead letter is of a later revision: catch-up leaves it, for ever.
        (OTHER, Kind.BEHIND, Row(2, deleted=False, dead=True), True),
        # The current one refused what the standby took; then came what cannot be read.
        (RIGHT, Kind.EXTRA, Row(1, deleted=False, dead=True), True),
        (OTHER, Kind.NEWER, Row(1, deleted=False, dead=True), True),
        (RIGHT, Kind.DIFFERS, Row(1, deleted=False, dead=True), False),
        # A reading of that revision itself, or of a later one, is none that was there before.
        (RIGHT, Kind.EXTRA, Row(0, deleted=False, dead=True), False),
    ],
)
def test_what_the_database_excuses(found: Evidence, kind: Kind, row: Row, excused: bool) -> None:
    gate = decide(differing(found, kind, {"p1": row}))
    assert (gate.excused, gate.is_open()) == (int(excused), excused)


@pytest.mark.parametrize(
    ("changes", "check"),
    [
        ({"counts": (Counts(90, 10, 0), Counts(89, 10, 0))}, "counts"),
        ({"counts": (Counts(90, 10, 0), Counts(89, 11, 0))}, "counts"),
        ({"figures": Figures(91, 10, 0, 0)}, "database_counts"),
        ({"lacking": 1}, "vectors"),
        ({"mapping": ("x is no field of this version",)}, "mapping"),
        ({"drift": {"missing": ["p1"]}}, "database"),
        ({"recipe_space": "strange"}, "vector_space"),
    ],
)
def test_each_piece_of_evidence_alone_closes_it(changes: dict[str, Any], check: str) -> None:
    assert check in checks(replace(RIGHT, **changes))
    assert check in checks(replace(OTHER, **changes))


def test_what_just_waits_or_was_given_up_is_no_wrong_number() -> None:
    waiting = replace(
        RIGHT, counts=(Counts(90, 10, 0), Counts(89, 11, 0)), figures=Figures(91, 10, 1, 0)
    )
    assert decide(replace(waiting, figures=Figures(90, 10, 1, 0))).is_open()
    assert checks(waiting) == ["database_counts"]
    assert decide(replace(RIGHT, figures=Figures(93, 10, 1, 2))).is_open()


def test_of_one_space_the_standby_may_lack_the_vectors_that_the_other_lacks() -> None:
    bare = (Counts(90, 10, 2), Counts(90, 10, 2))
    assert decide(replace(RIGHT, counts=bare, lacking=2)).is_open()
    assert checks(replace(OTHER, counts=bare, lacking=2)) == ["vectors"]


@pytest.mark.parametrize(
    "unequal",
    [
        (Figures(2, 0, 0, 0), Counts(2, 0, 0), Counts(1, 0, 0)),
        (Figures(1, 0, 0, 0), Counts(2, 0, 0), Counts(2, 0, 0)),  # written after the database's
    ],
)
def test_counts_that_writes_made_unequal_are_read_again(
    unequal: tuple[Figures, Counts, Counts],
) -> None:
    equal = (Figures(2, 0, 0, 0), Counts(2, 0, 0), Counts(2, 0, 0))
    answers = [unequal, equal]
    assert agree(lambda: answers.pop(0), 0) == equal
    assert answers == []
    stuck = [unequal] * 9
    assert agree(stuck.pop, 0) == unequal
    assert len(stuck) == 6
    answers = [unequal]
    assert agree(answers.pop, 1) == unequal
