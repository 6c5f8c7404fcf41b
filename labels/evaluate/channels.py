"""Figures of several systems (channels, fused, stripped or not) on the same items, compared.

Pure: every figure comes as (part, whole) of each item, an array of shape (items, 2).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from labels.evaluate.bootstrap import Array, Estimate
from labels.evaluate.paired import Paired, compare
from labels.evaluate.ranx_opinion import has_ranx, opinion
from labels.evaluate.relevance import GradedQuery, counts, estimates, reached, score

Counts = Mapping[str, Array]
"""By figure its (part, whole) of each item."""
Rankings = Mapping[str, Sequence[str]]
"""Ids of posts, best first, by query id."""
Pair = tuple[str, str]
FIRST = (60, 200)
"""Places of the whole ranking in which right posts are counted: a page of sixty, what is fused."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What one system has more than another; ``student``: p values by ranx, where it is there."""

    first: str
    second: str
    figures: Mapping[str, Paired | None]
    student: Mapping[str, float] = field(default_factory=dict)

    def to_mapping(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "first": self.first,
            "second": self.second,
            "figures": {name: f and f.to_mapping() for name, f in self.figures.items()},
            "student": {name: round(p, 5) for name, p in self.student.items()},
        }


@dataclass(frozen=True, slots=True)
class ChannelReport:
    """Figures by system, and systems side by side."""

    items: int
    figures: Mapping[str, Mapping[str, Estimate | None]]
    comparisons: tuple[Comparison, ...]

    def to_mapping(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "items": self.items,
            "figures": {
                system: {name: e and e.to_mapping() for name, e in some.items()}
                for system, some in self.figures.items()
            },
            "comparisons": [one.to_mapping() for one in self.comparisons],
        }


def report(items: int, systems: Mapping[str, Counts], pairs: Sequence[Pair]) -> ChannelReport:
    """Return the figures of systems on the same items; ``pairs``: which are compared."""
    return ChannelReport(
        items,
        {name: estimates(made) for name, made in systems.items()},
        tuple(
            Comparison(first, second, compare(systems[first], systems[second]))
            for first, second in pairs
        ),
    )


def graded_report(
    queries: Sequence[GradedQuery],
    systems: Mapping[str, Rankings],
    pairs: Sequence[Pair],
    *,
    crowd: bool = False,
) -> ChannelReport:
    """Return the figures of ``score_relevance.py`` by system.

    Args:
        queries: what was asked, with graded posts.
        systems: by name its rankings.
        pairs: which systems are compared.
        crowd: count also the right posts in the first places of the whole ranking.
    """
    made = {name: _counts(queries, rankings, crowd) for name, rankings in systems.items()}
    found = report(len(queries), made, pairs)
    if not pairs or not has_ranx():
        return found
    opinions = {against: opinion(queries, systems, against) for _, against in pairs}
    told = tuple(
        Comparison(one.first, one.second, one.figures, opinions[one.second].p[one.first])
        for one in found.comparisons
    )
    return ChannelReport(found.items, found.figures, told)


def _counts(queries: Sequence[GradedQuery], rankings: Rankings, crowd: bool) -> Counts:
    made = counts(score(queries, rankings))
    for depth in FIRST if crowd else ():
        for name, some in reached(queries, rankings, depth).items():
            made[f"first_{depth}_{name}"] = some
    return made
