"""What a search waits for, seen from outside: spans of the query tower and of the index."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from time import perf_counter, thread_time

from hirelens.settings import load
from hirelens.wiring import Workplace
from search.index import (
    Document,
    Either,
    FilterQuery,
    Filters,
    Index,
    Page,
    Phrase,
    Query,
    Stamp,
    TextQuery,
    VectorQuery,
    WriteOutcome,
)

STEPS = ("understanding", "encoding", "text", "intent", "with less", "vector", "fuse", "documents")
"""``with less``: questions for one hit, asked where nothing answers; ``fuse``: all that is left."""
Encode = Callable[[str], Sequence[float]]


@dataclass(frozen=True, slots=True)
class Span:
    """One step of one search: from when to when, in seconds, and the processor's time."""

    step: str
    start: float
    end: float
    cpu: float


class Log:
    """Spans of whatever is asked now, by all threads."""

    def __init__(self) -> None:
        """Start empty."""
        self._lock = Lock()
        self._spans: list[Span] = []

    @contextmanager
    def span(self, step: str) -> Iterator[None]:
        """Keep how long something takes in this thread."""
        start, cpu = perf_counter(), thread_time()
        try:
            yield
        finally:
            one = Span(step, start, perf_counter(), thread_time() - cpu)
            with self._lock:
                self._spans.append(one)

    def taken(self) -> list[Span]:
        """Return the spans since the last call."""
        with self._lock:
            found, self._spans = self._spans, []
        return found


class WatchedIndex:
    """An index whose questions leave spans."""

    def __init__(self, index: Index, log: Log) -> None:
        """Use an index."""
        self._index = index
        self._log = log
        self._asked = 0

    @property
    def identity(self) -> str:
        """That of the index."""
        return self._index.identity

    @property
    def vector_space(self) -> str:
        """That of the index."""
        return self._index.vector_space

    def write(self, documents: Sequence[Document]) -> list[WriteOutcome]:
        """Write to the index."""
        return self._index.write(documents)

    def get(self, ids: Sequence[str], *, match: bool = True) -> dict[str, Document]:
        """Get from the index."""
        with self._log.span("documents"):
            return self._index.get(ids, match=match)

    def scan(self, after: str = "", limit: int = 1000) -> Iterator[Stamp]:
        """Scan the index."""
        return self._index.scan(after, limit)

    def query(
        self,
        query: Query,
        filters: Filters | None = None,
        limit: int = 10,
        cursor: str | None = None,
        *,
        documents: bool = True,
        more: bool = True,
    ) -> Page:
        """Ask the index."""
        with self._log.span(_step(query, limit)):
            return self._index.query(query, filters, limit, cursor, documents=documents, more=more)

    def refresh(self) -> None:
        """Refresh the index."""
        self._index.refresh()

    def close(self) -> None:
        """Close the index."""
        self._index.close()


class WatchedPlace(Workplace):
    """A home whose index and query tower leave spans."""

    log = Log()

    @classmethod
    def of(cls, home: Path, threads: int, **more: object) -> WatchedPlace:
        """Open a home as its settings say; ``more`` settings win."""
        settings = load(home, {})
        return cls(settings.model_copy(update={"threads": threads, **more}))

    def check(self) -> None:
        """Refuse a home whose vectors are not those of its model.

        Raises:
            SystemExit: says the remedy.
        """
        self.require()
        found = self.index.vector_space
        if found != self.vector_space:
            raise SystemExit(
                f"{self.settings.home}: holds vectors of {found}, its model gives "
                f"{self.vector_space}; read the posts again: hirelens reenrich"
            )

    def forget(self) -> None:
        """Forget the vectors of queries, so that the next one is encoded whatever was asked."""
        kept = self.searcher._channels.vectors._kept
        kept.clear()

    def posts(self) -> int:
        """Return how many open posts there are."""
        return self.index.query(FilterQuery(), limit=1, documents=False, more=False).total

    def index_of(self, space: str) -> Index:
        """Return the watched index."""
        return WatchedIndex(super().index_of(space), self.log)

    def _encode(self, text: str) -> Sequence[float]:
        with self.log.span("encoding"):
            return super()._encode(text)


def steps(
    spans: Sequence[Span], start: float, end: float, own: float
) -> dict[str, tuple[float, float]]:
    """Return wall and processor time of each step of one search, in seconds.

    Steps that ran beside each other overlap in wall time. What stands before the first span is
    ``understanding``; what no span covers afterwards is ``fuse``: both run in the asking thread,
    whose processor time ``own`` is shared between them as their wall times are.
    """
    found = dict.fromkeys(STEPS, (0.0, 0.0))
    for span in spans:
        wall, cpu = found[span.step]
        found[span.step] = wall + span.end - span.start, cpu + span.cpu
    ordered = sorted(spans, key=lambda span: span.start)
    first = ordered[0].start if ordered else end
    at, uncovered = first, 0.0
    for span in ordered:
        uncovered += max(span.start - at, 0.0)
        at = max(at, span.end)
    uncovered += max(end - at, 0.0)
    left = max(own - found["documents"][1], 0.0)
    for step, wall in (("understanding", first - start), ("fuse", uncovered)):
        found[step] = wall, min(wall, left * wall / max(first - start + uncovered, 1e-9))
    return found


def _step(query: Query, limit: int) -> str:
    if isinstance(query, VectorQuery):
        return "vector"
    if limit == 1:
        return "with less"
    return "intent" if isinstance(query, TextQuery) and any(map(_by_id, query.parts)) else "text"


def _by_id(part: Phrase | Either) -> bool:
    """Tell whether a part asks for positions by id alone, as the intent channel does."""
    phrases = part.phrases if isinstance(part, Either) else (part,)
    return any(one.positions and not one.tokens for one in phrases)
