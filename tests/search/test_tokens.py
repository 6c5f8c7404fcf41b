"""The tokeniser: containment modulo punctuation, borders, whole technical names."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from search_support import TAXONOMY

from enrich.text import GAP as CUT
from enrich.text import normalize
from search.tokens import (
    GAP,
    char_stream,
    plain_stream,
    plain_tokens,
    segments,
    word_cutter,
)


def tokens(text: str) -> list[str]:
    return char_stream(normalize(text).text).split()


def test_chinese_stands_alone_and_latin_runs_together() -> None:
    assert tokens("招聘Java8工程师") == ["招", "聘", "java8", "工", "程", "师"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("C#", ["c#"]),
        ("C++", ["c++"]),
        ("c/c++", ["c", "c++"]),
        (".NET", [".net"]),
        ("ASP.NET", ["asp.net"]),
        ("精通Node.js和Vue.js", ["精", "通", "node.js", "和", "vue.js"]),
        ("3.java", ["3", "java"]),
        ("abc#", ["abc"]),
    ],
)
def test_technical_names_stay_whole(text: str, expected: list[str]) -> None:
    assert tokens(text) == expected


def test_a_border_and_a_cut_leave_one_gap() -> None:
    assert char_stream(f"服务,。员{CUT} {CUT}工").split() == ["服", "务", GAP, "员", GAP, "工"]
    assert tokens("8:30-4,000") == ["8", "30", "4", "000"]


def test_no_text_makes_the_gap_token() -> None:
    assert tokens("GAP … ⋯") == ["gap"]


def test_plain_has_no_gaps_inside_a_field() -> None:
    assert plain_stream("招,服/务员", "java。好") == f"招 服 务 员 {GAP} j a v a 好"


def test_words_follow_the_taxonomy_and_keep_gaps() -> None:
    cutter = word_cutter(TAXONOMY)
    words = cutter.stream(normalize("急招传菜服务员，会c++开发").text).split()
    assert "传菜服务员" in words
    assert GAP in words
    assert "c++" in words


@settings(deadline=None)
@given(st.text(max_size=60))
def test_streams_agree_on_any_text(text: str) -> None:
    clean = normalize(text).text
    chars = [token for segment in segments(clean) for token in segment]
    assert not any(char.isspace() for token in chars for char in token)
    assert "".join(chars) == "".join(t for t in char_stream(clean).split() if t != GAP)
    words = [t for t in word_cutter(TAXONOMY).stream(clean).split() if t != GAP]
    assert "".join(words) == "".join(chars)
    assert set("".join(chars)) <= set(clean)
    assert not any(char in GAP for char in plain_tokens(clean))


@pytest.mark.parametrize("text", ["a" * 700, "b" * 300 + "++", "c" * 300 + ".js", "3" * 259])
def test_no_token_is_longer_than_every_back_end_keeps(text: str) -> None:
    found = tokens(text)
    assert "".join(found) == text
    assert max(map(len, found)) <= 255 < len(text)
    assert found[-1].endswith(text[-3:])
