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
    """Compare two systems by (part, whole) of each item, shape (items, 2).

    The wholes of the two may differ (what was returned is another whole for each system). Returns
    None where one of them has no value.

    Raises:
        ValueError: the items are not as many.
    """
    if first.shape != second.shape:
        raise ValueError("two systems can be compared on the same items only")
    both = np.concatenate([first, second], axis=1).astype(float)
    difference = Bootstrap(len(both)).estimate(both, _difference, int(first[:, 1].sum()))
    if difference is None:
        return None
    more = _ratio(first) - _ratio(second)
    return Paired(
        difference,
        randomisation(first, second),
        int((more > _EQUAL).sum()),
        int((np.abs(more) <= _EQUAL).sum()),
        int((more < -_EQUAL).sum()),
    )


def randomisation(first: Array, second: Array, draws: int = DRAWS) -> float:
    """Return the share of random exchanges in which the systems are as far apart.

    The systems as they are count as one of the draws, so that no p value is 0 (Davison and Hinkley
    1997, 4.2).
    """
    moved = (np.abs(first - second) > _EQUAL).any(axis=1)
    if not moved.any():
        return 1.0
    one, other = first[moved].astype(float), second[moved].astype(float)
    kept = np.random.default_rng(_SEED).integers(0, 2, size=(draws, len(one)))
    rest = np.concatenate([first[~moved].sum(axis=0), second[~moved].sum(axis=0)])
    sums = np.concatenate(
        [kept @ one + (1 - kept) @ other, kept @ other + (1 - kept) @ one], axis=1
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        drawn = np.abs(_difference(sums + rest))
        found = abs(_difference(np.concatenate([first, second], axis=1).sum(axis=0)[None, :])[0])
    as_far = ~(drawn < found - _EQUAL)  # a draw without a value counts as one
    return float((as_far.sum() + 1) / (draws + 1))


def _difference(sums: Array) -> Array:
    """Return the difference of two shares from summed (part, whole, part, whole)."""
    return np.asarray(sums[:, 0] / sums[:, 1] - sums[:, 2] / sums[:, 3])


def _ratio(counts: Array) -> Array:
    """Return the share of each item, 0 where there is nothing."""
    whole = counts[:, 1]
    return np.asarray(np.divide(counts[:, 0], whole, out=np.zeros(len(whole)), where=whole > 0))


def compare(first: Mapping[str, Array], second: Mapping[str, Array]) -> dict[str, Paired | None]:
    """Compare two systems by every figure that both have."""
    return {name: paired(first[name], second[name]) for name in first if name in second}
