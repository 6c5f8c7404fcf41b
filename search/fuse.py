"""Fusing the ranked lists of several channels by reciprocal rank."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from search.found import FoundBy
from search.index import Hit

K = 60
"""The usual constant of reciprocal rank fusion: how much the first ranks count above later ones."""


@dataclass(frozen=True, slots=True)
class Fused:
    """One hit under its fused score and what each channel that found it thought of it."""

    hit: Hit
    found: tuple[FoundBy, ...]

    @property
    def channels(self) -> tuple[str, ...]:
        """The channels that found it."""
        return tuple(one.channel for one in self.found)


def fuse(lists: Mapping[str, Sequence[Hit]]) -> list[Fused]:
    """Return all hits once, best fused score first, equal scores in the order of ids."""
    scores: dict[str, float] = {}
    hits: dict[str, Hit] = {}
    found: dict[str, list[FoundBy]] = {}
    for name, ranked in lists.items():
        for rank, hit in enumerate(ranked, start=1):
            hits.setdefault(hit.id, hit)
            scores[hit.id] = scores.get(hit.id, 0.0) + 1 / (K + rank)
            found.setdefault(hit.id, []).append(FoundBy(name, rank, hit.score))
    order = sorted(scores, key=lambda id_: (-scores[id_], id_))
    return [Fused(replace(hits[id_], score=scores[id_]), tuple(found[id_])) for id_ in order]
