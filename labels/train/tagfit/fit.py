"""Logistic regression with a penalty, and the threshold at which precision meets recall."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[np.float64]]
_STEPS, _CLOSE = 60, 1e-7


@dataclass(frozen=True, slots=True)
class Line:
    """Weights over clues as they are, and a bias."""

    weights: Array
    bias: float

    def probabilities(self, clues: Array) -> Array:
        """Return one probability a row."""
        found: Array = 1 / (1 + np.exp(-np.clip(clues @ self.weights + self.bias, -50, 50)))
        return found


def fit(clues: Array, bad: Array, penalty: float) -> Line:
    """Fit by Newton's method; the penalty is on weights of clues of unit deviation."""
    mean, deviation = clues.mean(axis=0), clues.std(axis=0)
    deviation = np.where(deviation < 1e-6, 1.0, deviation)
    rows = np.column_stack([(clues - mean) / deviation, np.ones(len(clues))])
    ridge = np.full(rows.shape[1], penalty)
    ridge[-1] = 1e-6
    weights = np.zeros(rows.shape[1])
    for _ in range(_STEPS):
        guess = 1 / (1 + np.exp(-np.clip(rows @ weights, -50, 50)))
        slope = rows.T @ (guess - bad) + ridge * weights
        curve = (rows * (guess * (1 - guess))[:, None]).T @ rows + np.diag(ridge)
        step = np.linalg.solve(curve, slope)
        weights -= step
        if np.abs(step).max() < _CLOSE:
            break
    plain = weights[:-1] / deviation
    return Line(plain, float(weights[-1] - plain @ mean))


@dataclass(frozen=True, slots=True)
class Rate:
    """Precision and recall of refusing."""

    precision: float
    recall: float


def rate(bad: Sequence[bool], refused: Sequence[bool], missed: int = 0) -> Rate:
    """Score refusals; ``missed``: bad tags besides, which nobody judged."""
    right = sum(b and r for b, r in zip(bad, refused, strict=True))
    return Rate(right / max(1, sum(refused)), right / max(1, sum(bad) + missed))


def balanced(bad: Sequence[bool], probabilities: Sequence[float]) -> float:
    """Return the threshold whose lesser of precision and recall is the best; of equals the mean."""
    best, found = -1.0, [0.5]
    for step in range(5, 96):
        threshold = step / 100
        rates = rate(bad, [p >= threshold for p in probabilities])
        lesser = min(rates.precision, rates.recall)
        if lesser > best + 1e-12:
            best, found = lesser, []
        if lesser > best - 1e-12:
            found.append(threshold)
    return round(sum(found) / len(found), 3)
