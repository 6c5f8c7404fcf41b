"""Quotas of the first page."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from search.fusion import Fusion
from search.fusion_page import first_page


def near(one: str) -> bool:
    return one.startswith("n")


def page(ordered: list[str], size: int, **quotas: int) -> list[str]:
    return first_page(ordered, Fusion(**quotas), near, size)  # type: ignore[arg-type]


def test_the_nearest_come_in_at_the_end_of_the_page() -> None:
    found = page(["e1", "e2", "e3", "e4", "n1", "n2"], 3, page=3, vector_least=1, vector_most=3)
    assert found == ["e1", "e2", "n1", "e3", "e4", "n2"]


def test_the_least_near_leave_for_exact_ones() -> None:
    found = page(["n1", "n2", "n3", "e1", "e2"], 3, page=3, vector_least=0, vector_most=1)
    assert found == ["n1", "e1", "e2", "n2", "n3"]


def test_places_that_the_other_kind_cannot_fill_stay() -> None:
    assert page(["n1", "n2", "n3"], 3, page=3, vector_least=0, vector_most=0) == ["n1", "n2", "n3"]
    assert page(["e1", "e2"], 2, page=2, vector_least=2, vector_most=2) == ["e1", "e2"]


def test_a_page_that_keeps_the_quotas_is_left_alone() -> None:
    ordered = ["e1", "n1", "e2", "n2", "e3"]
    assert page(ordered, 4, page=4, vector_least=1, vector_most=3) == ordered


def test_a_shorter_page_holds_its_share() -> None:
    ordered = [*(f"e{n}" for n in range(9)), "n1", "n2"]
    assert page(ordered, 5, page=10, vector_least=2, vector_most=10)[:5] == [
        *("e0", "e1", "e2", "e3", "n1")
    ]
    assert page(ordered, 4, page=10, vector_least=2, vector_most=10) == ordered


@given(
    st.lists(st.booleans(), max_size=30),
    st.integers(1, 30),
    st.integers(1, 12),
    st.integers(0, 12),
    st.integers(0, 12),
)
def test_quotas_hold_where_they_can_and_nothing_else_moves(
    kinds: list[bool], size: int, places: int, some: int, more: int
) -> None:
    least, most = sorted((some, more))
    ordered = [f"{'n' if kind else 'e'}{n}" for n, kind in enumerate(kinds)]
    found = page(ordered, size, page=places, vector_least=least, vector_most=most)
    assert sorted(found) == sorted(ordered)
    for kind in (True, False):
        assert [one for one in found if near(one) is kind] == [
            one for one in ordered if near(one) is kind
        ]
    count = min(size, places, len(ordered))
    held = sum(map(near, found[:count]))
    exact = len(ordered) - sum(kinds)
    if size >= places:
        assert held >= min(least, sum(kinds), count) or count < places
        assert held <= max(most, count - exact)
    if found != ordered:
        assert found[:count] == sorted(found[:count], key=ordered.index)
        assert found[count:] == sorted(found[count:], key=ordered.index)
