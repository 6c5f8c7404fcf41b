"""Loading the reviewable dictionaries beside this module (tab-separated, one entry a line)."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

from enrich.text import normalize_query


class DictionaryError(ValueError):
    """A dictionary file has a wrong line; names file, line and remedy."""


@cache
def rows(name: str) -> tuple[dict[str, str], ...]:
    """Return the entries of a dictionary, each a map from its header's columns.

    Raises:
        DictionaryError: a line has not as many columns as the header.
    """
    text = resources.files("enrich.tags").joinpath("data", name).read_text(encoding="utf-8")
    header: list[str] = []
    found: list[dict[str, str]] = []
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
            found.append(dict(zip(header, cells, strict=True)))
    return tuple(found)


@cache
def forms(name: str, key: str, value: str) -> dict[str, str]:
    """Return a dictionary from normalised surface form to another column."""
    return {normalize_query(row[key]): row[value] for row in rows(name)}


def automaton(words: dict[str, str]) -> Any:  # noqa: ANN401 - the library ships no types
    """Return an Aho-Corasick automaton whose matches carry (form, value)."""
    import ahocorasick

    machine = ahocorasick.Automaton()
    for form, value in words.items():
        machine.add_word(form, (form, value))
    machine.make_automaton()
    return machine


def longest(machine: Any, text: str) -> list[tuple[int, int, str]]:  # noqa: ANN401
    """Return (start, end, value) of the longest matches from left to right."""
    return [(end + 1 - len(form), end + 1, value) for end, (form, value) in machine.iter_long(text)]
