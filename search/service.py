"""Searching as callers see it: a query in, hits with their evidence out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from enrich.taxonomy import Taxonomy
from enrich.text import normalize_query
from search.channels import Channel, Channels, Request, understood
from search.facets import filter_keys
from search.found import ChannelRun, FoundBy
from search.fuse import fuse
from search.fusion import Fusion
from search.index import Filters, Hit, Index
from search.intent.reader import reader_of
from search.interpreter import Interpreter, Knowledge
from search.limits import Limits
from search.pages import Features, Pages
from search.query import Part, QueryParser
from search.query_vectors import Encode, Names, QueryVectors
from search.rank import Rank, Ranker, RankPart
from search.rule import Rule
from search.taken import Candidates
from search.together import Together
from search.understanding import Understanding

Knows = Callable[[], Knowledge]
"""What queries are understood by now; asked for each query, so that it may change meanwhile."""


@dataclass(frozen=True, slots=True)
class AnsweredHit:
    """One hit: what is shown, which channels found it, and the hired mentions that support it.

    ``found``: the rank and score that each of the channels gave it. ``ranked``: what its place on
    the page is made of. ``folded``: ids of posts of its company that are nearly the same.
    """

    id: str
    score: float
    display: dict[str, Any]
    debug: dict[str, Any]
    channels: tuple[str, ...]
    evidence: tuple[dict[str, Any], ...]
    found: tuple[FoundBy, ...] = ()
    ranked: tuple[RankPart, ...] = ()
    folded: tuple[str, ...] = ()


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
    """Answers queries from one index; one object serves many threads' queries."""

    def __init__(
        self,
        index: Index,
        taxonomy: Taxonomy,
        encode_query: Encode | None = None,
        vector_space: str = "",
        *,
        rule: Rule | None = None,
        knowledge: Knows | None = None,
        floor: float | Callable[[], float] = 0.0,
        names: Names | None = None,
        fusion: Fusion | None = None,
        limits: Limits | None = None,
        rank: Rank | None = None,
        ranker: Ranker | None = None,
        features: Features | None = None,
    ) -> None:
        """Use an index; without ``encode_query`` there is no vector channel.

        Args:
            index: where posts are found.
            taxonomy: what positions there are.
            encode_query: the query tower; it is given normalised text.
            vector_space: what its vectors mean.
            rule: what becomes of each attribute.
            knowledge: what reads and rewrites queries; by default the taxonomy's reader alone.
            floor: the least cosine of a match, or what gives it once the tower has answered.
            names: the towers' vectors of what positions are called.
            fusion: how channels become one answer.
            limits: what an answer waits for.
            rank: rules and weights by which a fused page is ordered.
            ranker: another fine rank than the linear blend of ``rank``.
            features: business features of posts, for the fine rank.
        """
        self._taxonomy = taxonomy
        self._parser = QueryParser(taxonomy)
        vectors = QueryVectors(encode_query, vector_space, names)
        least = floor if callable(floor) else lambda: floor
        self._channels = Channels(index, vectors, least)
        limits, fusion = limits or Limits(), fusion or Fusion()
        self._together = Together(self._channels, limits)
        self._fusion = fusion
        self._pages = Pages(
            *(index, fusion, rank or Rank(), ranker, features), patience_s=limits.channel_s
        )
        self._rule = rule or Rule()
        self._knowledge = knowledge or (lambda: Knowledge(reader_of(taxonomy)))

    def search(
        self,
        query: str,
        channel: Channel = "all",
        filters: Filters | None = None,
        limit: int = 10,
        rewrite: bool = True,
        now: datetime | None = None,
    ) -> Answer:
        """Answer a query.

        Args:
            query: any text.
            channel: which one is asked; ``all`` asks three and makes one page of them.
            filters: hard conditions.
            limit: most hits.
            rewrite: False takes the query's own words as they stand.
            now: what the freshness of ``all`` is told by; the clock's time by default.

        Raises:
            ChannelError: the channel is unknown or has no model.
            VectorSpaceError: the vector channel alone is asked, the index holds another model's.
            IndexUnavailableError: no channel can be asked.
        """
        request = Request(query, filter_keys(filters), limit, rewrite)
        known = self._knowledge()
        read = understood(channel, request, self._interpreter(known))
        if channel == "all":
            candidates = self._together.candidates(request, read)
            answer = self._page(candidates, limit, now or datetime.now(UTC))
            return replace(answer, notes=(*known.notes, *answer.notes))
        found = self._channels.alone(channel, request, read)
        hits = tuple(self._answered(hit, by, found.understanding) for hit, by in found.hits)
        return Answer(hits, found.total, found.understanding, known.notes, found.runs)

    def ranking(
        self,
        query: str,
        channel: Channel = "all",
        filters: Filters | None = None,
        limit: int = 100_000,
        rewrite: bool = True,
    ) -> list[tuple[str, float]]:
        """Return ids and scores only, for run files: faster than ``search`` for long answers.

        Of ``all`` in the fused order: nothing is folded, ranked or moved by a quota. No time limit
        holds and what a channel raises is raised, so that no run lacks a channel unnoticed.
        """
        if channel == "all":
            found = self.candidates(query, filters, limit, rewrite)
            fused = fuse(found.lists, self._fusion, floor=found.floor)
            return [(one.hit.id, one.hit.score) for one in fused[:limit]]
        request = Request(query, filter_keys(filters), limit, rewrite, documents=False)
        read = understood(channel, request, self._interpreter(self._knowledge()))
        return [(hit.id, hit.score) for hit, _ in self._channels.alone(channel, request, read).hits]

    def candidates(
        self, query: str, filters: Filters | None = None, limit: int = 1000, rewrite: bool = True
    ) -> Candidates:
        """Return what text, intent and vector find, before they are fused, for comparing fusions.

        Args:
            query: any text.
            filters: hard conditions.
            limit: hits of each channel, at least ``together.FUSED_DEPTH``.
            rewrite: False takes the query's own words as they stand.
        """
        request = Request(query, filter_keys(filters), limit, rewrite, documents=False)
        read = understood("all", request, self._interpreter(self._knowledge()))
        return self._together.candidates(request, read, patient=True)

    def close(self) -> None:
        """End the threads that ask channels; the next query starts others."""
        self._together.close()
        self._pages.close()

    def _page(self, found: Candidates, limit: int, now: datetime) -> Answer:
        fused = fuse(found.lists, self._fusion, floor=found.floor)
        page, notes = self._pages.page(fused, found.understanding, limit, now)
        hits = tuple(
            replace(
                self._answered(one.fused.hit, one.fused.found, found.understanding),
                ranked=one.ranked,
                folded=one.folded,
            )
            for one in page
        )
        return Answer(hits, found.total, found.understanding, (*found.notes, *notes), found.runs)

    def _answered(
        self, hit: Hit, by: tuple[FoundBy, ...], understanding: Understanding
    ) -> AnsweredHit:
        return AnsweredHit(
            *(hit.id, hit.score, hit.display, hit.debug),
            tuple(one.channel for one in by),
            evidence(hit, understanding.parts, self._taxonomy),
            by,
        )

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
