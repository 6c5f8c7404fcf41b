"""What a site's new rules change for queries: how they are read, rewritten and answered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from search.intent.model import Intent
    from search.intent.reader import IntentReader
    from search.rewrite.model import Expansion, Rewriter


@dataclass(frozen=True, slots=True)
class Reading:
    """One query under one set of rules: its parts, the names that they are rewritten to, hits.

    ``rewrites`` holds a pair for each text that is rewritten: the position parts that are wanted,
    the whole query where it has none. ``hits`` are ids, best first.
    """

    intents: tuple[Intent, ...]
    rewrites: tuple[tuple[str, tuple[Expansion, ...]], ...]
    hits: tuple[str, ...]

    def to_mapping(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "intents": [one.to_mapping(explain=True) for one in self.intents],
            "rewrites": [
                {"text": text, "expansions": [one.to_mapping() for one in found]}
                for text, found in self.rewrites
            ],
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
        return {"query": self.query, "before": before, "after": after}

    def parts(self) -> tuple[tuple[Intent, ...], tuple[Intent, ...]]:
        """Return the parts before and after, without those at both ends that stay."""
        old, new = list(self.before.intents), list(self.after.intents)
        while old and new and meaning(old[0]) == meaning(new[0]):
            del old[0], new[0]
        while old and new and meaning(old[-1]) == meaning(new[-1]):
            del old[-1], new[-1]
        return tuple(old), tuple(new)

    def expansions(self) -> tuple[tuple[Expansion, ...], tuple[Expansion, ...]]:
        """Return the names that are not taken any more, and those that are taken now."""
        old = {_name(one): one for _, found in self.before.rewrites for one in found}
        new = {_name(one): one for _, found in self.after.rewrites for one in found}
        gone = tuple(one for key, one in old.items() if key not in new)
        return gone, tuple(one for key, one in new.items() if key not in old)

    def hits(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the hits that go and those that come."""
        old, new = self.before.hits, self.after.hits
        gone = tuple(one for one in old if one not in new)
        return gone, tuple(one for one in new if one not in old)


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything that reads queries under one set of rules.

    ``hits`` gives the ids of the best hits of a query; None where they are not asked for.
    """

    reader: IntentReader
    rewriter: Rewriter
    hits: Callable[[str], Sequence[str]] | None = None

    def read(self, query: str) -> Reading:
        """Read one query."""
        intents = self.reader.understand(query).intents
        texts = [one.text for one in intents if one.attribute == "position" and not one.negated]
        rewrites = tuple(
            (text, self.rewriter.rewrite(text).expansions)
            for text in dict.fromkeys(texts or [query])
        )
        return Reading(intents, rewrites, tuple(self.hits(query)) if self.hits else ())


def changes(queries: Iterable[str], before: Rules, after: Rules) -> Iterator[QueryChange]:
    """Yield the queries that two sets of rules do not treat alike, with both readings."""
    for query in queries:
        old, new = before.read(query), after.read(query)
        if _treated(old) != _treated(new):
            yield QueryChange(query, old, new)


def meaning(intent: Intent) -> object:
    """Return what an intent does; who found it matters only where the part need not match."""
    from search.site.model import STOP

    mapping = intent.to_mapping(explain=True)
    source = mapping.pop("source")
    return mapping, source == STOP


def _treated(reading: Reading) -> object:
    rewrites = [[_name(one) for one in found] for _, found in reading.rewrites]
    return [meaning(one) for one in reading.intents], rewrites, reading.hits


def _name(expansion: Expansion) -> tuple[str, str, str]:
    return expansion.text, expansion.kind, expansion.source
