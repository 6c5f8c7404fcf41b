"""What the towers read: of a query its words, of a post clean text only (what pass 2 reads).

So what was stripped leaves no trace in a vector.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

from enrich.text import GAP, clauses, is_border

Reads = Literal["title", "sentence", "lead", "full"]
"""The clean title; with the first sentence that says something; with the leading clauses; all."""

MAX_CLAUSES = 12
"""Clauses of each field that ``lead`` reads."""
_LEAST_SAID = 6
_SENTENCE_END = re.compile(r"[。！？；!?;\n\r]+")
_WORD = re.compile(r"\w")
_PARTED = re.compile(
    r"(?<=[\u2e80-\u2fff\u3001-\U0010ffff])\s+(?=[\u2e80-\u2fff\u3001-\U0010ffff])"
)
"""Blanks between Chinese characters: who parts words by them means the same, posts never do."""
_CUT = "\ue000"
"""Stands for a gap here: as a letter, it ends no clause."""


def query_text(query: str) -> str:
    """Return the text of which a query's vector is made: 夜班 保安 is 夜班保安."""
    return _PARTED.sub("", query)


def vector_text(
    clean_title: str, clean_body: str, reads: Reads = "lead", hired: Iterable[str] = ()
) -> str:
    """Return the text of which a post's vector is made.

    Words that stood beside something misleading are left out with it: of 比保安轻松多了 nothing is
    read. They stay only where they alone name what is hired.

    Args:
        clean_title: without what was stripped, a gap in its place.
        clean_body: likewise.
        reads: how much of it.
        hired: words that name what is hired, as they stand in the clean text.
    """
    title, body = _whole((clean_title, clean_body), tuple(hired))
    if reads == "title":
        return _joined(title)
    if reads == "sentence":
        return ",".join(filter(None, (_joined(title), _joined(_sentence(body)))))
    most = MAX_CLAUSES if reads == "lead" else None
    return ",".join(filter(None, (_joined(title, most), _joined(body, most))))


def _whole(texts: Iterable[str], hired: tuple[str, ...]) -> list[str]:
    """Return texts without the pieces that something was cut out of, their borders included."""
    pieces = [_pieces(text.replace(GAP, _CUT)) for text in texts]
    said = "\n".join(piece for some in pieces for piece in some if _CUT not in piece)
    unsaid = [name for name in dict.fromkeys(hired) if name not in said]
    kept: list[str] = []
    for some in pieces:
        left = ""
        for piece in some:
            names = [name for name in unsaid if name in piece]
            if _CUT not in piece or names:
                left += piece.replace(_CUT, "\n")
                unsaid = [name for name in unsaid if name not in names]
        kept.append(left)
    return kept


def _pieces(text: str) -> list[str]:
    """Return the pieces of a text, each with the border behind it; they join to the text.

    Borders are those of clauses and, where something was cut out of a clause, its blanks.
    """
    found: list[str] = []
    start = 0
    for index, char in enumerate(text):
        if is_border(text, index, char):
            found += _words(text[start : index + 1])
            start = index + 1
    return found + _words(text[start:])


def _words(clause: str) -> list[str]:
    return re.findall(r"\S*\s*", clause) if _CUT in clause else [clause]


def _joined(text: str, most: int | None = None) -> str:
    """Return the clauses of a text."""
    found = clauses(text)
    return ",".join(text[clause.start : clause.end] for clause in found[:most])


def _sentence(text: str) -> str:
    """Return the first sentence that says more than a heading does."""
    for sentence in _SENTENCE_END.split(text):
        if len(_WORD.findall(sentence)) >= _LEAST_SAID:
            return sentence
    return text
