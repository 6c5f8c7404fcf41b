"""The order of a page: coarse rules drop and cut, a linear blend orders what is left."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import isfinite
from typing import Annotated, Any, Protocol

from pydantic import BaseModel, ConfigDict, Field

from search.fuse import Fused
from search.tables import read_table
from search.understanding import Understanding

Weight = Annotated[float, Field(ge=0, le=1000, allow_inf_nan=False)]
UNDATED = 0.5
"""Freshness of a post that does not say when it was written: that of a half life."""
STATED = ("salary", "city", "company")
"""What a complete post states, in fields of its own."""


class Rank(BaseModel):
    """Rules of the coarse rank and weights of the fine one; frozen.

    The defaults leave relevance in charge: all the rest together outweighs no step between the
    first ranks of reciprocal rank fusion, so that it orders near ties only.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    floor: Annotated[float, Field(ge=0, le=1)] = 0.0
    """Share of the best fused score below which a hit is dropped."""
    most: Annotated[int, Field(ge=1, le=1000)] = 60
    """Hits that are ranked finely and folded; those behind them keep their order."""
    relevance: Weight = 1.0
    freshness: Weight = 0.005
    completeness: Weight = 0.005
    half_life_days: Annotated[float, Field(gt=0, le=36_500)] = 30.0
    """In so many days a post's freshness halves."""
    features: Mapping[str, Weight] = {}
    """Weights of given features by name: click-through, revenue."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A hit as rankers see it: its fused score, the post as given, and given features (0 to 1)."""

    fused: Fused
    post: Mapping[str, Any]
    given: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class RankPart:
    """One feature of a hit, 0 to 1, and the weight that it has in the score."""

    name: str
    value: float
    weight: float


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate under a ranker's score, and what the score is made of as far as it tells."""

    candidate: Candidate
    score: float
    parts: tuple[RankPart, ...] = ()


class Ranker(Protocol):
    """Orders candidates; a learned one meets this too."""

    def rank(
        self, asked: Understanding, candidates: Sequence[Candidate], now: datetime
    ) -> Sequence[Ranked]:
        """Return all candidates, each once, best first.

        Args:
            asked: the query as it is understood.
            candidates: in the fused order.
            now: with a time zone; the only clock that it may use.
        """
        ...


@dataclass(frozen=True, slots=True)
class Coarse:
    """What the coarse rank lets through: to the fine rank, and behind it; how many it dropped."""

    fine: tuple[Fused, ...]
    behind: tuple[Fused, ...]
    dropped: int


def coarse(fused: Sequence[Fused], rule: Rank, refused: Collection[str] = ()) -> Coarse:
    """Drop what is below the relevance floor and what is refused by id; cut at ``rule.most``.

    Args:
        fused: best first.
        rule: floor and cut.
        refused: ids that must not be shown: posts that were closed a moment ago.
    """
    least = rule.floor * max((one.hit.score for one in fused), default=0.0)
    kept = [one for one in fused if one.hit.score >= least and one.hit.id not in refused]
    return Coarse(tuple(kept[: rule.most]), tuple(kept[rule.most :]), len(fused) - len(kept))


class Linear:
    """The weighted sum of relevance, freshness, completeness and given features."""

    def __init__(self, rule: Rank) -> None:
        """Use the weights of a rule."""
        self._rule = rule

    def rank(
        self,
        asked: Understanding,  # noqa: ARG002 - a learned ranker reads it
        candidates: Sequence[Candidate],
        now: datetime,
    ) -> list[Ranked]:
        """Return all candidates, best first; equal scores keep the fused order."""
        best = max((one.fused.hit.score for one in candidates), default=0.0)
        ranked = [self._ranked(one, best, now) for one in candidates]
        return sorted(ranked, key=lambda one: -one.score)

    def _ranked(self, one: Candidate, best: float, now: datetime) -> Ranked:
        rule = self._rule
        values = (
            ("relevance", one.fused.hit.score / best if best > 0 else 0.0, rule.relevance),
            ("freshness", freshness(one.post, now, rule.half_life_days), rule.freshness),
            ("completeness", completeness(one.post), rule.completeness),
            *((name, _share(one.given.get(name)), weight) for name, weight in self._given()),
        )
        parts = tuple(RankPart(*value) for value in values)
        return Ranked(one, sum(part.value * part.weight for part in parts), parts)

    def _given(self) -> list[tuple[str, float]]:
        return sorted(self._rule.features.items())


def freshness(post: Mapping[str, Any], now: datetime, half_life_days: float) -> float:
    """Return 1 for a post of now or later, half of it for each half life that it is older."""
    try:
        written = datetime.fromisoformat(str(post.get("updated_at") or ""))
        days = (now - written).total_seconds() / 86_400
    except (ValueError, TypeError):  # no time, or one of no zone
        return UNDATED
    return float(0.5 ** (max(days, 0.0) / half_life_days))


def completeness(post: Mapping[str, Any]) -> float:
    """Return which share of pay, place and company a post states in its fields."""
    return sum(bool(str(post.get(name) or "").strip()) for name in STATED) / len(STATED)


def _share(value: float | None) -> float:
    """Return a given feature as a number from 0 to 1; what is none counts as 0."""
    if value is None or not isfinite(value):
        return 0.0
    return min(max(value, 0.0), 1.0)


def read_rank(values: Mapping[str, Any]) -> Rank:
    """Return the rank of a settings table.

    Raises:
        ValueError: names the entry that is wrong, and what it may be.
    """
    return read_table(Rank, values, "entry of rank")
