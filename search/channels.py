"""The channels: each asks the index in its own way; ``all`` fuses text, intent and vector."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from search.fuse import fuse
from search.index import MAX_DEPTH, Filters, Hit, Index, Page, Query, VectorQuery, VectorSpaceError
from search.query import Part, QueryParser, intent_query, plain_parts, text_query

Channel = Literal["text", "intent", "vector", "all", "plain", "title"]
CHANNELS: tuple[Channel, ...] = get_args(Channel)
FUSED_DEPTH = 200
"""Hits that each channel gives to the fusion, at least; more where more are asked for."""

Encode = Callable[[str], Sequence[float]]


class ChannelError(ValueError):
    """A channel cannot answer; says why and the remedy."""


@dataclass(frozen=True, slots=True)
class Found:
    """A channel's hits with the channels that found each, the number of matches, the parts.

    ``notes`` say what could not be asked.
    """

    hits: tuple[tuple[Hit, tuple[str, ...]], ...]
    total: int
    parts: tuple[Part, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """One question to the channels."""

    query: str
    filters: Filters | None = None
    limit: int = 10
    rewrite: bool = True
    documents: bool = True


class Channels:
    """Answers requests from one index."""

    def __init__(
        self, index: Index, parser: QueryParser, encode: Encode | None, vector_space: str
    ) -> None:
        """Use an index, a parser and, where there is one, a query tower."""
        self._index = index
        self._parser = parser
        self._encode = encode
        self._space = vector_space

    def ask(self, channel: Channel, request: Request) -> Found:
        """Answer from one channel.

        Raises:
            ChannelError: there is no such channel, or the vector channel has no model.
        """
        if channel not in CHANNELS:
            raise ChannelError(f"channel {channel!r} is unknown; use one of {', '.join(CHANNELS)}")
        if channel == "plain" or channel == "title":
            parts = plain_parts(request.query, channel)
        else:
            parts = self._parser.parse(request.query, rewrite=request.rewrite)
        if channel == "all":
            return self._ask_all(request, parts)
        asked = self._asked(channel, request, parts)
        if asked is None:
            return Found((), 0, parts)
        page = self._page(asked, request, request.limit)
        return Found(tuple((hit, (channel,)) for hit in page.hits), page.total, parts)

    def _asked(self, channel: Channel, request: Request, parts: tuple[Part, ...]) -> Query | None:
        if not parts:
            return None
        if channel == "intent":
            return intent_query(parts)
        if channel == "vector":
            if self._encode is None:
                raise ChannelError("channel 'vector' needs the model; load it, or use 'text'")
            depth = min(max(request.limit, FUSED_DEPTH), MAX_DEPTH)
            return VectorQuery(tuple(self._encode(request.query)), self._space, depth=depth)
        return text_query(parts)

    def _ask_all(self, request: Request, parts: tuple[Part, ...]) -> Found:
        pages: dict[str, Page] = {}
        notes: list[str] = []
        for name in self._fused_channels():
            try:
                asked = self._asked(name, request, parts)
                if asked is not None:
                    pages[name] = self._page(asked, request, max(request.limit, FUSED_DEPTH))
            except VectorSpaceError as error:
                notes.append(f"channel {name!r} left out: {error}")
        near = pages.pop("vector", None)
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
        return Found(hits, max(total, len(fused)), parts, tuple(notes))

    def _fused_channels(self) -> tuple[Channel, ...]:
        return ("text", "intent") if self._encode is None else ("text", "intent", "vector")

    def _page(self, asked: Query, request: Request, limit: int) -> Page:
        return self._index.query(
            asked, request.filters, limit, documents=request.documents, more=False
        )
