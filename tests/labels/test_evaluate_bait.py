"""Bait among what a channel returns, from judged pairs and rankings."""

from __future__ import annotations

from labels.evaluate.bait import bait_counts
from labels.evaluate.pairs import HIRED, INSIDE

PAIRS = {
    ("会计", "good"): HIRED,
    ("会计", "bait"): "N:bait",
    ("会计", "inside"): INSIDE,
    ("保安", "other"): "N:compare",
}


def test_what_is_returned_first_and_at_all() -> None:
    ranking = ["inside", "bait", *(f"x{n}" for n in range(9)), "good"]
    found = bait_counts(PAIRS, {"会计": ranking})
    # Words in their order: 会计, 保安.
    assert found["bait_first"].tolist() == [[1, 1], [0, 1]]
    assert found["right_first"].tolist() == [[0, 1], [0, 0]]
    assert found["right"].tolist() == [[1, 1], [0, 0]]
    assert found["bait_share"].tolist() == [[1, 1], [0, 0]]
    assert found["bait_above"].tolist() == [[1, 1], [0, 0]]


def test_a_right_post_above_its_bait_and_neither_returned() -> None:
    assert bait_counts(PAIRS, {"会计": ["good", "bait"]})["bait_above"][0].tolist() == [0, 1]
    assert bait_counts(PAIRS, {"会计": ["good"]})["bait_above"][0].tolist() == [0, 1]
    assert bait_counts(PAIRS, {"会计": ["bait"]})["bait_above"][0].tolist() == [1, 1]
    nothing = bait_counts(PAIRS, {})
    assert nothing["bait_above"][0].tolist() == [0.5, 1]
    assert nothing["bait"][:, 0].sum() == 0
