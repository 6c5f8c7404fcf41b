"""What is read of queries by the towers; of posts: ``test_invariant_vector``."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrich.towers.text import query_text


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("夜班 保安", "夜班保安"),
        ("夜班  保安 包住", "夜班保安包住"),
        ("java 开发", "java 开发"),
        ("ui designer", "ui designer"),
        ("", ""),
    ],
)
def test_blanks_between_chinese_words_mean_nothing(query: str, expected: str) -> None:
    assert query_text(query) == expected


@given(st.text(max_size=40))
def test_nothing_but_blanks_is_lost_and_twice_is_once(query: str) -> None:
    found = query_text(query)
    assert "".join(found.split()) == "".join(query.split())
    assert query_text(found) == found
