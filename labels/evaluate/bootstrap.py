"""How far a figure may be off: intervals over resampled posts.

Mentions of one post go together, so whole posts are drawn (the percentile bootstrap, Efron 1979).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with the interval that holds it in 95 of 100 draws; ``count``: of what."""

    value: float
    low: float
    high: float
    count: int

    def to_mapping(self) -> dict[str, float]:
        """Return the JSON form."""
        return {
            "value": round(self.value, 4),
            "low": round(self.low, 4),
            "high": round(self.high, 4),
            "count": self.count,
        }

    def __str__(self) -> str:
        return f"{self.value:.3f} ({self.low:.3f} to {self.high:.3f})"


class Bootstrap:
    """Draws of posts, the same for every figure, so that figures can be compared."""

    def __init__(self, posts: int, draws: int = 1000, seed: int = 1) -> None:
        """Draw ``posts`` posts with replacement, ``draws`` times."""
        rng = np.random.default_rng(seed)
        shares = np.full(posts, 1 / posts) if posts else np.zeros(0)
        self.weights: Array = rng.multinomial(posts, shares, size=draws) if posts else shares

    def estimate(
        self, counts: Array, figure: Callable[[Array], Array], count: int
    ) -> Estimate | None:
        """Return a figure of summed counts, given as (posts, counts).

        ``figure`` takes sums of shape (draws, counts). None where it is not defined.
        """
        if not len(counts):
            return None
        with np.errstate(divide="ignore", invalid="ignore"):
            value = float(figure(counts.sum(axis=0)[None, :])[0])
            return around(value, figure(self.weights @ counts), count)

    def ratio(self, part: Array, whole: Array) -> Estimate | None:
        """Return the share of ``part`` in ``whole``, both counted by post."""
        counts = np.stack([part, whole], axis=1)
        return self.estimate(counts, lambda sums: sums[:, 0] / sums[:, 1], int(whole.sum()))


def around(value: float, drawn: Array, count: int) -> Estimate | None:
    """Return a figure with the interval of its draws; draws without a value are left out."""
    if not np.isfinite(value):
        return None
    drawn = drawn[np.isfinite(drawn)]
    low, high = np.percentile(drawn, [2.5, 97.5]) if len(drawn) else (value, value)
    return Estimate(value, float(low), float(high), count)
