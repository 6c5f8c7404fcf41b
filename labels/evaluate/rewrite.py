"""Scoring judged pairs of a query and a candidate: pure, from rows of values.

A pair's label is 2 (the same position), 1 (an acceptable expansion) or 0 (wrong). Pairs of one
query go together, so intervals are drawn over queries.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from labels.evaluate.bootstrap import Array, Bootstrap, Estimate, around

LABELS = (0, 1, 2)
FIGURES = ("auc", "average_precision", "precision", "recall", "accuracy", "bad_case_rate")


@dataclass(frozen=True, slots=True)
class JudgedPair:
    """A pair with the judge's label."""

    query: str
    candidate: str
    label: int


@dataclass(frozen=True, slots=True)
class Guess:
    """What was answered for a pair; ``source``: who decided, empty for nobody."""

    score: float
    accept: bool
    source: str = ""
    why: str = ""


MISSING = Guess(float("-inf"), accept=False)
"""The answer for a pair that was not answered."""


@dataclass(frozen=True, slots=True)
class SourceFigures:
    """What one source decided: pairs, of these accepted, and of these right."""

    name: str
    pairs: int
    accepted: int
    right: int

    def to_mapping(self) -> dict[str, Any]:
        """Return the JSON form; the precision is None where nothing was accepted."""
        precision = round(self.right / self.accepted, 4) if self.accepted else None
        return {"pairs": self.pairs, "accepted": self.accepted, "precision": precision}


@dataclass(frozen=True, slots=True)
class RewriteFigures:
    """All figures; one is None where nothing is counted.

    ``auc`` and ``average_precision`` are of the score, labels 1 and 2 against 0; the others are of
    ``accept``. ``bad_case_rate``: accepted pairs that are wrong, over accepted pairs.
    """

    pairs: int
    missing: int
    auc: Estimate | None
    average_precision: Estimate | None
    precision: Estimate | None
    recall: Estimate | None
    accuracy: Estimate | None
    bad_case_rate: Estimate | None
    sources: tuple[SourceFigures, ...]

    def figures(self) -> dict[str, Estimate | None]:
        """Return the figures by name."""
        return {name: getattr(self, name) for name in FIGURES}

    def to_mapping(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "pairs": self.pairs,
            "missing": self.missing,
            **{name: e.to_mapping() if e else None for name, e in self.figures().items()},
            "sources": {item.name: item.to_mapping() for item in self.sources},
        }


def score_rewrites(
    judged: Sequence[JudgedPair], guesses: Mapping[tuple[str, str], Guess]
) -> RewriteFigures:
    """Score answers by (query, candidate) against judged pairs."""
    answers = [guesses.get((pair.query, pair.candidate), MISSING) for pair in judged]
    good = np.array([pair.label >= 1 for pair in judged], dtype=bool)
    accept = np.array([answer.accept for answer in answers], dtype=bool)
    scores = np.array([answer.score for answer in answers], dtype=float)
    numbers = {query: n for n, query in enumerate(dict.fromkeys(pair.query for pair in judged))}
    owner = np.array([numbers[pair.query] for pair in judged], dtype=int)
    draws = Bootstrap(len(numbers))

    def share(part: Array, whole: Array) -> Estimate | None:
        return draws.ratio(_by(owner, part, len(numbers)), _by(owner, whole, len(numbers)))

    def ranked(figure: Callable[[Array, Array, Array], Array]) -> Estimate | None:
        if not len(judged):
            return None
        once = np.ones((1, len(judged)))
        value = float(figure(scores, good, once)[0])
        return around(value, figure(scores, good, draws.weights[:, owner]), len(judged))

    return RewriteFigures(
        len(judged),
        sum(answer is MISSING for answer in answers),
        ranked(area),
        ranked(average_precision),
        share(accept & good, accept),
        share(accept & good, good),
        share(accept == good, np.ones_like(good)),
        share(accept & ~good, accept),
        tuple(_by_source(judged, answers)),
    )


def area(scores: Array, good: Array, weights: Array) -> Array:
    """Return the probability that a good pair outranks a wrong one, ties half.

    Args:
        scores: of the pairs, shape (pairs,).
        good: whether each is good, shape (pairs,).
        weights: how often each pair counts, shape (draws, pairs).

    Returns:
        One figure a draw; not a number where a draw lacks a side.
    """
    order = np.argsort(scores, kind="stable")
    starts = np.flatnonzero(np.r_[True, scores[order][1:] != scores[order][:-1]])
    positive = np.add.reduceat(weights[:, order] * good[order], starts, axis=1)
    negative = np.add.reduceat(weights[:, order] * ~good[order], starts, axis=1)
    below = np.cumsum(negative, axis=1) - negative
    won = (positive * (below + negative / 2)).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(won / (positive.sum(axis=1) * negative.sum(axis=1)))


def average_precision(scores: Array, good: Array, weights: Array) -> Array:
    """Return the mean precision at each good pair, best score first; ties in the order given.

    Arguments and result are those of ``area``.
    """
    order = np.argsort(-scores, kind="stable")
    ranks = np.cumsum(weights[:, order], axis=1)
    hits = weights[:, order] * good[order]
    with np.errstate(divide="ignore", invalid="ignore"):
        precision = np.where(ranks > 0, np.cumsum(hits, axis=1) / ranks, 0.0)
        return np.asarray((hits * precision).sum(axis=1) / hits.sum(axis=1))


def _by(owner: Array, counted: Array, queries: int) -> Array:
    return np.bincount(owner, weights=counted.astype(float), minlength=queries)


def _by_source(judged: Sequence[JudgedPair], answers: Sequence[Guess]) -> Iterable[SourceFigures]:
    totals: dict[str, list[int]] = {}
    for pair, answer in zip(judged, answers, strict=True):
        counts = totals.setdefault(answer.source or "nobody", [0, 0, 0])
        counts[0] += 1
        counts[1] += answer.accept
        counts[2] += answer.accept and pair.label >= 1
    for name in sorted(totals):
        yield SourceFigures(name, *totals[name])
