"""Are scores what they say? Scaling fitted on held-out mentions, and the error that stays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from enrich.bundle import Calibration
from enrich.encoder import group_log_probabilities
from enrich.reality import group_probabilities

Method = Literal["none", "temperature", "vector"]
LABELS = ("H", "N", "X")
"""Order of the groups of classes."""

BINS = 15
_PRIOR = 1.0
"""Weight of one mention: keeps the scales of a set without any error finite."""


@dataclass(frozen=True, slots=True)
class Bin:
    """Scores of one range: their mean, the share that is true, and how many there are."""

    score: float
    share: float
    count: int


def fit_scaling(logits: Tensor, groups: Tensor, method: Method) -> Calibration:
    """Fit the scaling that makes the judged groups likeliest; thresholds stay at their defaults.

    ``temperature``: one number (Guo et al. 2017, "On Calibration of Modern Neural Networks").
    ``vector``: a scale and a shift of each group's log-probability.
    """
    if method == "none" or not len(groups):
        return Calibration()
    logits = logits.double()
    free = torch.zeros(1 if method == "temperature" else 6, dtype=torch.double, requires_grad=True)
    optimizer = torch.optim.LBFGS([free], max_iter=200, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        optimizer.zero_grad()
        if method == "temperature":
            log_p = group_log_probabilities(logits * free.exp())
        else:
            moved = group_log_probabilities(logits) * free[:3].exp() + free[3:]
            log_p = moved.log_softmax(dim=1)
        loss = torch.nn.functional.nll_loss(log_p, groups, reduction="sum")
        total: Tensor = (loss + _PRIOR * free.square().sum()) / len(groups)
        total.backward()  # type: ignore[no-untyped-call]
        return total

    optimizer.step(closure)  # type: ignore[no-untyped-call]
    found = free.detach()
    if method == "temperature":
        return Calibration(temperature=round(float((-found[0]).exp()), 4))
    scales = [round(v, 4) for v in found[:3].exp().tolist()]
    shifts = [round(v, 4) for v in (found[3:] - found[3:].mean()).tolist()]
    return Calibration(
        scales=(scales[0], scales[1], scales[2]), biases=(shifts[0], shifts[1], shifts[2])
    )


def cross_fitted(
    logits: Tensor, groups: Tensor, parts: Sequence[int], method: Method
) -> NDArray[Any]:
    """Return probabilities, each part's under the scaling that was fitted on all others.

    ``parts``: of each mention; mentions of one post must be of one part.
    """
    found = torch.zeros(len(groups), len(LABELS), dtype=torch.double)
    numbers = torch.tensor(parts)
    for part in sorted(set(parts)):
        inside = numbers == part
        scaling = fit_scaling(logits[~inside], groups[~inside], method)
        found[inside] = group_probabilities(logits[inside].double(), scaling)
    result: NDArray[Any] = found.numpy()
    return result


def probabilities(logits: Tensor, calibration: Calibration) -> NDArray[Any]:
    """Return the probabilities of hired, mentioned and nothing."""
    found: NDArray[Any] = group_probabilities(logits.double(), calibration).numpy()
    return found


def with_thresholds(
    scaling: Calibration, threshold: float, hired_threshold: float | None
) -> Calibration:
    """Add to a scaling from where on a mention is hired, and hired for sure."""
    return replace(scaling, threshold=threshold, hired_threshold=hired_threshold)


def bin_numbers(scores: NDArray[Any], bins: int = BINS) -> NDArray[Any]:
    """Return the number of each score's range."""
    numbers: NDArray[Any] = np.minimum((scores * bins).astype(int), bins - 1)
    return numbers


def reliability(scores: NDArray[Any], truth: NDArray[Any], bins: int = BINS) -> list[Bin]:
    """Return the ranges that hold any score."""
    numbers = bin_numbers(scores, bins)
    found: list[Bin] = []
    for number in range(bins):
        inside = numbers == number
        if inside.any():
            found.append(
                Bin(float(scores[inside].mean()), float(truth[inside].mean()), int(inside.sum()))
            )
    return found


def calibration_error(bins: Sequence[Bin]) -> float:
    """Return the expected calibration error: how far scores and shares lie apart, on average."""
    total = sum(b.count for b in bins)
    return sum(b.count * abs(b.score - b.share) for b in bins) / total if total else 0.0
