"""The best path through readings."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from search.intent.model import Candidate
from search.intent.path import UNKNOWN, best_path


def word(start: int, end: int, weight: float = 1.0) -> Candidate:
    return Candidate(start, end, "benefit", "x", "test", weight)


def spans(path: tuple[Candidate, ...]) -> list[tuple[int, int]]:
    return [(item.start, item.end) for item in path]


def test_the_longer_reading_wins() -> None:
    assert spans(best_path("五险一金", [word(0, 2), word(2, 4), word(0, 4)], [])) == [(0, 4)]


def test_the_reading_that_leaves_less_unknown_wins() -> None:
    found = best_path("产品检索", [word(0, 2), word(1, 3)], [(0, 2), (2, 4)])
    assert spans(found) == [(0, 2), (2, 4)]
    assert [item.source for item in found] == ["test", UNKNOWN]


def test_blanks_belong_to_no_part() -> None:
    assert spans(best_path(" 北京  保安 ", [word(1, 3), word(5, 7)], [])) == [(1, 3), (5, 7)]


readings = st.lists(
    st.tuples(st.integers(0, 9), st.integers(1, 4), st.floats(0.1, 1.2)), max_size=12
)


@given(st.text(alphabet="ab 会计", max_size=10), readings)
def test_every_character_is_covered_once_and_in_order(
    text: str, given_readings: list[tuple[int, int, float]]
) -> None:
    candidates = [
        word(start, start + length, weight)
        for start, length, weight in given_readings
        if start + length <= len(text) and " " not in text[start : start + length]
    ]
    covered = [at for item in best_path(text, candidates, []) for at in range(item.start, item.end)]
    assert covered == [at for at, char in enumerate(text) if not char.isspace()]
