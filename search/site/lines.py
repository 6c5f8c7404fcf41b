"""The lines of a site's files, each right by itself; words in the spelling of ``spelling``."""

from __future__ import annotations

from dataclasses import dataclass

from search.site.files import Row
from search.site.model import PairKind


@dataclass(frozen=True, slots=True)
class Synonym:
    """A word and what it is read as."""

    row: Row
    word: str
    meaning: str


@dataclass(frozen=True, slots=True)
class StopWord:
    """A word that says nothing."""

    row: Row
    word: str


@dataclass(frozen=True, slots=True)
class Company:
    """An employer: the name as written, its spelling, and the other names."""

    row: Row
    name: str
    word: str
    aliases: tuple[str, ...]

    @property
    def words(self) -> tuple[str, ...]:
        """All its names, the usual one first."""
        return self.word, *self.aliases


@dataclass(frozen=True, slots=True)
class Rewrite:
    """A pair of names that is always, or never, taken one for the other."""

    row: Row
    query: str
    candidate: str
    forced: bool
    kind: PairKind


@dataclass(frozen=True, slots=True)
class Lines:
    """All lines of a folder."""

    synonyms: tuple[Synonym, ...]
    stop_words: tuple[StopWord, ...]
    companies: tuple[Company, ...]
    rewrites: tuple[Rewrite, ...]
