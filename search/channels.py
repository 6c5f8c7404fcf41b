"""The channels: each asks the index in its own way; ``all`` fuses text, intent and vector."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

from search.fuse import fuse
from search.index import MAX_DEPTH, Filters, Hit, Index, Page, Query, VectorQuery, VectorSpaceError
from search.interpreter import Interpreter
from search.query import plain_parts, text_query
from search.relax import relaxed
from search.understanding import Understanding

Channel = Literal["text", "intent", "vector", "all", "plain", "title"]
CHANNELS: tuple[Channel, ...] = get_args(Channel)
FUSED_DEPTH = 200
"""Hits that each channel gives to the fusion, at least; more where more are asked for."""

_EXACT: tuple[Channel, ...] = ("text", "intent")

Encode = Callable[[str], Sequence[float]]


class ChannelError(ValueError):
    """A channel cannot answer; says why and the remedy."""


@dataclass(frozen=True, slots=True)
class Found:
    """A channel's hits with the channels that found each, the number of matches, the reading.

    ``notes`` say what could not be asked.
    """

    hits: tuple[tuple[Hit, tuple[str, ...]], ...]
    total: int
    understanding: Understanding
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """One question to the channels; without ``rewrite`` the query's own words are asked for."""

    query: str
    filters: Filters | None = None
    limit: int = 10
    rewrite: bool = True
    documents: bool = True


class Channels:
    """Answers requests from one index."""

    def __init__(self, index: Index, encode: Encode | None, vector_space: str) -> None:
        """Use an index and, where there is one, a query tower."""
        self._index = index
        self._encode = encode
        self._space = vector_space

    def ask(self, channel: Channel, request: Request, interpreter: Interpreter) -> Found:
        """Answer from one channel.

        Raises:
            ChannelError: there is no such channel, or the vector channel has no model.
        """
        if channel not in CHANNELS:
            raise ChannelError(f"channel {channel!r} is unknown; use one of {', '.join(CHANNELS)}")
        if channel == "plain" or channel == "title":
            parts = plain_parts(request.query, channel)
            return self._plain(channel, request, Understanding(request.query, parts=parts))
        if request.rewrite:
            understanding = interpreter.read(request.query, request.filters)
        else:
            understanding = interpreter.literal(request.query)
        if channel == "all":
            return self._ask_all(request, understanding)
        page = self._page(channel, request, understanding)
        if not page.total:
            other = relaxed(understanding, lambda one: self._answers((channel,), request, one))
            if other is not None:
                understanding, page = other, self._page(channel, request, other)
        hits = tuple((hit, (channel,)) for hit in page.hits)
        return Found(hits, page.total, understanding)

    def _plain(self, channel: Channel, request: Request, understanding: Understanding) -> Found:
        if not understanding.parts:
            return Found((), 0, understanding)
        asked = text_query(understanding.parts)
        page = self._index.query(
            asked, request.filters, request.limit, documents=request.documents, more=False
        )
        return Found(tuple((hit, (channel,)) for hit in page.hits), page.total, understanding)

    def _asked(
        self, channel: Channel, request: Request, understanding: Understanding
    ) -> Query | None:
        if understanding.is_empty:
            return None
        if channel == "intent":
            return understanding.intent()
        if channel == "vector":
            if self._encode is None:
                raise ChannelError("channel 'vector' needs the model; load it, or use 'text'")
            depth = min(max(request.limit, FUSED_DEPTH), MAX_DEPTH)
            vector = tuple(self._encode(understanding.meaning))
            return VectorQuery(vector, self._space, depth=depth)
        return understanding.text()

    def _ask_all(self, request: Request, understanding: Understanding) -> Found:
        deep = replace(request, limit=max(request.limit, FUSED_DEPTH))
        pages = self._exact(deep, understanding)
        if not any(page.total for page in pages.values()):
            other = relaxed(understanding, lambda one: self._answers(_EXACT, request, one))
            if other is not None:
                understanding, pages = other, self._exact(deep, other)
        notes: list[str] = []
        near = self._near(deep, understanding, notes)
        total = max((page.total for page in pages.values()), default=0)
        lists: dict[str, Sequence[Hit]] = {name: page.hits for name, page in pages.items()}
        exact = {hit.id for hits in lists.values() for hit in hits}
        if near is not None:
            # Nearness alone is no match while words or positions match: it only ranks these.
            lists["vector"] = [hit for hit in near.hits if not exact or hit.id in exact]
            total = total if exact else near.total
            if near.hits and not exact:
                notes.append("no post matches the words; the nearest in meaning are shown")
        fused = fuse(lists)
        hits = tuple((one.hit, one.channels) for one in fused[: request.limit])
        return Found(hits, max(total, len(fused)), understanding, tuple(notes))

    def _exact(self, request: Request, understanding: Understanding) -> dict[str, Page]:
        """Ask text and intent, once where both ask the same."""
        asked = {name: self._asked(name, request, understanding) for name in _EXACT}
        if asked["text"] == asked["intent"]:
            del asked["text"]
        return {
            name: self._query(query, request, understanding)
            for name, query in asked.items()
            if query is not None
        }

    def _near(
        self, request: Request, understanding: Understanding, notes: list[str]
    ) -> Page | None:
        if self._encode is None or understanding.is_empty:
            return None
        try:
            return self._page("vector", request, understanding)
        except VectorSpaceError as error:
            notes.append(f"channel 'vector' left out: {error}")
            return None

    def _answers(
        self, channels: Sequence[Channel], request: Request, understanding: Understanding
    ) -> bool:
        """Tell whether a channel finds anything: no documents, one hit."""
        probe = replace(request, limit=1, documents=False)
        return any(self._page(name, probe, understanding).total for name in channels)

    def _page(self, channel: Channel, request: Request, understanding: Understanding) -> Page:
        asked = self._asked(channel, request, understanding)
        return Page((), 0) if asked is None else self._query(asked, request, understanding)

    def _query(self, asked: Query, request: Request, understanding: Understanding) -> Page:
        return self._index.query(
            asked,
            understanding.conditions(request.filters),
            request.limit,
            documents=request.documents,
            more=False,
        )
