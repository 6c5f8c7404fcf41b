"""What the channels gave to one query: their hits, their errors as reasons, what is told of it."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from search.found import ChannelRun, LeftOut
from search.index import Hit, IndexUnavailableError, Page, Trouble, VectorSpaceError
from search.query_vectors import EncoderFailedError, EncoderMissingError
from search.understanding import Understanding

Name = Literal["text", "intent", "vector"]
EXACT: tuple[Name, ...] = ("text", "intent")
NAMES: tuple[Name, ...] = (*EXACT, "vector")

_FORESEEN = (
    *(IndexUnavailableError, VectorSpaceError, TimeoutError),
    *(EncoderFailedError, EncoderMissingError, ImportError),
)
_logger = logging.getLogger("hirelens.search")


@dataclass(frozen=True, slots=True)
class Candidates:
    """What three channels found, by channel, best first, without documents.

    ``lists`` holds the channels that answered: what had nothing to ask or was left out has no
    entry. ``notes`` say what was left out; ``runs`` what each took and found; ``floor`` is the
    least cosine.
    """

    lists: Mapping[str, tuple[Hit, ...]]
    total: int
    understanding: Understanding
    floor: float = 0.0
    notes: tuple[str, ...] = ()
    runs: tuple[ChannelRun, ...] = ()


@dataclass(slots=True)
class Taken:
    """Collects what the channels give; of a channel that is asked again the last counts."""

    lists: dict[str, tuple[Hit, ...]] = field(default_factory=dict)
    runs: dict[str, ChannelRun] = field(default_factory=dict)
    errors: dict[str, Exception] = field(default_factory=dict)

    def page(self, name: Name, page: Page, seconds: float) -> None:
        """Take what a channel found."""
        self.lists[name] = page.hits
        self.runs[name] = ChannelRun(name, seconds, len(page.hits), page.total)

    def more(self, name: Name, page: Page) -> None:
        """Take further hits of a channel that was cut."""
        hits = {hit.id: hit for hit in (*self.lists[name], *page.hits)}
        self.lists[name] = tuple(sorted(hits.values(), key=lambda hit: (-hit.score, hit.id)))
        self.runs[name] = replace(self.runs[name], hits=len(hits))

    def error(self, name: Name, error: Exception, left_out: LeftOut, seconds: float) -> None:
        """Leave a channel out."""
        if not isinstance(error, _FORESEEN):
            _logger.error("channel %r: an error that nobody foresaw", name, exc_info=error)
        self.errors[name] = error
        self.lists.pop(name, None)
        trouble = f"{left_out}: {str(error) or type(error).__name__}"
        self.runs[name] = ChannelRun(name, seconds, 0, 0, trouble, left_out)

    def total(self, names: Sequence[Name]) -> int:
        """Return the matches of whichever of these channels has most."""
        return max((self.runs[name].total for name in names if name in self.runs), default=0)

    @property
    def exact_failed(self) -> bool:
        """Tell whether text or intent could not answer, so that nothing is known of the words."""
        return any(name in self.errors for name in EXACT)

    def candidates(self, understanding: Understanding, floor: float) -> Candidates:
        """Return all of it.

        Raises:
            IndexUnavailableError: no channel answered in time.
            Exception: whatever the first of them raised, where none answered.
        """
        if not self.lists:
            raise _unanswered(self.errors)
        order = [name for name in NAMES if name in self.runs]
        notes = [
            f"channel {name!r} left out ({self.runs[name].trouble})"
            for name in order
            if name in self.errors
        ]
        exact = self.total(EXACT)
        if self.lists.get("vector") and not exact and not self.exact_failed:
            notes.append("no post matches the words; the nearest in meaning are shown")
        ids = {hit.id for hits in self.lists.values() for hit in hits}
        return Candidates(
            {name: self.lists[name] for name in order if name in self.lists},
            max(exact, len(ids)),
            understanding,
            floor,
            tuple(notes),
            tuple(self.runs[name] for name in order),
        )


def index_reason(error: Exception) -> LeftOut:
    """Return why a question to the index gave nothing."""
    if isinstance(error, VectorSpaceError):
        return LeftOut.SPACE
    return LeftOut.TIMEOUT if isinstance(error, TimeoutError) else LeftOut.INDEX_ERROR


def encoder_reason(error: Exception) -> LeftOut:
    """Return why there is no vector of the query."""
    if isinstance(error, EncoderMissingError | ImportError):
        return LeftOut.ENCODER_MISSING
    slow = isinstance(error, TimeoutError)
    return LeftOut.ENCODER_SLOW if slow else LeftOut.ENCODER_FAILED


def _unanswered(errors: Mapping[str, Exception]) -> Exception:
    first = next(errors[name] for name in NAMES if name in errors)
    if not isinstance(first, TimeoutError):
        return first
    return IndexUnavailableError(
        Trouble.SLOW, "no channel answered in time", "look at the index: hirelens doctor"
    )
