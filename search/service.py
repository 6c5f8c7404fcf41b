"""Searching as callers see it: a query in, hits with their evidence out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from enrich.taxonomy import Taxonomy
from enrich.text import normalize_query
from search.channels import Channel, Channels, Encode, Request
from search.facets import filter_keys
from search.found import ChannelRun, FoundBy
from search.index import Filters, Hit, Index
from search.intent.reader import reader_of
from search.interpreter import Interpreter, Knowledge
from search.query import Part, QueryParser
from search.rule import Rule
from search.understanding import Understanding

Knows = Callable[[], Knowledge]
"""What queries are understood by now; asked for each query, so that it may change meanwhile."""


@dataclass(frozen=True, slots=True)
class AnsweredHit:
    """One hit: what is shown, which channels found it, and the hired mentions that support it.

    ``found``: the rank and score that each of the channels gave it.
    """

    id: str
    score: float
    display: dict[str, Any]
    debug: dict[str, Any]
    channels: tuple[str, ...]
    evidence: tuple[dict[str, Any], ...]
    found: tuple[FoundBy, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """Hits best first, the number of matches, how the query was read, what was left out.

    ``runs`` tell what each channel took and found.
    """

    hits: tuple[AnsweredHit, ...]
    total: int
    understanding: Understanding
    notes: tuple[str, ...] = ()
    runs: tuple[ChannelRun, ...] = ()

    @property
    def parts(self) -> tuple[Part, ...]:
        """What had to match."""
        return self.understanding.parts


class Searcher:
    """Answers queries from one index; one object serves many queries."""

    def __init__(
        self,
        index: Index,
        taxonomy: Taxonomy,
        encode_query: Encode | None = None,
        vector_space: str = "",
        *,
        rule: Rule | None = None,
        knowledge: Knows | None = None,
    ) -> None:
        """Use an index; without ``encode_query`` there is no vector channel.

        Args:
            index: where posts are found.
            taxonomy: what positions there are.
            encode_query: the query tower.
            vector_space: what its vectors mean.
            rule: what becomes of each attribute.
            knowledge: what reads and rewrites queries; by default the taxonomy's reader alone.
        """
        self._taxonomy = taxonomy
        self._parser = QueryParser(taxonomy)
        self._channels = Channels(index, encode_query, vector_space)
        self._rule = rule or Rule()
        self._knowledge = knowledge or (lambda: Knowledge(reader_of(taxonomy)))

    def search(
        self,
        query: str,
        channel: Channel = "all",
        filters: Filters | None = None,
        limit: int = 10,
        rewrite: bool = True,
    ) -> Answer:
        """Answer a query.

        Raises:
            ChannelError: the channel is unknown or has no model.
            VectorSpaceError: the index holds vectors of another model.
        """
        request = Request(query, filter_keys(filters), limit, rewrite)
        known = self._knowledge()
        found = self._channels.ask(channel, request, self._interpreter(known))
        parts = found.understanding.parts
        hits = tuple(
            AnsweredHit(
                *(hit.id, hit.score, hit.display, hit.debug),
                tuple(one.channel for one in by),
                evidence(hit, parts, self._taxonomy),
                by,
            )
            for hit, by in found.hits
        )
        notes = (*known.notes, *found.notes)
        return Answer(hits, found.total, found.understanding, notes, found.runs)

    def ranking(
        self,
        query: str,
        channel: Channel = "all",
        filters: Filters | None = None,
        limit: int = 100_000,
        rewrite: bool = True,
    ) -> list[tuple[str, float]]:
        """Return ids and scores only, for run files: faster than ``search`` for long answers."""
        request = Request(query, filter_keys(filters), limit, rewrite, documents=False)
        known = self._knowledge()
        found = self._channels.ask(channel, request, self._interpreter(known))
        return [(hit.id, hit.score) for hit, _ in found.hits]

    def _interpreter(self, known: Knowledge) -> Interpreter:
        return Interpreter(self._parser, known, self._rule)


def evidence(hit: Hit, parts: Sequence[Part], taxonomy: Taxonomy) -> tuple[dict[str, Any], ...]:
    """Return the hired mentions that support a hit: the words asked for, or of their positions."""
    asking = [part for part in parts if part.asks_position]
    forms = {part.text for part in asking}
    wanted = {id_ for part in asking for id_ in part.positions + part.wider}
    if not asking:
        return ()
    return tuple(
        mention
        for mention in hit.debug.get("mentions", ())
        if mention["label"] == "H"
        and (
            normalize_query(mention["text"]) in forms
            or bool(wanted.intersection(_with_ancestors(mention["position"], taxonomy)))
        )
    )


def _with_ancestors(position: str, taxonomy: Taxonomy) -> tuple[str, ...]:
    if taxonomy.current(position) not in taxonomy.positions:
        return ()
    return position, *taxonomy.ancestors(position)
