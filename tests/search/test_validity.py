"""What is unfit for any index, with the field and the remedy named."""

from __future__ import annotations

import math

import pytest

from search.cursors import check_limit, decode, encode
from search.index import CursorError, Document, MatchSection
from search.validity import document_problem, space_problem, vector_problem


def opened(vector: tuple[float, ...] = ()) -> Document:
    return Document("1", 1, "open", "r", "d", MatchSection(*[""] * 6, (), {}, vector))


@pytest.mark.parametrize(
    ("vector", "length", "says"),
    [
        ((1.0,), 2, "1 numbers"),
        ((math.nan, 1.0), None, "finite"),
        ((math.inf, 1.0), 2, "finite"),
        ((0.0, 0.0), 2, "direction"),
        ((0.6, 0.8), 2, None),
        ((0.6, 0.8), None, None),
    ],
)
def test_vectors(vector: tuple[float, ...], length: int | None, says: str | None) -> None:
    found = vector_problem(vector, length)
    assert (found is None) if says is None else says in (found or "")
    told = document_problem(opened(vector), length)
    assert (told is None) == (says is None)
    assert told is None or told.startswith("field 'vector'")


def test_an_open_document_has_a_text_and_a_closed_one_none() -> None:
    assert document_problem(opened(), 2) is None
    assert document_problem(Document("1", 1, "closed", "r", "d"), 2) is None
    assert "match" in (document_problem(Document("1", 1, "open", "r", "d"), 2) or "")
    shut = Document("1", 1, "closed", "r", "d", opened().match)
    assert "match" in (document_problem(shut, 2) or "")


def test_only_a_vector_makes_the_space_matter() -> None:
    assert space_problem(opened((1.0,)), "a", "a") is None
    assert space_problem(opened(), "a", "b") is None
    told = space_problem(opened((1.0,)), "a", "b") or ""
    assert "'a'" in told
    assert "'b'" in told


@pytest.mark.parametrize("snapshot", [None, "abc=="])
def test_a_cursor_comes_back(snapshot: str | None) -> None:
    assert decode(encode(0.1, "帖 1", snapshot)) == (0.1, "帖 1", snapshot)


@pytest.mark.parametrize("text", ["", "nonsense", "W10=", "e30="])
def test_what_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(CursorError, match="cursor"):
        decode(text)


def test_a_page_holds_at_least_one_hit() -> None:
    check_limit(1)
    with pytest.raises(ValueError, match="limit 0"):
        check_limit(0)
