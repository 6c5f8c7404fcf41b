"""Figures of scored pairs: how well scores separate, and where to draw the line."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from labels.evaluate.rewrite import area


def auc(scores: Sequence[float], right: Sequence[bool]) -> float:
    """Return the chance that a right pair scores above a wrong one; ties count half."""
    if not len(scores):
        return float("nan")
    values, truth = np.asarray(scores, dtype=np.float64), np.asarray(right)
    return float(area(values, truth, np.ones((1, len(values))))[0])


def precision_recall(
    scores: Sequence[float], right: Sequence[bool], threshold: float
) -> tuple[float, float]:
    """Return precision and recall of what reaches the threshold."""
    accepted = np.asarray(scores) >= threshold
    truth = np.asarray(right)
    hits = int((accepted & truth).sum())
    return hits / max(int(accepted.sum()), 1), hits / max(int(truth.sum()), 1)


def threshold_for(scores: Sequence[float], right: Sequence[bool], precision: float) -> float:
    """Return the lowest threshold from which on precision is reached; where none is, the top."""
    order = np.argsort(-np.asarray(scores, dtype=np.float64), kind="stable")
    values = np.asarray(scores, dtype=np.float64)[order]
    reached = np.cumsum(np.asarray(right)[order]) / np.arange(1, len(order) + 1)
    last = np.append(values[1:] != values[:-1], True)
    good = np.flatnonzero((reached >= precision) & last)
    return float(values[good[-1]]) if len(good) else float(values[0])


def logistic(scores: Sequence[float], right: Sequence[bool]) -> tuple[float, float]:
    """Return slope and shift of the logistic curve from score to chance of being right.

    Platt scaling (Platt 1999) by Newton's method on the scores as they are.
    """
    x = np.stack([np.asarray(scores, dtype=np.float64), np.ones(len(scores))], axis=1)
    y = np.asarray(right, dtype=np.float64)
    weights = np.zeros(2)
    for _ in range(50):
        p = 1 / (1 + np.exp(-(x @ weights)))
        slope = x.T @ (y - p) - 1e-3 * weights
        curve = (x * (p * (1 - p))[:, None]).T @ x + 1e-3 * np.eye(2)
        weights = weights + np.linalg.solve(curve, slope)
    return float(weights[0]), float(weights[1])
