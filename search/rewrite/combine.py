"""From what the sources say of a pair to one score in 0..1; pure.

The taxonomy's relation is the prior. Encoder and clicks move it in log odds, little where the
taxonomy is sure and more where it does not know; what the taxonomy refuses they never bring back.
The shares behind the numbers are counted on the project's own judged pairs (docs/rewrite.md).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from search.rewrite.relations import Relation

ACCEPT = 0.5
"""From this score on a candidate may answer the query."""
CEILING = 0.45
"""What a pair that the taxonomy refuses reaches at most: it is ranked, never accepted."""


class Fit(StrEnum):
    """How what narrows the candidate's name agrees with what narrows the query's."""

    EQUAL = "equal"
    MORE = "more"
    LESS = "less"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Prior:
    """What a relation is worth by fit, and how far the other sources move it (0..1)."""

    equal: float
    more: float
    less: float
    other: float
    give: float
    refused: bool = False

    def of(self, fit: Fit) -> float:
        """Return the worth for one fit."""
        return float(getattr(self, fit.value))


PRIORS: Mapping[Relation, Prior] = MappingProxyType(
    {
        Relation.SAME: Prior(0.97, 0.88, 0.50, 0.25, 0.4),
        Relation.KIND: Prior(0.93, 0.88, 0.40, 0.30, 0.3),
        Relation.ASSISTANT: Prior(0.85, 0.45, 0.40, 0.20, 0.3),
        Relation.NEAR: Prior(0.75, 0.50, 0.30, 0.15, 0.5),
        Relation.SPECIAL: Prior(0.50, 0.40, 0.30, 0.25, 0.7),
        Relation.BROADER: Prior(0.55, 0.33, 0.25, 0.15, 0.7),
        Relation.GENERIC: Prior(0.25, 0.35, 0.15, 0.15, 0.7),
        Relation.GROUP: Prior(0.20, 0.20, 0.15, 0.10, 0.8),
        Relation.ASSISTED: Prior(0.25, 0.20, 0.15, 0.10, 0.5),
        Relation.SENIOR: Prior(0.20, 0.15, 0.15, 0.10, 0.4),
        Relation.JUNIOR: Prior(0.20, 0.15, 0.15, 0.10, 0.4),
        Relation.SIBLING: Prior(0.15, 0.12, 0.12, 0.08, 0.6, refused=True),
        Relation.SECTOR: Prior(0.08, 0.08, 0.08, 0.06, 0.8),
        Relation.FAR: Prior(0.03, 0.05, 0.04, 0.04, 0.8),
        Relation.REFUSED: Prior(0.05, 0.05, 0.05, 0.05, 0.3, refused=True),
    }
)
UNKNOWN = Prior(0.20, 0.20, 0.20, 0.20, 1.0)
"""The prior of a pair that the taxonomy lacks a side of."""

_CLICKED = 3.5
"""Log odds that clicks on the same posts add where the overlap is complete."""
_SHARED = 1.5
"""Log odds that shared characters add where the taxonomy knows nothing and no encoder is asked."""


def combined(
    relation: Relation | None,
    fit: Fit,
    *,
    near: float | None = None,
    clicked: float | None = None,
    shared: float = 0.0,
) -> float:
    """Return the score of a pair.

    Args:
        relation: the taxonomy's; None where it lacks a side or is not asked.
        fit: how the rest of the names agrees.
        near: the encoder's probability in 0..1; None where it is not asked.
        clicked: overlap of clicked posts in 0..1; None where there is none to speak of.
        shared: share of characters in common in 0..1.
    """
    prior = UNKNOWN if relation is None else PRIORS[relation]
    odds = logit(prior.of(fit))
    if near is not None:
        # Who clicks knows words that no encoder has met: its doubts count half then.
        doubt = 0.5 if clicked is not None and near < ACCEPT else 1.0
        odds += prior.give * doubt * logit(near)
    else:
        odds += prior.give * _SHARED * (shared - 0.5)
    if clicked is not None:
        odds += prior.give * _CLICKED * clicked
    score = 1 / (1 + math.exp(-odds))
    return CEILING * score if prior.refused else score


def logit(share: float) -> float:
    """Return the log odds of a share, bounded."""
    share = min(max(share, 0.01), 0.99)
    return math.log(share / (1 - share))


def shared_characters(one: str, other: str) -> float:
    """Return the Dice coefficient of the characters and pairs of characters of two words."""
    left, right = _grams(one), _grams(other)
    return 2 * len(left & right) / (len(left) + len(right)) if left and right else 0.0


def _grams(word: str) -> set[str]:
    return {*word, *(word[at : at + 2] for at in range(len(word) - 1))}
