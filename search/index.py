"""The index protocol: what both back ends (embedded, Elasticsearch) offer, and its values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal, Protocol

from search.conditions import AnyOf, Boost, Condition, Stream

State = Literal["open", "closed"]
ACTIVATIONS = 4096
MAX_DEPTH = 10_000
"""Most documents that one vector query may reach for."""


def document_version(revision: int, activation: int) -> int:
    """Return the external version of a document: a newer revision beats any activation.

    Raises:
        ValueError: ``activation`` is outside ``0..4095`` or ``revision`` is negative.
    """
    if not 0 <= activation < ACTIVATIONS or revision < 0:
        raise ValueError(f"revision {revision} or activation {activation} is out of range")
    return revision * ACTIVATIONS + activation


class VectorSpaceError(ValueError):
    """A vector does not belong to the index's vector space; names the field and the remedy."""


class CursorError(ValueError):
    """A cursor is not one that a page gave."""


class Trouble(StrEnum):
    """Why an index cannot be used now; a closed list."""

    DOWN = "down"  # nothing answers
    SLOW = "slow"  # no answer in time
    BUSY = "busy"  # it refuses work for now
    READ_ONLY = "read_only"  # it takes no writes: a full disk, or a block that somebody has set
    MISSING = "missing"  # there is no index under the name
    AMBIGUOUS = "ambiguous"  # the name leads to several indices
    FOREIGN = "foreign"  # what is there is not what this version writes, or of another model
    REFUSED = "refused"  # credentials or privileges


class IndexUnavailableError(RuntimeError):
    """The index cannot be used now: never a post's fault, and nothing is lost; says the remedy."""

    def __init__(self, reason: Trouble, problem: str, remedy: str) -> None:
        """Keep the reason; the text is problem and remedy."""
        super().__init__(f"{problem}; {remedy}")
        self.reason = reason


class Outcome(StrEnum):
    """What became of one written document."""

    OK = "ok"
    SUPERSEDED = "superseded"  # a newer version is stored: success, counted apart
    SAME = "same"  # equal version, equal digest: nothing to do
    CONFLICT = "conflict"  # equal version, other digest: repaired under the next activation
    RETRY = "retry"
    PERMANENT = "permanent"
    TOO_LARGE = "too_large"


@dataclass(frozen=True, slots=True)
class MatchSection:
    """What queries read: streams of tokens between blanks; ``tokens.GAP`` breaks phrases.

    ``positions``: ids of what the post hires for, with all wider ones; ``named``: ids of what it
    names and does not hire for (比服务员轻松), which nearness alone must not find; ``denied``:
    offers and kinds of work that it says it has not.
    """

    text_words: str
    text_chars: str
    offer_words: str
    offer_chars: str
    plain_chars: str
    title_chars: str
    positions: tuple[str, ...]
    tags: dict[str, tuple[str, ...]] = field(default_factory=dict)
    vector: tuple[float, ...] = ()
    named: tuple[str, ...] = ()
    denied: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FilterSection:
    """What filters read; salaries in yuan a month, experience in months, education as a rank."""

    city: str | None = None
    category: str | None = None
    company: str | None = None
    salary_min: float | None = None
    salary_max: float | None = None
    job_type: tuple[str, ...] = ()
    benefit: tuple[str, ...] = ()
    gender: str | None = None
    age_min: int | None = None
    age_max: int | None = None
    education: int | None = None
    experience: int | None = None
    updated_at: str | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """One indexed post. A closed one is a tombstone: state and version, every section empty."""

    id: str
    version: int
    state: State
    recipe: str
    digest: str
    match: MatchSection | None = None
    filter: FilterSection | None = None
    display: dict[str, Any] | None = None
    debug: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class WriteOutcome:
    """The outcome of one document, in the order of the batch.

    ``trouble``: where the index's state, not the document, made it ``RETRY``.
    """

    id: str
    outcome: Outcome
    stored_version: int | None = None
    error: str | None = None
    trouble: Trouble | None = None


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a scan tells of a stored document."""

    id: str
    version: int
    state: State
    recipe: str


@dataclass(frozen=True, slots=True)
class Filters:
    """Hard conditions of a query; None means any.

    ``must``: of each group one condition must hold; ``must_not``: none of these may.
    """

    city: str | None = None
    category: str | None = None
    company: str | None = None
    salary_at_least: float | None = None
    job_type: str | None = None
    benefit: tuple[str, ...] = ()
    must: tuple[AnyOf, ...] = ()
    must_not: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Alternative:
    """What else answers for a part: a post that fulfils one of the conditions.

    Its score is ``weight``, above 0 and below 1.

    Raises:
        ValueError: the weight is outside.
    """

    any_of: AnyOf
    weight: float

    def __post_init__(self) -> None:
        """Keep what was asked for above what only stands for it."""
        if not 0 < self.weight < 1:
            raise ValueError(f"alternative {self}: give a weight between 0 and 1")


@dataclass(frozen=True, slots=True)
class Phrase:
    """One required part of a text query: consecutive character tokens in one stream.

    ``stream``: ``text``, ``offer``, ``plain`` or ``title``; where ``positions`` is given, a
    document that holds one of these ids matches too, and so does one that fulfils one of the
    ``alternatives``: the best of them counts, and the part's own words then score 1 more.
    """

    tokens: tuple[str, ...]
    stream: Stream = "text"
    words: tuple[str, ...] = ()
    positions: tuple[str, ...] = ()
    alternatives: tuple[Alternative, ...] = ()


@dataclass(frozen=True, slots=True)
class Either:
    """One required part of which one phrase must match; those that match add up."""

    phrases: tuple[Phrase, ...]


@dataclass(frozen=True, slots=True)
class TextQuery:
    """All parts must match; scored by BM25 over the parts' words or characters, and boosts."""

    parts: tuple[Phrase | Either, ...]
    boosts: tuple[Boost, ...] = ()


@dataclass(frozen=True, slots=True)
class FilterQuery:
    """Every document that passes the filters; scored by the boosts alone."""

    boosts: tuple[Boost, ...] = ()


@dataclass(frozen=True, slots=True)
class PositionQuery:
    """Documents that hire for one of these positions (ids; descendants carry their ancestors)."""

    positions: tuple[str, ...]
    tags: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class VectorQuery:
    """The nearest documents by cosine; refused where ``space`` is not the index's.

    ``depth``: the nearest so many that pass the filters match, at most ``MAX_DEPTH``; ``floor``:
    the least cosine of a match.
    """

    vector: tuple[float, ...]
    space: str
    floor: float = 0.0
    depth: int = 1000


Query = TextQuery | FilterQuery | PositionQuery | VectorQuery


@dataclass(frozen=True, slots=True)
class Hit:
    """One found document: its score on the query's own scale and what is shown."""

    id: str
    score: float
    display: dict[str, Any]
    debug: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    """Hits best first, the total number of matches, the cursor of the next page or None."""

    hits: tuple[Hit, ...]
    total: int
    cursor: str | None = None


class Index(Protocol):
    """An index of posts; versions decide, tombstones stay, nothing partial is ever written.

    Every method raises ``IndexUnavailableError`` where the index cannot be used now; ``write``
    does so only where nothing was sent, else it answers ``Outcome.RETRY``.
    """

    @property
    def identity(self) -> str:
        """Another text for an index that was built anew, however it is reached."""
        ...

    @property
    def vector_space(self) -> str:
        """What the stored vectors mean; it may differ from the space it was opened with."""
        ...

    def write(self, documents: Sequence[Document]) -> list[WriteOutcome]:
        """Write whole documents under external versions; one outcome each, in order."""
        ...

    def get(self, ids: Sequence[str], *, match: bool = True) -> dict[str, Document]:
        """Return the stored documents (tombstones included) of those ids that exist.

        Args:
            ids: in any order, each once.
            match: False leaves the sections ``match``, ``filter`` and ``debug`` out, which is
                faster.
        """
        ...

    def scan(self, after: str = "", limit: int = 1000) -> Iterator[Stamp]:
        """Yield stamps in the order of ids (by code point), those above ``after``."""
        ...

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
        """Answer from open documents only.

        Args:
            query: what to find.
            filters: hard conditions.
            limit: most hits on the page.
            cursor: the place behind which the page starts.
            documents: False leaves ``display`` and ``debug`` of the hits empty, which is faster.
            more: False gives no cursor of the next page, which is cheaper.

        Raises:
            VectorSpaceError: the query's vector is of another space or length.
            CursorError: the cursor is not one that a page gave.
        """
        ...

    def refresh(self) -> None:
        """Make what was written visible to ``query`` and ``scan`` now."""
        ...

    def close(self) -> None:
        """Close what was opened; the next call opens it again."""
        ...
