"""Fusing ranked lists: by reciprocal rank, and by normalised scores."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.found import FoundBy
from search.fuse import fuse
from search.fusion import Fusion, read_fusion
from search.index import Hit

EVEN = Fusion(k=60, text=1, intent=1, vector=1)


def hits(*ids: str) -> list[Hit]:
    return [Hit(id_, 1.0, {}, {}) for id_ in ids]


def scored(**scores: float) -> list[Hit]:
    return [Hit(id_, score, {}, {}) for id_, score in scores.items()]


def test_found_twice_beats_found_once() -> None:
    fused = fuse({"text": scored(a=2, b=1), "intent": scored(c=2, b=1)}, EVEN)
    assert [f.hit.id for f in fused] == ["b", "a", "c"]
    assert fused[0].channels == ("text", "intent")
    assert fused[0].found == (FoundBy("text", 2, 1.0, 1 / 62), FoundBy("intent", 2, 1.0, 1 / 62))
    assert fused[0].hit.score == 2 / 62


def test_equal_scores_come_in_the_order_of_ids() -> None:
    assert [f.hit.id for f in fuse({"text": hits("z"), "intent": hits("a")})] == ["a", "z"]
    assert fuse({}) == []


def test_hits_of_one_score_count_by_the_best_rank_among_them() -> None:
    """Whoever merely fulfils the same is in no order: the other channels decide."""
    tied = {"text": hits("a", "b", "c"), "vector": scored(c=0.9, a=0.8)}
    fused = fuse(tied, EVEN)
    assert [f.hit.id for f in fused] == ["c", "a", "b"]
    assert {by.part for f in fused for by in f.found if by.channel == "text"} == {1 / 61}
    untied = fuse({"text": scored(a=3, b=2, c=2, d=1)}, Fusion(k=60, text=1, intent=0, vector=1))
    assert [f.hit.score for f in untied] == [1 / 61, 1 / 62, 1 / 62, 1 / 64]


def test_near_alone_beats_a_bad_match_and_not_a_good_one() -> None:
    matches = [f"t{n:02}" for n in range(40)]
    for how in (Fusion(), Fusion(method="convex")):
        lists = {
            "text": [Hit(id_, 20 / (1 + n), {}, {}) for n, id_ in enumerate(matches)],
            "intent": [Hit(id_, 20 / (1 + n), {}, {}) for n, id_ in enumerate(matches)],
            "vector": scored(t00=0.9, near=0.85),
        }
        order = [one.hit.id for one in fuse(lists, how, floor=0.3)]
        assert order[0] == "t00"
        assert order.index("near") < order.index("t30")


def test_weights_say_who_counts() -> None:
    lists = {"text": hits("a"), "intent": hits("a"), "vector": hits("b")}
    assert fuse(lists, Fusion(text=1, intent=1, vector=0.5))[0].hit.id == "a"
    assert fuse(lists, Fusion(text=0.1, intent=0.1, vector=1))[0].hit.id == "b"


def test_words_alone_stay_light_where_intent_has_nothing_to_ask() -> None:
    how = Fusion(text=0.1, intent=0.8, vector=0.2)
    both = {"text": hits("a"), "intent": hits("a"), "vector": hits("b")}
    assert [f.hit.id for f in fuse(both, how)] == ["a", "b"]
    alone = {"text": hits("a"), "vector": hits("b")}
    assert [f.hit.id for f in fuse(alone, how)] == ["b", "a"]


def test_convex_takes_scores_by_what_they_can_be() -> None:
    lists = {"text": scored(a=8, b=2), "vector": scored(b=0.65, c=0.3)}
    how = Fusion(method="convex", text=0.25, intent=0.25, vector=0.5)
    fused = {one.hit.id: one.hit.score for one in fuse(lists, how, floor=0.3)}
    assert fused == pytest.approx({"a": 0.25, "b": 0.25 * 0.25 + 0.5 * 0.5, "c": 0})


def test_convex_of_conditions_alone_calls_all_as_good() -> None:
    fused = fuse({"text": scored(a=0, b=0)}, Fusion(method="convex", text=1, intent=0))
    assert [one.hit.score for one in fused] == [1, 1]


ranked = st.lists(st.sampled_from("abcdefgh"), unique=True).flatmap(
    lambda ids: st.lists(st.floats(0, 1, width=32), min_size=len(ids), max_size=len(ids)).map(
        lambda scores: [
            Hit(id_, score, {}, {})
            for id_, score in zip(ids, sorted(scores, reverse=True), strict=True)
        ]
    )
)


@given(
    st.dictionaries(st.sampled_from(("text", "intent", "vector")), ranked),
    st.sampled_from(("rrf", "convex")),
    st.floats(-1, 1),
)
def test_nothing_is_lost_and_scores_are_the_sum_of_their_parts(
    lists: dict[str, list[Hit]], method: str, floor: float
) -> None:
    fused = fuse(lists, Fusion(method=method), floor=floor)  # type: ignore[arg-type]
    assert sorted(one.hit.id for one in fused) == sorted(
        {hit.id for some in lists.values() for hit in some}
    )
    scores = [one.hit.score for one in fused]
    assert scores == sorted(scores, reverse=True)
    for one in fused:
        assert one.hit.score == pytest.approx(sum(by.part for by in one.found))
        assert {(by.channel, by.rank) for by in one.found} == {
            (name, n)
            for name, some in lists.items()
            for n, hit in enumerate(some, start=1)
            if hit.id == one.hit.id
        }


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"method": "best"}, "method = 'best'"),
        ({"words": 1}, "words is no entry of fusion; use one of method"),
        ({"vector": -1}, "vector = -1"),
        ({"text": 0, "intent": 0, "vector": 0}, "are all 0"),
        ({"vector_least": 9}, "above vector_most"),
    ],
)
def test_a_wrong_table_is_named(values: dict[str, object], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        read_fusion(values)


def test_a_table_of_texts_is_read() -> None:
    assert read_fusion({"method": "convex", "vector": "0.8"}) == Fusion(method="convex", vector=0.8)
