"""Two systems on the same items: how far they differ, and whether chance would do as much.

The interval draws items with replacement, the same for both systems (paired bootstrap, Efron
1979). The p value is that of the paired randomisation test (Fisher 1935; for retrieval Smucker,
Allan and Carterette 2007, "A comparison of statistical significance tests for information
retrieval evaluation"): which of two answers came from which system is exchanged at random.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from labels.evaluate.bootstrap import Array, Bootstrap, Estimate

DRAWS = 10_000
_SEED = 1
_EQUAL = 1e-12
"""Differences below this are rounding."""


@dataclass(frozen=True, slots=True)
class Paired:
    """What the first system has more than the second, and how often chance gives as much.

    ``p`` is two-sided and never 0; ``better``, ``equal``, ``worse``: items by who is ahead.
    """

    difference: Estimate
    p: float
    better: int
    equal: int
    worse: int

    def to_mapping(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "difference": self.difference.to_mapping(),
            "p": round(self.p, 5),
            "better": self.better,
            "equal": self.equal,
            "worse": self.worse,
        }


def paired(first: Array, second: Array) -> Paired | None:
    """Compare two systems by (part, whole) of each item, shape (items, 2), equal wholes.

    Returns None where there is nothing to compare.

    Raises:
        ValueError: the items are not the same.
    """
    if first.shape != second.shape or not np.allclose(first[:, 1], second[:, 1]):
        raise ValueError("two systems can be compared on the same items only")
    whole = first[:, 1]
    if not whole.sum():
        return None
    more = first[:, 0] - second[:, 0]
    difference = Bootstrap(len(more)).ratio(more, whole)
    if difference is None:
        return None
    return Paired(
        difference,
        randomisation(more),
        int((more > _EQUAL).sum()),
        int((np.abs(more) <= _EQUAL).sum()),
        int((more < -_EQUAL).sum()),
    )


def randomisation(more: Array, draws: int = DRAWS) -> float:
    """Return the share of random exchanges in which the sum of differences is as far from 0.

    The systems as they are count as one of the draws, so that no p value is 0 (Davison and Hinkley
    1997, 4.2).
    """
    moved = more[np.abs(more) > _EQUAL]
    if not len(moved):
        return 1.0
    signs = np.random.default_rng(_SEED).integers(0, 2, size=(draws, len(moved))) * 2 - 1
    as_far = np.abs(signs @ moved) >= abs(moved.sum()) - _EQUAL
    return float((as_far.sum() + 1) / (draws + 1))


def compare(first: Mapping[str, Array], second: Mapping[str, Array]) -> dict[str, Paired | None]:
    """Compare two systems by every figure that both have."""
    return {name: paired(first[name], second[name]) for name in first if name in second}
