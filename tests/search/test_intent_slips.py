"""Slips of the keyboard, against the shipped taxonomy's words and by themselves."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.intent import pinyin
from search.intent.model import Candidate, Repair
from search.intent.path import UNKNOWN
from search.intent.slips import SlipIndex, Word

WORDS = [
    "服务员",
    "仓管员",
    "收银员",
    "保安",
    "会计",
    "分拣员",
    "外卖配送员",
    "英语老师",
    "日语老师",
]
INDEX = SlipIndex(Word(text, "position", text, 0) for text in WORDS)


def unknown(text: str) -> list[Candidate]:
    return [Candidate(0, len(text), "generic", text, UNKNOWN)] if text else []


def repairs(text: str, words: list[str] | None = None) -> set[tuple[str, str, str]]:
    found = INDEX.repairs(text, unknown(text), lambda run: words or list(run))
    return {(r.written, r.meant, r.how) for item in found if (r := item.repair)}


@pytest.mark.parametrize(
    ("text", "meant", "how"),
    [
        ("服物员", "服务员", "pinyin"),
        ("仓管圆", "仓管员", "pinyin"),
        ("保按", "保安", "pinyin"),
        ("会几", "会计", "pinyin"),
        ("务服员", "服务员", "characters"),
        ("服务务员", "服务员", "characters"),
        ("外配送员", "外卖配送员", "characters"),
        ("kuaiji", "会计", "typed pinyin"),
    ],
)
def test_a_slip_is_repaired_and_explained(text: str, meant: str, how: str) -> None:
    assert (text, meant, how) in repairs(text)


@pytest.mark.parametrize("text", ["服装员", "保洁", "德语老师", "物", "银行员"])
def test_another_word_is_left_alone(text: str) -> None:
    assert repairs(text) == set()


def test_a_character_of_a_word_is_kept() -> None:
    assert repairs("德语老师", ["德语", "老师"]) == set()
    assert repairs("法鱼老师", ["法鱼", "老师"]) == set()


def test_a_word_in_the_way_that_sounds_the_same_is_repaired() -> None:
    assert ("收银圆", "收银员", "pinyin") in repairs("收银圆", ["收", "银圆"])


def test_known_text_is_never_repaired() -> None:
    path = [Candidate(0, 3, "location", "服物员", "dictionary:places")]
    assert list(INDEX.repairs("服物员", path, list)) == []


def test_two_characters_in_a_longer_unknown_stretch_are_left_alone() -> None:
    assert ("保按", "保安", "pinyin") not in repairs("保按摩棒", list("保按摩棒"))


def test_a_repair_keeps_what_was_written() -> None:
    (item,) = INDEX.repairs("保按", unknown("保按"), list)
    assert item.repair == Repair("保按", "保安", "pinyin")
    assert (item.start, item.end, item.value) == (0, 2, "保安")


def test_sounds() -> None:
    assert pinyin.keys("会计") >= {("kuai", "ji")}
    assert pinyin.typed("服务员") == "fuwuyuan"
    assert pinyin.alike("纫", "任")
    assert not pinyin.alike("请", "长")
    assert not pinyin.same("鲜", "员")
    assert pinyin.keys("a") == frozenset()


@given(st.text(alphabet="服务员物圆保安按收银英日语老师abc ", max_size=12))
@settings(max_examples=200, deadline=None)
def test_repairs_lie_inside_the_text_and_name_known_words(text: str) -> None:
    for item in INDEX.repairs(text, unknown(text), list):
        assert 0 <= item.start < item.end <= len(text)
        assert item.value in WORDS
        assert item.repair is not None
        assert item.repair.written == text[item.start : item.end]
        assert item.repair.written != item.repair.meant


@pytest.mark.parametrize(
    ("text", "words", "meant"),
    [
        ("英语老帅", ["英语", "老", "帅"], "英语老师"),
        ("baoan", None, "保安"),
    ],
)
def test_looks_and_short_pinyin_are_repaired(
    text: str, words: list[str] | None, meant: str
) -> None:
    assert meant in {word for _, word, _ in repairs(text, words)}


def test_a_whole_word_is_repaired_only_where_tones_agree() -> None:
    assert ("会记", "会计", "pinyin") in repairs("会记", ["会记"])
    assert repairs("宝岸", ["宝岸"]) == set()
