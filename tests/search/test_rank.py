"""Coarse rules and the linear blend."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.found import FoundBy
from search.fuse import Fused, fuse
from search.index import Hit
from search.rank import Candidate, Linear, Rank, coarse, completeness, freshness, read_rank
from search.understanding import Understanding

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
ASKED = Understanding("服务员")


def fused(**scores: float) -> list[Fused]:
    return [
        Fused(Hit(id_, score, {}, {}), (FoundBy("text", n, score),))
        for n, (id_, score) in enumerate(scores.items(), start=1)
    ]


def candidate(one: Fused, days: float | None = None, **given: float) -> Candidate:
    when = None if days is None else (NOW - timedelta(days=days)).isoformat()
    return Candidate(one, {"updated_at": when} if when else {}, given)


def ids(some: tuple[Fused, ...]) -> list[str]:
    return [one.hit.id for one in some]


def test_coarse_drops_what_is_far_below_the_best_and_what_is_refused() -> None:
    found = coarse(fused(a=1, b=0.5, c=0.2, d=0.1), Rank(floor=0.2, most=2), {"b"})
    assert (ids(found.fine), ids(found.behind), found.dropped) == (["a", "c"], [], 2)


def test_coarse_cuts_and_loses_nothing() -> None:
    found = coarse(fused(a=1, b=0.5, c=0.2), Rank(most=2))
    assert (ids(found.fine), ids(found.behind), found.dropped) == (["a", "b"], ["c"], 0)
    assert coarse([], Rank()).dropped == 0


def test_freshness_halves_in_a_half_life() -> None:
    def at(text: str | None) -> float:
        return freshness({"updated_at": text}, NOW, 10)

    assert at("2026-11-30T12:00:00+00:00") == 1
    assert at("2026-11-20T20:00:00+08:00") == 0.5
    assert at("2026-10-31T12:00:00+00:00") == pytest.approx(0.125)
    assert at("2027-01-01T00:00:00+00:00") == 1
    # Silent, unreadable or of no zone: neither new nor old.
    assert {at(None), at("yesterday"), at("2026-11-30T12:00:00")} == {0.5}


def test_completeness_is_what_fields_state() -> None:
    assert completeness({"salary": "面议", "city": "北京", "company": "某店"}) == 1
    assert completeness({"salary": " ", "city": None, "company": "某店"}) == pytest.approx(1 / 3)
    assert completeness({}) == 0


def test_each_hit_tells_what_its_score_is_made_of() -> None:
    rule = Rank(freshness=0.25, completeness=0.5, features={"revenue": 0.2, "click_through": 0.1})
    one, other = fused(a=0.4, b=0.2)
    first, second = Linear(rule).rank(
        ASKED,
        [candidate(one, 30, revenue=0.5, unknown=9), candidate(other, 0, click_through=7)],
        NOW,
    )
    assert [(part.name, part.value, part.weight) for part in first.parts] == [
        ("relevance", 1, 1),
        ("freshness", 0.5, 0.25),
        ("completeness", 0, 0.5),
        ("click_through", 0, 0.1),
        ("revenue", 0.5, 0.2),
    ]
    assert first.score == pytest.approx(1 + 0.125 + 0.1)
    assert second.parts[3].value == 1  # a share at most
    assert second.score == pytest.approx(0.5 + 0.25 + 0.1)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -3.0])
def test_a_feature_that_is_no_share_counts_as_nothing(value: float) -> None:
    (one,) = fused(a=1)
    rule = Rank(features={"revenue": 1})
    (ranked,) = Linear(rule).rank(ASKED, [candidate(one, revenue=value)], NOW)
    assert ranked.parts[-1].value == 0


def test_by_default_the_newer_one_of_a_tie_comes_first_and_no_more() -> None:
    a, b, c = fused(a=0.5, b=0.5, c=0.49)
    ranked = Linear(Rank()).rank(ASKED, [candidate(a, 400), candidate(b, 0), candidate(c, 0)], NOW)
    assert [one.candidate.fused.hit.id for one in ranked] == ["b", "a", "c"]


@given(st.lists(st.tuples(st.floats(0, 1000), st.integers(0, 7)), min_size=4, max_size=4))
def test_by_default_the_first_ranks_stay(told: list[tuple[float, int]]) -> None:
    """Whatever else is said of posts, no step between the first ranks of a fusion is undone."""
    hits = [Hit(f"p{n}", 9.0 - n, {}, {}) for n in range(4)]
    names = ("salary", "city", "company")
    candidates = [
        Candidate(
            one,
            {"updated_at": (NOW - timedelta(days=days)).isoformat()}
            | {name: "x" for bit, name in enumerate(names) if stated >> bit & 1},
            {},
        )
        for one, (days, stated) in zip(fuse({"text": hits}), told, strict=True)
    ]
    ranked = Linear(Rank()).rank(ASKED, candidates, NOW)
    assert [one.candidate.fused.hit.id for one in ranked] == ["p0", "p1", "p2", "p3"]


def test_where_nothing_is_relevant_the_order_stays() -> None:
    found = Linear(Rank()).rank(ASKED, [candidate(one) for one in fused(b=0, a=0)], NOW)
    assert [one.candidate.fused.hit.id for one in found] == ["b", "a"]


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"novelty": 1}, "novelty is no entry of rank; use one of floor"),
        ({"half_life_days": 0}, "half_life_days = 0"),
        ({"features": {"revenue": -1}}, "features = -1"),
    ],
)
def test_a_wrong_table_is_named(values: dict[str, object], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        read_rank(values)
