"""The values that rewriting a query is made of."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Protocol


class Kind(StrEnum):
    """What a candidate is, as seen from the query."""

    SAME = "same"
    NARROWER = "narrower"
    RELATED = "related"


class Source(StrEnum):
    """Who says that a candidate may stand for a query."""

    TAXONOMY = "taxonomy"
    ENCODER = "encoder"
    CLICKS = "clicks"
    EDITOR = "editor"


@dataclass(frozen=True, slots=True)
class Sources:
    """Which sources are asked; a site's editors are always heard."""

    taxonomy: bool = True
    encoder: bool = True
    clicks: bool = True

    def without(self, *names: str) -> Sources:
        """Return these sources without some.

        Raises:
            ValueError: a name is no source that can be switched off.
        """
        for name in names:
            if name not in self.__slots__:
                known = ", ".join(self.__slots__)
                raise ValueError(f"source {name!r} is unknown; use one of {known}")
        return Sources(
            **{name: getattr(self, name) and name not in names for name in self.__slots__}
        )


@dataclass(frozen=True, slots=True)
class Expansion:
    """Another name that a query may be answered by.

    ``score`` lies in 0..1, where 1 is the query's own name; ``positions`` are the ids of the
    taxonomy that the text names, none where it knows no such name.
    """

    text: str
    score: float
    kind: Kind
    source: Source
    positions: tuple[str, ...] = ()
    why: str = ""

    def to_mapping(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {**asdict(self), "score": round(self.score, 4), "positions": list(self.positions)}


@dataclass(frozen=True, slots=True)
class Rewritten:
    """What a name of a position is called otherwise, the best first.

    ``canonical`` is the name of the position that the query names, None where the taxonomy knows
    none; ``positions`` are its ids, no narrower ones. ``notes`` say which source could not answer.
    """

    query: str
    canonical: str | None
    positions: tuple[str, ...]
    expansions: tuple[Expansion, ...]
    notes: tuple[str, ...] = ()

    def to_mapping(self) -> dict[str, Any]:
        """Return the JSON form; ``notes`` only where there are any."""
        found: dict[str, Any] = {
            "query": self.query,
            "canonical": self.canonical,
            "positions": list(self.positions),
            "expansions": [one.to_mapping() for one in self.expansions],
        }
        return {**found, "notes": list(self.notes)} if self.notes else found


@dataclass(frozen=True, slots=True)
class PairScore:
    """Whether a candidate may answer a query: score in 0..1, the verdict, who says so and why.

    ``source`` is None where nobody knows anything about the pair.
    """

    score: float
    accept: bool
    source: Source | None
    why: str


class Rewriter(Protocol):
    """Rewrites queries and judges pairs.

    A text is that of one position part of a query, or the whole query where it has none.
    """

    def rewrite(self, text: str) -> Rewritten:
        """Return the canonical position and the expansions of a text."""
        ...

    def judge(self, query: str, candidate: str) -> PairScore:
        """Tell whether a candidate may answer a query; never symmetric by itself."""
        ...
