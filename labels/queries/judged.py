"""Queries judged by hand, as ``data/judged.tsv`` holds them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import resources

from enrich.tags.tables import lines
from labels.queries.model import GENERIC, JudgedQuery, Piece

LETTERS: Mapping[str, str] = {
    "P": "position",
    "C": "company",
    "W": "workplace",
    "L": "location",
    "S": "salary",
    "A": "age",
    "G": "gender",
    "E": "education",
    "J": "job_type",
    "B": "benefit",
    "X": "experience",
    "_": GENERIC,
}
BLANK = "~"


def read_judged(text: str) -> Iterator[JudgedQuery]:
    """Yield the queries of a text, one a line under the header: ``C:宏远电子 ~ P:普工``.

    Raises:
        ValueError: a part has no known letter; names the line and the remedy.
    """
    for line in lines("judged.tsv", text):
        yield _judged(line.cells["parts"].split(), line.number)


def shipped() -> list[JudgedQuery]:
    """Return the queries that ship with the package."""
    data = resources.files("labels.queries").joinpath("data", "judged.tsv")
    return list(read_judged(data.read_text(encoding="utf-8")))


def _judged(parts: list[str], number: int) -> JudgedQuery:
    query, pieces = "", []
    for part in parts:
        letter, _, words = part.partition(":")
        if part == BLANK:
            query += " "
        elif letter in LETTERS and words:
            query += words
            pieces.append(Piece(words, LETTERS[letter], named=True))
        else:
            raise ValueError(
                f"judged.tsv, line {number}: {part!r} is no part; write one of {''.join(LETTERS)}, "
                f"a colon and the words, or {BLANK} for a blank"
            )
    return JudgedQuery(query, tuple(pieces))
