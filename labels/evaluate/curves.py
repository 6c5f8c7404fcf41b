"""The pictures of a run: reliability of scores, and precision against recall."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labels.evaluate.calibration import Bin
from labels.evaluate.svg import Chart

COLORS = ("#1b6ca8", "#c2571a", "#3a8a4b", "#7a4fa3")
_RECALLS = np.linspace(0, 1, 101)
Array = NDArray[Any]


def reliability_picture(title: str, bins: Mapping[str, Sequence[Bin]]) -> str:
    """Draw, for each label, the share that is true against the mean score."""
    chart = Chart(title, "score", "share that is true")
    chart.diagonal()
    for color, (label, found) in zip(COLORS, bins.items(), strict=False):
        points = [(b.score, b.share) for b in found]
        chart.curve(points, color, label)
        told = [f"{label}: score {b.score:.3f}, true {b.share:.3f}, {b.count}" for b in found]
        chart.dots(list(zip(points, told, strict=True)), color)
    return chart.render()


def precision_recall_picture(
    title: str, scores: Array, truth: Array, weights: Array, marked: Mapping[str, float]
) -> str:
    """Draw the best precision at each recall or above, its 95 % band, and thresholds (``marked``).

    ``weights``: how often each pair was drawn, shape (draws, pairs).
    """
    chart = Chart(title, "recall", "precision")
    order = np.argsort(-scores, kind="stable")
    hired = truth[order].astype(float)
    if not hired.sum():
        return chart.render()
    drawn = np.stack([precision_at(hired, row[order]) for row in weights])
    low, high = np.nanpercentile(drawn, [2.5, 97.5], axis=0)
    middle = precision_at(hired, np.ones(len(hired)))
    chart.band(list(zip(_RECALLS, low, strict=True)), list(zip(_RECALLS, high, strict=True)),
               COLORS[0])  # fmt: skip
    chart.curve(
        list(zip(_RECALLS, middle, strict=True)), COLORS[0], "at this recall or above, 95 % band"
    )
    for color, (name, threshold) in zip(COLORS[1:], marked.items(), strict=False):
        returned = scores >= threshold
        hit = float((truth & returned).sum())
        if returned.any():
            point = (hit / float(truth.sum()), hit / float(returned.sum()))
            told = f"{name} {threshold:g}: recall {point[0]:.3f}, precision {point[1]:.3f}"
            chart.dots([(point, told)], color, 5, told)
    return chart.render()


def precision_at(hired: Array, weight: Array) -> Array:
    """Return the best precision at each recall or above, of pairs in falling order of score."""
    hits = (hired * weight).cumsum()
    total = weight.cumsum()
    if not hits[-1]:
        return np.full(len(_RECALLS), np.nan)
    precision = hits / np.maximum(total, 1e-12)
    best = np.maximum.accumulate(precision[::-1])[::-1]
    at = np.searchsorted(hits / hits[-1], _RECALLS - 1e-12)
    found: Array = best[np.minimum(at, len(best) - 1)]
    return found
