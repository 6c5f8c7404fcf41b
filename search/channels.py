"""The channels: each asks the index in its own way; ``all`` asks three of them (``together``)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Literal, get_args

from search.found import ChannelRun, FoundBy
from search.index import MAX_DEPTH, Filters, Hit, Index, Page, Query, VectorQuery
from search.interpreter import Interpreter
from search.query import plain_parts
from search.query_vectors import EncoderMissingError, QueryVectors
from search.relax import relaxed
from search.understanding import Understanding

Channel = Literal["text", "intent", "vector", "all", "plain", "title"]
CHANNELS: tuple[Channel, ...] = get_args(Channel)
FUSED_DEPTH = 200
"""Hits that each channel gives to the fusion, at least; more where more are asked for."""


class ChannelError(ValueError):
    """A channel cannot answer; says why and the remedy."""


@dataclass(frozen=True, slots=True)
class Found:
    """One channel's hits with what it thought of them, the number of matches, the reading."""

    hits: tuple[tuple[Hit, tuple[FoundBy, ...]], ...]
    total: int
    understanding: Understanding
    runs: tuple[ChannelRun, ...] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """One question to the channels; without ``rewrite`` the query's own words are asked for."""

    query: str
    filters: Filters | None = None
    limit: int = 10
    rewrite: bool = True
    documents: bool = True


class Channels:
    """Asks one index through one channel at a time; errors are raised."""

    def __init__(self, index: Index, vectors: QueryVectors, floor: Callable[[], float]) -> None:
        """Use an index, the query tower, and what gives the least cosine of a match."""
        self._index = index
        self._vectors = vectors
        self._floor = floor

    @property
    def vectors(self) -> QueryVectors:
        """The query tower."""
        return self._vectors

    @property
    def floor(self) -> float:
        """The least cosine of a match."""
        return self._floor()

    def alone(self, channel: Channel, request: Request, understanding: Understanding) -> Found:
        """Answer from one channel.

        Raises:
            ChannelError: the vector channel has no model.
            VectorSpaceError: the index holds vectors of another model.
        """
        start = perf_counter()
        page = self.page(channel, request, understanding)
        if page is None or not page.total:
            other = self.relaxed((channel,), request, understanding)
            if other is not None:
                understanding, start = other, perf_counter()
                page = self.page(channel, request, other)
        if page is None:
            return Found((), 0, understanding)
        hits = tuple(
            (hit, (FoundBy(channel, rank, hit.score),))
            for rank, hit in enumerate(page.hits, start=1)
        )
        run = ChannelRun(channel, perf_counter() - start, len(page.hits), page.total)
        return Found(hits, page.total, understanding, (run,))

    def page(self, channel: Channel, request: Request, understanding: Understanding) -> Page | None:
        """Ask one channel; None where it has nothing to ask."""
        asked = self._asked(channel, request, understanding)
        if asked is None:
            return None
        conditions = understanding.conditions
        if channel == "vector":
            conditions = understanding.near_conditions
        return self.query(asked, request, conditions(request.filters))

    def near(
        self, vector: tuple[float, ...], request: Request, understanding: Understanding
    ) -> Page:
        """Ask for what is near to a vector under the conditions that it does not ask itself."""
        asked = self._nearest(vector, request)
        return self.query(asked, request, understanding.near_conditions(request.filters))

    def relaxed(
        self, channels: Sequence[Channel], request: Request, understanding: Understanding
    ) -> Understanding | None:
        """Return the query with less asked, so that one of the channels answers; see ``relax``."""
        probe = replace(request, limit=1, documents=False)

        def answers(one: Understanding) -> bool:
            pages = (self.page(name, probe, one) for name in channels)
            return any(page is not None and page.total for page in pages)

        return relaxed(understanding, answers)

    def query(self, asked: Query, request: Request, filters: Filters | None) -> Page:
        """Ask the index."""
        return self._index.query(
            asked, filters, request.limit, documents=request.documents, more=False
        )

    def _asked(
        self, channel: Channel, request: Request, understanding: Understanding
    ) -> Query | None:
        if understanding.is_empty:
            return None
        if channel == "intent":
            return understanding.intent()
        if channel == "vector":
            try:
                vector = self._vectors.of(understanding.meaning, understanding.drawn_to)
            except EncoderMissingError as error:
                raise ChannelError(
                    f"channel 'vector' needs the model ({error}); load it, or use 'text'"
                ) from error
            return self._nearest(vector, request)
        return understanding.text()

    def _nearest(self, vector: tuple[float, ...], request: Request) -> VectorQuery:
        depth = min(max(request.limit, FUSED_DEPTH), MAX_DEPTH)
        return VectorQuery(vector, self._vectors.space, self._floor(), depth)


def understood(channel: Channel, request: Request, interpreter: Interpreter) -> Understanding:
    """Return how a channel reads a query.

    Raises:
        ChannelError: there is no such channel.
    """
    if channel not in CHANNELS:
        raise ChannelError(f"channel {channel!r} is unknown; use one of {', '.join(CHANNELS)}")
    if channel == "plain" or channel == "title":
        return Understanding(request.query, plain_parts(request.query, channel))
    if request.rewrite:
        return interpreter.read(request.query, request.filters)
    return interpreter.literal(request.query)
