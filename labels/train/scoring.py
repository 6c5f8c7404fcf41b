"""Held-out figures of a training run, by (word, post) as searches see them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from enrich.reality import Verdict
from labels.train.data import IGNORED, Example

Verdicts = Mapping[tuple[int, int], Verdict]


@dataclass(frozen=True, slots=True)
class Scores:
    """Precision, recall and F1 over (word, post) pairs."""

    precision: float
    recall: float
    f1: float

    def __str__(self) -> str:
        return f"P {self.precision:.3f} R {self.recall:.3f} F1 {self.f1:.3f}"


def score_words(examples: Sequence[Example], found: Verdicts, threshold: float) -> Scores:
    """Score at one threshold: a word counts as hired where its best mention reaches it."""
    pairs = _word_pairs(examples, found)
    hit = sum(truth and best >= threshold for truth, best in pairs)
    returned = sum(best >= threshold for _, best in pairs)
    positive = sum(truth for truth, _ in pairs)
    precision = hit / returned if returned else 0.0
    recall = hit / positive if positive else 0.0
    f1 = 2 * hit / (returned + positive) if returned + positive else 0.0
    return Scores(precision, recall, f1)


def choose_threshold(examples: Sequence[Example], found: Verdicts) -> float:
    """Return the threshold of the best F1, averaged with its neighbours against luck."""
    grid = [round(0.2 + 0.05 * i, 2) for i in range(13)]
    scores = [score_words(examples, found, t) for t in grid]
    smooth = [
        sum(s.f1 for s in scores[max(0, i - 1) : i + 2]) / len(scores[max(0, i - 1) : i + 2])
        for i in range(len(grid))
    ]
    best = max(range(len(grid)), key=lambda i: smooth[i])
    return grid[best]


def _word_pairs(examples: Sequence[Example], found: Verdicts) -> list[tuple[bool, float]]:
    pairs: list[tuple[bool, float]] = []
    for post, example in enumerate(examples):
        words = [f.text[s:e] for f in (example.title, example.body) for s, e in f.spans]
        by_word: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for number, (word, label) in enumerate(zip(words, example.classes, strict=True)):
            if (post, number) in found:
                by_word[word].append((label, found[post, number].hired))
        for judged in by_word.values():
            truth = any(label == 0 for label, _ in judged)
            if truth or all(label != IGNORED for label, _ in judged):
                pairs.append((truth, max(p for _, p in judged)))
    return pairs
