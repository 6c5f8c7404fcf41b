"""Loading the reviewable dictionaries beside this module (tab-separated, one entry a line)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from enrich.text import normalize_query


class DictionaryError(ValueError):
    """A dictionary file has a wrong line; names file, line and remedy."""


@dataclass(frozen=True, slots=True)
class Line:
    """An entry of a dictionary: its line number and its cells by column."""

    number: int
    cells: dict[str, str]


def lines(name: str, text: str | None = None) -> Iterator[Line]:
    """Yield the entries of a dictionary; lines that begin with ``#`` are remarks.

    Args:
        name: the file's name in ``data``.
        text: its content; by default that of the shipped file.

    Raises:
        DictionaryError: a line has not as many columns as the header.
    """
    if text is None:
        text = resources.files("enrich.tags").joinpath("data", name).read_text(encoding="utf-8")
    header: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        cells = line.split("\t")
        if not header:
            header = cells
        elif len(cells) != len(header):
            raise DictionaryError(
                f"{name}, line {number}: {len(cells)} columns; write {len(header)}: {header}"
            )
        else:
            yield Line(number, dict(zip(header, cells, strict=True)))


@cache
def rows(name: str) -> tuple[dict[str, str], ...]:
    """Return the entries of a dictionary, each a map from its header's columns.

    Raises:
        DictionaryError: a line has not as many columns as the header.
    """
    return tuple(line.cells for line in lines(name))


@cache
def forms(name: str, key: str, value: str) -> dict[str, str]:
    """Return a dictionary from normalised surface form to another column."""
    return {normalize_query(row[key]): row[value] for row in rows(name)}


class Finder:
    """Finds the words of a dictionary in text, each with a value."""

    def __init__(self, words: Mapping[str, str]) -> None:
        """Build the automaton over the words."""
        from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

        self._values = list(words.values())
        self._automaton = AhoCorasick(
            list(words),
            matchkind=MatchKind.LeftmostLongest,
            implementation=Implementation.ContiguousNFA,
        )

    def longest(self, text: str) -> list[tuple[int, int, str]]:
        """Return (start, end, value) of the longest matches from left to right."""
        found = self._automaton.find_matches_as_indexes(text)
        return [(start, end, self._values[word]) for word, start, end in found]
