"""How far a refusal reaches."""

from __future__ import annotations

import pytest
from search_support import TAXONOMY

from search.intent.reader import reader_of

READER = reader_of(TAXONOMY)


def told(query: str) -> list[tuple[str, str, bool]]:
    return [(one.text, one.attribute, one.negated) for one in READER.understand(query).intents]


@pytest.mark.parametrize(
    ("query", "parts"),
    [
        ("不要酒店服务员", [("不要酒店", "workplace", True), ("服务员", "position", True)]),
        (
            "会计 不要酒店服务员和骑手",
            [
                ("会计", "position", False),
                ("不要酒店", "workplace", True),
                ("服务员", "position", True),
                ("和", "generic", False),
                ("骑手", "position", True),
            ],
        ),
        ("不要酒店 服务员", [("不要酒店", "workplace", True), ("服务员", "position", False)]),
        ("不要北京的服务员", [("不要北京", "location", True), ("的", "generic", False)]),
    ],
)
def test_a_position_in_a_refused_place_is_refused(
    query: str, parts: list[tuple[str, str, bool]]
) -> None:
    assert told(query)[: len(parts)] == parts


@pytest.mark.parametrize("query", ["不要上夜班", "不要上夜班 会计", "会计 不要上夜班"])
def test_what_stands_between_a_refusal_and_its_part_belongs_to_it(query: str) -> None:
    assert ("不要上夜班", "job_type", True) in told(query)
    assert "上" not in [text for text, _, _ in told(query)]


@pytest.mark.parametrize("query", ["不用喝酒 服务员", "不喝酒 服务员", "不抽烟 会计", "不晒 骑手"])
def test_a_blank_behind_what_is_refused_ends_the_refusal(query: str) -> None:
    assert told(query)[-1] == (query.split()[1], "position", False)


@pytest.mark.parametrize(
    "query", ["不想做 服务员", "不想做服务员", "不想从事 服务员", "不喜欢 服务员", "不要任何 骑手"]
)
def test_a_blank_behind_what_only_leads_there_does_not(query: str) -> None:
    assert told(query)[-1] == ("".join(query.split()), "position", True)


def test_a_list_goes_on_behind_a_blank() -> None:
    found = told("不想从事服务员 和 骑手")
    assert [(text, away) for text, kind, away in found if kind == "position"] == [
        ("不想从事服务员", True),
        ("骑手", True),
    ]


def test_texts_joined_are_the_query() -> None:
    for query in (
        "不要上夜班 会计",
        "不要 再 做 服务员",
        "不要上",
        "不要上上夜班",
        "中介 勿扰 不要",
    ):
        assert "".join(text for text, _, _ in told(query)) == "".join(query.split())
