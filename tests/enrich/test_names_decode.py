"""From tags to names, and which characters a token stands for."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from enrich.names.decode import LONGEST, Piece, apart, pieces, trimmed
from enrich.windows import MarkedText, Specials, tokenize

O, B, I = (0.9, 0.05, 0.05), (0.1, 0.8, 0.1), (0.1, 0.2, 0.7)  # noqa: E741


def test_a_name_begins_with_b_and_goes_on_with_i() -> None:
    assert pieces([O, B, I, O, I, B, B, I], 0, 8, 0.0) == [
        Piece(1, 3, 0.56),
        Piece(5, 6, 0.72),
        Piece(6, 8, 0.56),
    ]


def test_what_is_unsure_or_too_long_is_no_name() -> None:
    assert pieces([O, B, I, O], 0, 4, 0.57) == []
    assert pieces([B, *[I] * LONGEST], 0, LONGEST + 1, 0.0) == []
    assert len(pieces([B, *[I] * (LONGEST - 1)], 0, LONGEST, 0.0)) == 1


def test_only_the_asked_tokens_are_looked_at() -> None:
    assert pieces([B, I, B, I], 1, 3, 0.0) == [Piece(2, 3, 0.8)]


def test_an_unsure_border_lowers_the_score() -> None:
    doubtful = (0.51, 0.0, 0.49)
    assert pieces([B, doubtful], 0, 2, 0.0) == [Piece(0, 1, 0.408)]


def test_spans_that_touch_nothing_are_apart() -> None:
    assert apart([(0, 2), (2, 4), (5, 6)], [(3, 5)]) == [True, False, True]


def test_edges_without_letters_are_trimmed() -> None:
    assert trimmed(" 、洗碗工) ", 0, 7) == (2, 5)
    assert trimmed("()", 0, 2) == (2, 2)


ALPHABET = "招洗碗工 ,a\n"


@settings(deadline=None)
@given(st.text(alphabet=ALPHABET, max_size=30), st.lists(st.integers(0, 30), max_size=6))
def test_places_cover_the_text_in_order(text: str, cuts: list[int]) -> None:
    from labels.train.base import build_tokenizer

    pieces_ = ["<s>", "<pad>", "</s>", "<unk>", "▁", "招", "洗碗", "工", "洗", "碗", "碗工", ","]
    tokenizer = build_tokenizer([(piece, -1.0) for piece in pieces_])
    edges = sorted({min(cut, len(text)) for cut in cuts})
    spans = tuple(zip(edges[::2], edges[1::2], strict=False))
    marked = MarkedText(text, spans)
    (told,) = tokenize(tokenizer, [marked], Specials(), places=True)
    (plain,) = tokenize(tokenizer, [marked], Specials())
    assert (told.ids, told.spans) == (plain.ids, plain.spans)
    assert plain.places == ()
    assert len(told.places) == len(told.ids)
    read = "".join(text[start:end] for start, end in told.places)
    assert "".join(read.split()) == "".join(text.split()), "a run of blanks is one token"
    ends = [0, *(end for _, end in told.places)]
    assert all(start >= end for (start, _), end in zip(told.places, ends, strict=False))
    for (start, end), (first, last) in zip(told.spans, spans, strict=True):
        assert all(first <= a and b <= last for a, b in told.places[start:end])
