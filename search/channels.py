"""The channels: each asks the index in its own way; ``all`` fuses text, intent and vector."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Literal, get_args

from search.found import ChannelRun, FoundBy
from search.fuse import fuse
from search.index import MAX_DEPTH, Filters, Hit, Index, Page, Query, VectorQuery, VectorSpaceError
from search.interpreter import Interpreter
from search.query import plain_parts
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
    """A channel's hits with what each channel thought of them, the number of matches, the reading.

    ``notes`` say what could not be asked; ``runs`` what each channel took and found.
    """

    hits: tuple[tuple[Hit, tuple[FoundBy, ...]], ...]
    total: int
    understanding: Understanding
    notes: tuple[str, ...] = ()
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
            understanding = Understanding(request.query, plain_parts(request.query, channel))
        elif request.rewrite:
            understanding = interpreter.read(request.query, request.filters)
        else:
            understanding = interpreter.literal(request.query)
        return (
            self._ask_all(request, understanding)
            if channel == "all"
            else self._ask_one(channel, request, understanding)
        )

    def _ask_one(self, channel: Channel, request: Request, understanding: Understanding) -> Found:
        page, run = self._run(channel, request, understanding)
        if page is None or not page.total:
            other = relaxed(understanding, lambda one: self._answers((channel,), request, one))
            if other is not None:
                understanding = other
                page, run = self._run(channel, request, other)
        if page is None:
            return Found((), 0, understanding)
        hits = tuple(
            (hit, (FoundBy(channel, rank, hit.score),))
            for rank, hit in enumerate(page.hits, start=1)
        )
        return Found(hits, page.total, understanding, runs=(run,))

    def _ask_all(self, request: Request, understanding: Understanding) -> Found:
        deep = replace(request, limit=max(request.limit, FUSED_DEPTH))
        ran = self._exact(deep, understanding)
        if not _total(ran):
            other = relaxed(understanding, lambda one: self._answers(_EXACT, request, one))
            if other is not None:
                understanding, ran = other, self._exact(deep, other)
        notes: list[str] = []
        lists: dict[str, Sequence[Hit]] = {run.channel: page.hits for page, run in ran}
        exact = {hit.id for hits in lists.values() for hit in hits}
        total = _total(ran)
        if self._encode is not None and not understanding.is_empty:
            near, run = self._near(deep, understanding, notes, bare=not exact)
            ran.append((near, run))
            # Nearness alone is no match while words or positions match: it only ranks these.
            lists["vector"] = [hit for hit in near.hits if not exact or hit.id in exact]
            total = total if exact else near.total
            if near.hits and not exact:
                notes.append("no post matches the words; the nearest in meaning are shown")
        fused = fuse(lists)
        hits = tuple((one.hit, one.found) for one in fused[: request.limit])
        runs = tuple(run for _, run in ran)
        return Found(hits, max(total, len(fused)), understanding, tuple(notes), runs)

    def _exact(
        self, request: Request, understanding: Understanding
    ) -> list[tuple[Page, ChannelRun]]:
        """Ask text and intent, once where both ask the same."""
        names = _EXACT
        if understanding.text() == understanding.intent():
            names = ("intent",)
        ran = (self._run(name, request, understanding) for name in names)
        return [(page, run) for page, run in ran if page is not None]

    def _near(
        self, request: Request, understanding: Understanding, notes: list[str], *, bare: bool
    ) -> tuple[Page, ChannelRun]:
        """Ask for what is near; ``bare``: without conditions where nothing fulfils them."""
        start = perf_counter()
        trouble = None
        page = Page((), 0)
        try:
            near = self._nearest(request, understanding)
            page = self._query(near, request, understanding.conditions(request.filters))
            if bare and not page.total:
                refused = understanding.refusals().conditions(request.filters)
                page = self._query(near, request, refused)
        except VectorSpaceError as error:
            trouble = f"channel 'vector' left out: {error}"
            notes.append(trouble)
        return page, _run("vector", start, page, trouble)

    def _run(
        self, channel: Channel, request: Request, understanding: Understanding
    ) -> tuple[Page | None, ChannelRun]:
        """Ask one channel; no page where it has nothing to ask."""
        start = perf_counter()
        asked = self._asked(channel, request, understanding)
        if asked is None:
            return None, _run(channel, start, Page((), 0))
        page = self._query(asked, request, understanding.conditions(request.filters))
        return page, _run(channel, start, page)

    def _asked(
        self, channel: Channel, request: Request, understanding: Understanding
    ) -> Query | None:
        if understanding.is_empty:
            return None
        if channel == "intent":
            return understanding.intent()
        if channel == "vector":
            return self._nearest(request, understanding)
        return understanding.text()

    def _nearest(self, request: Request, understanding: Understanding) -> VectorQuery:
        if self._encode is None:
            raise ChannelError("channel 'vector' needs the model; load it, or use 'text'")
        depth = min(max(request.limit, FUSED_DEPTH), MAX_DEPTH)
        return VectorQuery(tuple(self._encode(understanding.meaning)), self._space, depth=depth)

    def _answers(
        self, channels: Sequence[Channel], request: Request, understanding: Understanding
    ) -> bool:
        """Tell whether a channel finds anything: no documents, one hit."""
        probe = replace(request, limit=1, documents=False)
        pages = (self._run(name, probe, understanding)[0] for name in channels)
        return any(page is not None and page.total for page in pages)

    def _query(self, asked: Query, request: Request, filters: Filters | None) -> Page:
        return self._index.query(
            asked, filters, request.limit, documents=request.documents, more=False
        )


def _total(ran: Sequence[tuple[Page, ChannelRun]]) -> int:
    return max((page.total for page, _ in ran), default=0)


def _run(channel: Channel, start: float, page: Page, trouble: str | None = None) -> ChannelRun:
    took = perf_counter() - start
    return ChannelRun(channel, took, len(page.hits), page.total, trouble)
