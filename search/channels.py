"""The channels: each asks the index in its own way; ``all`` fuses text, intent and vector."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from search.fuse import Fused, fuse
from search.index import Filters, Hit, Index, Query, VectorQuery
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
    """A channel's hits with the channels that found each, the number of matches, the parts."""

    hits: tuple[tuple[Hit, tuple[str, ...]], ...]
    total: int
    parts: tuple[Part, ...]


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
        page = self._index.query(asked, request.filters, request.limit, documents=request.documents)
        return Found(tuple((hit, (channel,)) for hit in page.hits), page.total, parts)

    def _asked(self, channel: Channel, request: Request, parts: tuple[Part, ...]) -> Query | None:
        if not parts:
            return None
        if channel == "intent":
            return intent_query(parts)
        if channel == "vector":
            if self._encode is None:
                raise ChannelError("channel 'vector' needs the model; load it, or use 'text'")
            return VectorQuery(tuple(self._encode(request.query)), self._space)
        return text_query(parts)

    def _ask_all(self, request: Request, parts: tuple[Part, ...]) -> Found:
        names: list[Channel] = ["text", "intent"]
        if self._encode is not None:
            names.append("vector")
        depth = max(request.limit, FUSED_DEPTH)
        lists: dict[str, list[Hit]] = {}
        totals: dict[str, int] = {}
        for name in names:
            asked = self._asked(name, request, parts)
            if asked is None:
                continue
            page = self._index.query(asked, request.filters, depth, documents=request.documents)
            lists[name], totals[name] = list(page.hits), page.total
        exact = {hit.id for name in ("text", "intent") for hit in lists.get(name, [])}
        if exact and "vector" in lists:
            # Nearness alone is no match while words or positions match: it only ranks these.
            lists["vector"] = [hit for hit in lists["vector"] if hit.id in exact]
        fused: list[Fused] = fuse(lists)
        if exact:
            totals.pop("vector", None)
        total = max(len(fused), *totals.values(), 0)
        return Found(tuple((f.hit, f.channels) for f in fused[: request.limit]), total, parts)
