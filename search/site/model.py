"""The values that a site's rules are made of."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import Literal

from enrich.text import normalize_query
from search.intent.model import Attribute, Value

SYNONYM, STOP, COMPANY = "site:synonym", "site:stop word", "site:company"
"""What found a part that a site's rules explain; parts found by ``STOP`` need not match."""

PairKind = Literal["same", "narrower", "related"]

_CLOSE = re.compile(r"(?<=[!-~]) (?=[^\x00-\x7f])|(?<=[^\x00-\x7f]) (?=[!-~])")


@lru_cache(maxsize=50_000)
def spelling(text: str) -> str:
    """Return a word as queries are compared with it: normalised, java 开发 as java开发."""
    return _CLOSE.sub("", normalize_query(text))


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a synonym is read as; ``value`` of a position is the form that names it."""

    text: str
    attribute: Attribute
    value: Value


@dataclass(frozen=True, slots=True)
class Forced:
    """A candidate that a query is always rewritten to, and what it is to the query."""

    candidate: str
    kind: PairKind


Pair = tuple[str, str]


@dataclass(frozen=True)
class SiteRules:
    """A site's rules, checked; all words in the spelling of ``spelling``.

    A rewrite is directed: from the query's name to the candidate's. It holds for every name of the
    two positions; where both names are of one position, for the names as written. ``keys`` leads
    from the names that this concerns to their position. ``companies`` leads from every name of an
    employer to the usual one. ``digest`` is of the files' bytes; empty where there are no rules.
    """

    synonyms: Mapping[str, Meaning] = field(default_factory=dict)
    stop_words: frozenset[str] = frozenset()
    companies: Mapping[str, str] = field(default_factory=dict)
    blocked: frozenset[Pair] = frozenset()
    forced: Mapping[str, tuple[Forced, ...]] = field(default_factory=dict)
    keys: Mapping[str, str] = field(default_factory=dict)
    digest: str = ""

    @classmethod
    def none(cls) -> SiteRules:
        """Return the rules of a site without any."""
        return _NONE

    def __bool__(self) -> bool:
        """Tell whether there is any rule."""
        return bool(
            self.synonyms or self.stop_words or self.companies or self.blocked or self.forced
        )

    @property
    def counts(self) -> dict[str, int]:
        """How many rules of each kind there are."""
        return {
            "synonyms": len(self.synonyms),
            "stop words": len(self.stop_words),
            "names of employers": len(self.companies),
            "blocked rewrites": len(self.blocked),
            "forced rewrites": sum(map(len, self.forced.values())),
        }

    @property
    def counted(self) -> str:
        """The same in words."""
        return ", ".join(f"{count} {name}" for name, count in self.counts.items())

    def meant(self, text: str) -> str:
        """Return the name that a synonym means; any other text as it is."""
        meaning = self.synonyms.get(spelling(text))
        return meaning.text if meaning else text

    def key(self, text: str) -> str:
        """Return what a name is compared by: its position where the rules concern it."""
        name = self._name(text)
        return self.keys.get(name, name)

    def blocks(self, query: str, candidate: str) -> bool:
        """Tell whether a query must never be rewritten to a candidate."""
        names = self._name(query), self._name(candidate)
        return names in self.blocked or (self.key(query), self.key(candidate)) in self.blocked

    def forces(self, query: str) -> tuple[Forced, ...]:
        """Return what a query is always rewritten to, in the order of the file."""
        name, key = self._name(query), self.key(query)
        found = self.forced.get(key, ())
        return found if name == key else (*self.forced.get(name, ()), *found)

    def forced_pair(self, query: str, candidate: str) -> Forced | None:
        """Return the forced rewrite from a query to a candidate under any of their names."""
        name, key = self._name(candidate), self.key(candidate)
        for one in self.forces(query):
            its = self._name(one.candidate)
            if its == name or (self.key(its) == key != self.key(query)):
                return one
        return None

    def company_names(self, name: str) -> tuple[str, ...]:
        """Return every name of an employer, the usual one first; just ``name`` if unknown."""
        return self._employers.get(self.companies.get(spelling(name), ""), (name,))

    def _name(self, text: str) -> str:
        return self.meant(spelling(text))

    @cached_property
    def _employers(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, dict[str, None]] = {}
        for alias, usual in self.companies.items():
            found.setdefault(usual, {usual: None})[alias] = None
        return {usual: tuple(names) for usual, names in found.items()}


_NONE = SiteRules(MappingProxyType({}), companies=MappingProxyType({}), forced=MappingProxyType({}))
