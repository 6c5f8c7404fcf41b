"""What a site's new rules change for queries: how they are read, rewritten and answered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from enrich.taxonomy import Taxonomy
    from search.intent.model import Intent
    from search.interpreter import Interpreter, Knowledge
    from search.rewrite.model import Expansion
    from search.understanding import Understanding

Hits = Callable[[str], Sequence[str]]
"""The ids of the best hits of a query, best first."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One query under one set of rules: what is understood, and the ids of its hits."""

    understood: Understanding
    hits: tuple[str, ...] = ()

    @property
    def expansions(self) -> dict[tuple[str, str, str], Expansion]:
        """The names that the query is rewritten to, by text, kind and source."""
        every = (one for rewritten in self.understood.rewrites for one in rewritten.expansions)
        return {(one.text, one.kind, one.source): one for one in every}

    def does(self) -> object:
        """Return all that has an effect; who found a part has none."""
        parts = [part_of(intent) for intent in self.understood.intents]
        return parts, list(self.expansions), self.hits

    def to_mapping(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "intents": [one.to_mapping(explain=True) for one in self.understood.intents],
            "rewrites": [one.to_mapping() for one in self.understood.rewrites],
            "hits": list(self.hits),
        }


@dataclass(frozen=True, slots=True)
class QueryChange:
    """A query that is read, rewritten or answered in another way."""

    query: str
    before: Reading
    after: Reading

    def to_mapping(self) -> dict[str, Any]:
        """Return the JSON form."""
        before, after = self.before.to_mapping(), self.after.to_mapping()
        return {"query": self.query, "now": before, "new": after}

    def parts(self) -> tuple[tuple[Intent, ...], tuple[Intent, ...]]:
        """Return the parts before and after, without those at both ends that stay."""
        old, new = list(self.before.understood.intents), list(self.after.understood.intents)
        while old and new and part_of(old[0]) == part_of(new[0]):
            del old[0], new[0]
        while old and new and part_of(old[-1]) == part_of(new[-1]):
            del old[-1], new[-1]
        return tuple(old), tuple(new)

    def expansions(self) -> tuple[tuple[Expansion, ...], tuple[Expansion, ...]]:
        """Return the names that are not taken any more, and those that are taken now."""
        old, new = self.before.expansions, self.after.expansions
        gone = tuple(one for key, one in old.items() if key not in new)
        return gone, tuple(one for key, one in new.items() if key not in old)

    def hits(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the hits that go and those that come."""
        old, new = self.before.hits, self.after.hits
        gone = tuple(one for one in old if one not in new)
        return gone, tuple(one for one in new if one not in old)


class Rules:
    """Reads queries under one set of rules."""

    def __init__(self, taxonomy: Taxonomy, knowledge: Knowledge, hits: Hits | None = None) -> None:
        """Use what is known under the rules; without ``hits`` no posts are looked for."""
        from search.interpreter import Interpreter
        from search.query import QueryParser

        self._interpreter: Interpreter = Interpreter(QueryParser(taxonomy), knowledge)
        self._hits = hits

    def read(self, query: str) -> Reading:
        """Read one query."""
        hits = tuple(self._hits(query)) if self._hits else ()
        return Reading(self._interpreter.read(query), hits)


def changes(queries: Iterable[str], before: Rules, after: Rules) -> Iterator[QueryChange]:
    """Yield the queries that two sets of rules do not treat alike, with both readings."""
    for query in queries:
        old, new = before.read(query), after.read(query)
        if old.does() != new.does():
            yield QueryChange(query, old, new)


def part_of(intent: Intent) -> object:
    """Return what an intent does; who found it matters only where the part need not match."""
    from search.site.model import STOP

    mapping = intent.to_mapping(explain=True)
    return mapping.pop("source") == STOP, mapping
