"""Figures of probabilities against judged classes: accuracy, hired or not, and calibration."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from labels.weak.model import Floats

_BINS = 10
_LEAST = 1e-6
SURE = 0.9


@dataclass(frozen=True, slots=True)
class Figures:
    """How well probabilities agree with judgements, on the mentions that anybody voted on.

    ``recall`` and ``f1`` of hired count the mentions without a vote as not found. ``log_loss`` in
    nats; ``ece`` is the expected calibration error over ten bins of the likeliest class.
    ``sure`` is the share of them whose likeliest class has at least ``SURE``, ``sure_accuracy`` how
    often that one is right.
    """

    mentions: int
    coverage: float
    accuracy: float
    precision: float
    recall: float
    f1: float
    log_loss: float
    ece: float
    sure: float
    sure_accuracy: float

    def to_mapping(self) -> dict[str, Any]:
        """Return the JSON form, rounded."""
        return {
            name: round(value, 4) if isinstance(value, float) else value
            for name, value in asdict(self).items()
        }


def measure(
    probabilities: Floats, voted: npt.NDArray[np.bool_], truth: npt.NDArray[np.int8]
) -> Figures:
    """Measure the probabilities of mentions; ``voted`` tells which have a vote."""
    best = probabilities.argmax(axis=1)
    right = best == truth
    certain = voted & (probabilities.max(axis=1) >= SURE)
    hired, said = truth == 0, (best == 0) & voted
    hit = int((hired & said).sum())
    precision = _share(hit, int(said.sum()))
    recall = _share(hit, int(hired.sum()))
    own = probabilities[np.arange(len(truth)), truth][voted]
    return Figures(
        mentions=len(truth),
        coverage=_share(int(voted.sum()), len(truth)),
        accuracy=_share(int((right & voted).sum()), int(voted.sum())),
        precision=precision,
        recall=recall,
        f1=2 * precision * recall / (precision + recall) if hit else 0.0,
        log_loss=float(-np.log(np.maximum(own, _LEAST)).mean()) if voted.any() else 0.0,
        sure=_share(int(certain.sum()), int(voted.sum())),
        sure_accuracy=_share(int((right & certain).sum()), int(certain.sum())),
        ece=_calibration_error(probabilities[voted].max(axis=1), right[voted]),
    )


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _calibration_error(sure: Floats, right: npt.NDArray[np.bool_]) -> float:
    bins = np.minimum((sure * _BINS).astype(int), _BINS - 1)
    return float(
        sum(
            abs(sure[bins == at].mean() - right[bins == at].mean()) * (bins == at).mean()
            for at in range(_BINS)
            if (bins == at).any()
        )
    )
