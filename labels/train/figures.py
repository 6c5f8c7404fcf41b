"""The figures of a run, each with its interval over posts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from enrich.encoder import CLASSES
from enrich.taxonomy import Taxonomy
from labels.evaluate.bootstrap import Bootstrap, Estimate, around
from labels.evaluate.calibration import (
    LABELS,
    Method,
    bin_numbers,
    calibration_error,
    cross_fitted,
    probabilities,
    reliability,
)
from labels.train.scoring import WordPair
from labels.train.view import View
from labels.train.work import work_of

Array = NDArray[Any]
PARTS = 5
"""Parts of the posts between which the calibration is cross-fitted."""


def measure(view: View, taxonomy: Taxonomy, method: Method) -> dict[str, Any]:
    """Return every figure of a view as JSON: pairs, parts of the posts, labels, calibration."""
    posts = len(view.examples)
    bootstrap = Bootstrap(posts)
    found: dict[str, Any] = {
        "posts": posts,
        "mentions": len(view.rows),
        "thresholds": {
            "hired": view.calibration.hired_threshold or view.calibration.threshold,
            "not_hired": view.calibration.threshold,
        },
        "pairs": {
            name: pair_figures(view, bootstrap, inside)
            for name, inside in _selections(view, taxonomy).items()
        },
        "by_reason": by_reason(view, bootstrap),
        "by_label": by_label(view, bootstrap),
        "by_class": by_class(view, bootstrap),
        "unsure": _told(_share_unsure(view, bootstrap)),
        "calibration_error": calibration_figures(view, bootstrap, method),
    }
    return found


def pair_figures(view: View, bootstrap: Bootstrap, inside: Array) -> dict[str, Any]:
    """Return precision, recall, F1 and average precision over the pairs of some posts."""
    pairs = [pair for pair in view.pairs if inside[pair.post]]
    threshold = view.calibration.threshold
    posts = len(view.examples)
    hit = count(posts, [p.post for p in pairs if p.hired and p.score >= threshold])
    returned = count(posts, [p.post for p in pairs if p.score >= threshold])
    positive = count(posts, [p.post for p in pairs if p.hired])
    return {
        "posts": int(inside.sum()),
        **_precision_recall(bootstrap, hit, returned, positive),
        "average_precision": _told(_average_precision(pairs, bootstrap)),
    }


def by_reason(view: View, bootstrap: Bootstrap) -> dict[str, Any]:
    """Return, for each reason of a pair not to be hired, the share that is wrongly returned."""
    posts = len(view.examples)
    found: dict[str, Any] = {}
    for label in CLASSES[1:]:
        pairs = [pair for pair in view.pairs if pair.label == label]
        wrong = [p.post for p in pairs if p.score >= view.calibration.threshold]
        found[label] = _told(
            bootstrap.ratio(count(posts, wrong), count(posts, [p.post for p in pairs]))
        )
    return found


def by_label(view: View, bootstrap: Bootstrap) -> dict[str, Any]:
    """Return precision, recall and F1 of hired, mentioned and nothing, by mention."""
    posts = len(view.examples)
    found: dict[str, Any] = {}
    for group, label in enumerate(LABELS):
        truth = count(posts, [r.post for r in view.rows if r.group == group])
        guess = count(posts, [r.post for r in view.rows if r.guess == group])
        both = count(posts, [r.post for r in view.rows if r.group == r.guess == group])
        found[label] = _precision_recall(bootstrap, both, guess, truth)
    return found


def by_class(view: View, bootstrap: Bootstrap) -> dict[str, Any]:
    """Return, for each judged class, the share with the right label and with the right kind."""
    posts = len(view.examples)
    found: dict[str, Any] = {}
    for number, name in enumerate(CLASSES):
        rows = [row for row in view.rows if row.truth == number]
        total = count(posts, [row.post for row in rows])
        right = count(posts, [row.post for row in rows if row.group == row.guess])
        exact = count(posts, [row.post for row in rows if row.label == name])
        found[name] = {
            "label": _told(bootstrap.ratio(right, total)),
            "kind": _told(bootstrap.ratio(exact, total)),
        }
    return found


def confusion(view: View) -> list[list[int]]:
    """Return how often each judged class (row) got each label (column)."""
    table = np.zeros((len(CLASSES), len(CLASSES)), dtype=int)
    for row in view.rows:
        table[row.truth, CLASSES.index(row.label)] += 1
    found: list[list[int]] = table.tolist()
    return found


def calibration_figures(view: View, bootstrap: Bootstrap, method: Method) -> dict[str, Any]:
    """Return the calibration error of each label, as trained and scaled.

    The scaled scores of each fifth of the posts come from a scaling fitted on the others.
    """
    logits, groups, posts = view.judged_logits()
    if not posts or len(set(posts)) < PARTS:
        return {}
    truth = groups.numpy()
    neutral = type(view.calibration)()
    before = probabilities(logits, neutral)
    after = cross_fitted(logits, groups, [post % PARTS for post in posts], method)
    return {
        label: {
            "before": _told(_error(before[:, g], truth == g, posts, bootstrap, view)),
            "after": _told(_error(after[:, g], truth == g, posts, bootstrap, view)),
        }
        for g, label in enumerate(LABELS)
    }


def count(posts: int, places: Sequence[int]) -> Array:
    """Return how often each post stands in ``places``."""
    return np.bincount(np.array(places, dtype=int), minlength=posts).astype(float)


def _selections(view: View, taxonomy: Taxonomy) -> dict[str, Array]:
    """Return which posts each row of the table is about."""
    kinds = [work_of(example, taxonomy) for example in view.examples]
    chosen: dict[str, Callable[[int], bool]] = {
        "all": lambda _: True,
        "manual": lambda i: kinds[i] == "manual",
        "office": lambda i: kinds[i] == "office",
        "several": lambda i: len(view.examples[i].hired) > 1,
        "real": lambda i: not view.examples[i].authored,
        "written": lambda i: view.examples[i].authored,
    }
    posts = range(len(view.examples))
    return {name: np.array([is_in(i) for i in posts]) for name, is_in in chosen.items()}


def _precision_recall(
    bootstrap: Bootstrap, hit: Array, returned: Array, positive: Array
) -> dict[str, Any]:
    counts = np.stack([hit, returned + positive], axis=1)
    f1 = bootstrap.estimate(counts, lambda sums: 2 * sums[:, 0] / sums[:, 1], int(positive.sum()))
    return {
        "precision": _told(bootstrap.ratio(hit, returned)),
        "recall": _told(bootstrap.ratio(hit, positive)),
        "f1": _told(f1),
    }


def _average_precision(pairs: Sequence[WordPair], bootstrap: Bootstrap) -> Estimate | None:
    ordered = sorted(pairs, key=lambda pair: (-pair.score, pair.hired))
    hired = np.array([pair.hired for pair in ordered], dtype=float)
    if not hired.sum():
        return None
    weights = bootstrap.weights[:, [pair.post for pair in ordered]]

    def area(weight: Array) -> Array:
        hits = (hired * weight).cumsum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            precision = hits / np.maximum(weight.cumsum(axis=1), 1)
            found: Array = (precision * hired * weight).sum(axis=1) / hits[:, -1]
        return found

    value = float(area(np.ones((1, len(hired))))[0])
    return around(value, area(weights), int(hired.sum()))


def _share_unsure(view: View, bootstrap: Bootstrap) -> Estimate | None:
    posts = len(view.examples)
    return bootstrap.ratio(
        count(posts, [row.post for row in view.rows if row.unsure]),
        count(posts, [row.post for row in view.rows]),
    )


def _error(
    scores: Array, truth: Array, posts: Sequence[int], bootstrap: Bootstrap, view: View
) -> Estimate | None:
    """Return the calibration error with its interval, from sums by post and range of scores."""
    numbers = bin_numbers(scores)
    width = int(numbers.max()) + 1
    gaps = np.zeros((len(view.examples), width))
    np.add.at(gaps, (np.array(posts), numbers), scores - truth)
    value = calibration_error(reliability(scores, truth))
    mentions = count(len(view.examples), posts)
    drawn = np.abs(bootstrap.weights @ gaps).sum(axis=1) / (bootstrap.weights @ mentions)
    return around(value, drawn, len(scores))


def _told(estimate: Estimate | None) -> dict[str, float] | None:
    return None if estimate is None else estimate.to_mapping()
