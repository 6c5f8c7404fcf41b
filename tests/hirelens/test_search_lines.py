"""Hits as people and programs see them."""

from __future__ import annotations

from typing import Any

from hirelens.commands.search import answer_mapping, hit_lines
from search.found import ChannelRun, FoundBy, LeftOut
from search.rank import RankPart
from search.service import Answer, AnsweredHit
from search.understanding import Understanding

POST = {"title": "招短期工", "company": "某店", "city": "武汉"}
DEBUG: dict[str, Any] = {
    "stripped": [{"field": "body", "text": "不如送餐员", "reason": "N:compare"}]
}
HIT = AnsweredHit(
    *("p1", 0.0243, POST, DEBUG, ("text", "vector")),
    ({"field": "title", "text": "短期工", "score": 0.97},),
    (FoundBy("text", 2, 8.25, 0.0081), FoundBy("vector", 1, 0.6123, 0.0164)),
    (RankPart("relevance", 0.98, 1.0), RankPart("freshness", 0.5, 0.005)),
    ("p7", "p9"),
)


def test_a_hit_names_what_was_folded_under_it() -> None:
    assert hit_lines(3, HIT, explain=False).splitlines() == [
        "  3. p1  招短期工",
        "     某店 · 武汉",
        "     and 2 nearly the same: p7, p9",
    ]


def test_explained_it_tells_who_found_it_with_what_and_why_it_stands_there() -> None:
    assert hit_lines(1, HIT, explain=True).splitlines()[3:] == [
        "     score 0.0243 from text, vector",
        "     text: rank 2, score 8.250, adds 0.0081",
        "     vector: rank 1, cosine 0.612, adds 0.0164",
        "     place: relevance 0.980 × 1 + freshness 0.500 × 0.005",
        "     found by title: “短期工” (0.97)",
        "     left out, body: “不如送餐员” (N:compare)",
    ]


def test_of_one_channel_alone_nothing_is_added() -> None:
    alone = AnsweredHit("p1", 8.25, POST, {}, ("text",), (), (FoundBy("text", 2, 8.25),))
    assert hit_lines(1, alone, explain=True).splitlines()[2:] == [
        "     score 8.2500 from text",
        "     text: rank 2, score 8.250",
    ]


def test_programs_get_the_same_and_what_each_channel_did() -> None:
    late = ChannelRun("vector", 1.0, 0, 0, "encoder_slow: …", LeftOut.ENCODER_SLOW)
    answer = Answer((HIT,), 3, Understanding("q"), ("note",), (late,))
    told = answer_mapping("q", answer, explain=False)
    assert told["channels"] == [
        {
            "channel": "vector",
            "seconds": 1.0,
            "hits": 0,
            "total": 0,
            "trouble": "encoder_slow: …",
            "left_out": "encoder_slow",
        }
    ]
    (hit,) = told["hits"]
    assert hit["found"][1] == {"channel": "vector", "rank": 1, "score": 0.6123, "part": 0.0164}
    assert hit["folded"] == ("p7", "p9")
    assert "ranked" not in hit
    (explained,) = answer_mapping("q", answer, explain=True)["hits"]
    assert explained["ranked"][0] == {"name": "relevance", "value": 0.98, "weight": 1.0}
