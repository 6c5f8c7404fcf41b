"""Reciprocal rank fusion."""

from __future__ import annotations

from search.found import FoundBy
from search.fuse import fuse
from search.index import Hit


def hits(*ids: str) -> list[Hit]:
    return [Hit(id_, 1.0, {}, {}) for id_ in ids]


def test_found_twice_beats_found_once() -> None:
    fused = fuse({"text": hits("a", "b"), "intent": hits("c", "b")})
    assert [f.hit.id for f in fused] == ["b", "a", "c"]
    assert fused[0].channels == ("text", "intent")
    assert fused[0].found == (FoundBy("text", 2, 1.0), FoundBy("intent", 2, 1.0))
    assert fused[0].hit.score == 2 / 62


def test_equal_scores_come_in_the_order_of_ids() -> None:
    assert [f.hit.id for f in fuse({"text": hits("z"), "intent": hits("a")})] == ["a", "z"]
    assert fuse({}) == []
