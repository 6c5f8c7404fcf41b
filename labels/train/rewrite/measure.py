"""Measuring encoders of names on pairs that they never saw."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from labels.train.rewrite.figures import auc, logistic, precision_recall, threshold_for
from labels.train.rewrite.net import Vectors
from labels.train.rewrite.pairs import Pair

Encode = Callable[[Sequence[str]], Vectors]


@dataclass(frozen=True, slots=True)
class Sets:
    """Pairs by what they are for.

    ``unseen``: around names that training does not see; ``look``: judged pairs of queries kept
    from training; ``blind``: judged pairs of which only totals are ever told.
    """

    unseen: tuple[Pair, ...]
    look: tuple[Pair, ...] = ()
    blind: tuple[Pair, ...] = ()

    @property
    def calibrating(self) -> tuple[Pair, ...]:
        """Return the pairs that choose the threshold: judged ones where there are any."""
        return self.look or self.unseen

    def texts(self) -> tuple[str, ...]:
        """Return all names, sorted."""
        pairs = (*self.unseen, *self.look, *self.blind)
        return tuple(sorted({text for p in pairs for text in (p.query, p.candidate)}))


def cosines(encode: Encode, sets: Sets) -> dict[Pair, float]:
    """Return the cosine of every pair."""
    texts = sets.texts()
    place = {text: row for row, text in enumerate(texts)}
    vectors = encode(texts)
    pairs = (*sets.unseen, *sets.look, *sets.blind)
    return {p: float(vectors[place[p.query]] @ vectors[place[p.candidate]]) for p in pairs}


def calibrate(
    found: dict[Pair, float], pairs: Sequence[Pair], precision: float
) -> dict[str, float]:
    """Return slope and shift of the probability, 0.5 at the threshold of that precision.

    The slope is that of a logistic curve through the pairs; the threshold reaches the precision
    with the highest recall.
    """
    scores, right = [found[p] for p in pairs], [p.label > 0 for p in pairs]
    slope, _ = logistic(scores, right)
    threshold = threshold_for(scores, right, precision)
    return {"slope": round(slope, 4), "shift": round(-slope * threshold, 4)}


def figures(found: dict[Pair, float], sets: Sets, threshold: float) -> dict[str, Any]:
    """Return AUC, precision and recall of each set, and the AUC of each kind of unseen pair."""
    told: dict[str, Any] = {}
    for name in ("unseen", "look", "blind"):
        pairs = getattr(sets, name)
        if pairs:
            scores, right = [found[p] for p in pairs], [p.label > 0 for p in pairs]
            precision, recall = precision_recall(scores, right, threshold)
            told[name] = {
                "pairs": len(pairs),
                "auc": _round(auc(scores, right)),
                "precision": _round(precision),
                "recall": _round(recall),
            }
    told["unseen_by_kind"] = {
        kind: _round(_auc([p for p in sets.unseen if p.kind == kind or p.label == 0], found))
        for kind in sorted({p.kind for p in sets.unseen if p.label > 0})
    }
    return told


def look_figures(found: dict[Pair, float], sets: Sets) -> dict[str, float]:
    """Return the AUC of the sets that may be looked at while a model trains."""
    return {
        name: _round(_auc(pairs, found))
        for name, pairs in (("unseen", sets.unseen), ("look", sets.look))
        if pairs
    }


def _auc(pairs: Sequence[Pair], found: dict[Pair, float]) -> float:
    return auc([found[p] for p in pairs], [p.label > 0 for p in pairs])


def _round(value: float) -> float:
    return round(float(np.float64(value)), 4)
