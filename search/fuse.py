"""Fusing the ranked lists of several channels: pure, whatever the channels are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from search.found import FoundBy
from search.fusion import NEAR, Fusion
from search.index import Hit


@dataclass(frozen=True, slots=True)
class Fused:
    """One hit under its fused score and what each channel that found it thought of it."""

    hit: Hit
    found: tuple[FoundBy, ...]

    @property
    def channels(self) -> tuple[str, ...]:
        """The channels that found it."""
        return tuple(one.channel for one in self.found)

    @property
    def near_only(self) -> bool:
        """Tell whether the vector alone found it."""
        return self.channels == (NEAR,)


def fuse(
    lists: Mapping[str, Sequence[Hit]], fusion: Fusion | None = None, *, floor: float = 0.0
) -> list[Fused]:
    """Return all hits once, best fused score first, equal scores in the order of ids.

    Args:
        lists: by channel its hits, best first; a channel that was not asked has no entry, one that
            found nothing an empty one.
        fusion: the method and its weights.
        floor: the least cosine of a match, for normalising the vector's scores.
    """
    how = fusion or Fusion()
    weights = how.weights(lists)
    hits: dict[str, Hit] = {}
    found: dict[str, list[FoundBy]] = {}
    for name, ranked in lists.items():
        parts = _reciprocal(ranked, how.k) if how.method == "rrf" else _normal(name, ranked, floor)
        for rank, (hit, part) in enumerate(zip(ranked, parts, strict=True), start=1):
            hits.setdefault(hit.id, hit)
            by = FoundBy(name, rank, hit.score, weights[name] * part)
            found.setdefault(hit.id, []).append(by)
    scores = {id_: sum(by.part for by in some) for id_, some in found.items()}
    order = sorted(scores, key=lambda id_: (-scores[id_], id_))
    return [Fused(_under(hits[id_], scores[id_]), tuple(found[id_])) for id_ in order]


def _under(hit: Hit, score: float) -> Hit:
    # Not by ``replace``, which takes three times as long: there are hundreds of them.
    return Hit(hit.id, score, hit.display, hit.debug)


def _reciprocal(ranked: Sequence[Hit], k: float) -> list[float]:
    """Return the reciprocals of ranks; hits of one score share the best, their order is by id."""
    parts: list[float] = []
    for rank, hit in enumerate(ranked, start=1):
        tied = rank > 1 and hit.score == ranked[rank - 2].score
        parts.append(parts[-1] if tied else 1 / (k + rank))
    return parts


def _normal(channel: str, ranked: Sequence[Hit], floor: float) -> list[float]:
    """Return scores between 0 and 1 by what a score can be at least (theoretical min-max).

    Words that match score above 0, and no more than the best of the answer; a cosine lies between
    the floor and 1. Where all score 0 (nothing but conditions was asked) all are as good.
    """
    scores = [hit.score for hit in ranked]
    if channel == NEAR:
        low, high = min(floor, 1.0), 1.0
    else:
        low, high = 0.0, max(scores, default=0.0)
    if high <= low:
        return [1.0] * len(scores)
    return [min(max((score - low) / (high - low), 0.0), 1.0) for score in scores]
