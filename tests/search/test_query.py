"""Reading queries into parts."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from search_support import TAXONOMY

from search.query import QueryParser, intent_query, plain_parts, text_query

PARSER = QueryParser(TAXONOMY)


def read(query: str, rewrite: bool = False) -> list[tuple[str, str, tuple[str, ...]]]:
    parts = PARSER.parse(query, rewrite=rewrite)
    return [("".join(p.phrase.tokens), p.phrase.stream, p.phrase.positions) for p in parts]


def test_a_form_reads_the_offer() -> None:
    assert read("服务员") == [("服务员", "offer", ())]


def test_rewriting_adds_the_position() -> None:
    both = ("waiter", "attendant")  # the retired id too: a document may still carry it
    assert read("服务员", rewrite=True) == [("服务员", "offer", both)]


def test_a_narrower_form_is_not_widened_by_rewriting() -> None:
    assert read("传菜服务员", rewrite=True) == [("传菜服务员", "offer", ())]


def test_a_longer_string_reads_the_text_whole() -> None:
    assert read("会计专业", rewrite=True) == [("会计专业", "text", ())]


def test_blank_separated_strings_are_parts_of_their_own() -> None:
    assert read("北京 服务员 包住") == [
        ("北京", "text", ()),
        ("服务员", "offer", ()),
        ("包住", "text", ()),
    ]


@pytest.mark.parametrize("query", ["java 开发工程师", "Java  开发工程师", "【服务员】", "服 务 员"])
def test_a_form_with_blanks_or_decoration_is_one_part(query: str) -> None:
    assert len(PARSER.parse(query)) == 1
    assert PARSER.parse(query)[0].form is not None


def test_java_and_chinese_join() -> None:
    assert read("java 开发")[0][:2] == ("java开发", "offer")


def test_a_border_in_a_string_parts_it() -> None:
    assert [text for text, _, _ in read("双休，包住")] == ["双休", "包住"]


@pytest.mark.parametrize("query", ["", "   ", "！！！", "😀", "***"])
def test_nothing_to_read_gives_no_parts(query: str) -> None:
    assert PARSER.parse(query) == ()
    assert plain_parts(query, "plain") == ()


def test_intent_needs_a_position() -> None:
    assert intent_query(PARSER.parse("包住")) is None
    asked = intent_query(PARSER.parse("传菜服务员 包住"))
    assert asked is not None
    assert asked.parts[0].positions == ("waiter", "attendant")
    assert asked.parts[0].tokens == ()
    assert asked.parts[1] == text_query(PARSER.parse("包住")).parts[0]


@settings(deadline=None)
@given(st.text(max_size=80), st.booleans())
def test_any_query_is_read(query: str, rewrite: bool) -> None:
    for part in PARSER.parse(query, rewrite=rewrite):
        assert part.phrase.tokens
        assert not any(char.isspace() for token in part.phrase.tokens for char in token)
