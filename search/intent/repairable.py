"""Which words a slip may mean, and their index, built when it is first asked for."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from types import MappingProxyType

from enrich.tags.tables import forms, rows
from enrich.text import normalize_query
from search.intent.names import Names
from search.intent.slips import LONGEST, NAME, SlipIndex, Word
from search.intent.vocabulary import Vocabulary

_SCHOOLS = frozenset({"本科", "大专", "中专", "硕士", "博士", "专科"})
"""Schooling that is repaired: 本课."""
_SHORTEST = 3
"""Characters of an employer's name that is repaired; shorter ones sound like too much."""


def _names_of_places() -> Iterator[Word]:
    """Yield the provinces and cities, short and whole."""
    for row in rows("places.tsv"):
        word = normalize_query(row["form"])
        if row["kind"] in {"province", "city"} and row["use"] == "sure" and len(word) <= LONGEST:
            yield Word(word, "location", word, NAME)


class Slips:
    """The index of slips of a vocabulary, shared by the copies of a reader."""

    def __init__(self, vocabulary: Vocabulary, names: Names) -> None:
        """Keep what the index is built of."""
        self._vocabulary = vocabulary
        self._names = names

    @cached_property
    def index(self) -> SlipIndex:
        """The index; takes a second or so to build."""
        return SlipIndex(self._repairable())

    def _repairable(self) -> Iterator[Word]:
        """Yield the Chinese names of positions, and of offers and kinds of work, that are short."""
        yield from _names_of_places()
        for word, level in forms("education.tsv", "form", "level").items():
            if word in _SCHOOLS:
                yield Word(word, "education", MappingProxyType({"level": level}), 0)
        canonical = self._names.canonical()
        for word, entry in self._vocabulary.named("company"):
            chinese = all("\u3400" <= char <= "\u9fff" for char in word)
            if chinese and _SHORTEST <= len(word) <= LONGEST and not entry.cued:
                yield Word(word, "company", str(entry.value), NAME)
        for word, entry in self._vocabulary.named("position", "job_type", "benefit"):
            chinese = all("\u3400" <= char <= "\u9fff" for char in word)
            if not (chinese and 2 <= len(word) <= LONGEST) or word.endswith("的"):
                continue
            if entry.attribute != "position":
                yield Word(word, entry.attribute, str(entry.value), 2)
            elif self._names.names_same(word):
                yield Word(word, "position", word, 0 if word in canonical else 1)
