"""Held-out figures of a training run, by (word, post) as searches see them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from enrich.encoder import CLASSES
from enrich.reality import Verdict
from labels.train.data import IGNORED, Example

Verdicts = Mapping[tuple[int, int], Verdict]
GRID = tuple(round(0.2 + 0.05 * i, 2) for i in range(13))
"""Thresholds that are tried."""


@dataclass(frozen=True, slots=True)
class Scores:
    """Precision, recall and F1 over (word, post) pairs."""

    precision: float
    recall: float
    f1: float

    def __str__(self) -> str:
        return f"P {self.precision:.3f} R {self.recall:.3f} F1 {self.f1:.3f}"


@dataclass(frozen=True, slots=True)
class WordPair:
    """A word of a post: its label (``H``, ``X`` or a kind of N) and its best mention's score."""

    post: int
    word: str
    label: str
    score: float

    @property
    def hired(self) -> bool:
        """Whether a search for the word should return the post."""
        return self.label == "H"


def word_pairs(examples: Sequence[Example], found: Verdicts) -> list[WordPair]:
    """Return the pairs that count: a negative inside a longer hired word, or undecided, does not.

    A word counts as hired where any mention is; the rules are those of ``evaluate pairs``.
    """
    pairs: list[WordPair] = []
    for post, example in enumerate(examples):
        by_word: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
        for number, (word, judge) in enumerate(example.mentions):
            if (post, number) in found:
                by_word[word].append((judge, found[post, number].hired))
        hired = [word for word, judged in by_word.items() if any(c == 0 for c, _ in judged)]
        for word, judged in by_word.items():
            label = _label(word, [c for c, _ in judged], hired)
            if label is not None:
                pairs.append(WordPair(post, word, label, max(p for _, p in judged)))
    return pairs


def score_words(examples: Sequence[Example], found: Verdicts, threshold: float) -> Scores:
    """Score at one threshold: a word counts as hired where its best mention reaches it."""
    return _score(word_pairs(examples, found), threshold)


def choose_threshold(examples: Sequence[Example], found: Verdicts) -> float:
    """Return the threshold of the best F1, averaged with its neighbours; of equals the middle."""
    pairs = word_pairs(examples, found)
    f1 = [_score(pairs, t).f1 for t in GRID]
    smooth = [float(np.mean(f1[max(0, i - 1) : i + 2])) for i in range(len(GRID))]
    best = [i for i in range(len(GRID)) if smooth[i] >= max(smooth) - 1e-9]
    return GRID[best[len(best) // 2]]


def sure_threshold(
    examples: Sequence[Example], found: Verdicts, threshold: float, precision: float
) -> float | None:
    """Return from where on what is called hired is so with ``precision``.

    None where that holds from ``threshold`` on; 1 where it never does.
    """
    pairs = sorted(word_pairs(examples, found), key=lambda pair: -pair.score)
    hits, best = 0, 1.0
    for count, pair in enumerate(pairs, start=1):
        hits += pair.hired
        last = count == len(pairs) or pairs[count].score < pair.score
        if last and hits / count >= precision:
            best = pair.score
    return None if best <= threshold else best


def average_precision(pairs: Sequence[WordPair]) -> float:
    """Return the area below the precision-recall curve; 0 where nothing is hired."""
    if not any(pair.hired for pair in pairs):
        return 0.0
    ordered = sorted(pairs, key=lambda pair: (-pair.score, pair.hired))
    hired = np.array([pair.hired for pair in ordered])
    precision = hired.cumsum() / np.arange(1, len(hired) + 1)
    return float(precision[hired].mean())


def _score(pairs: Sequence[WordPair], threshold: float) -> Scores:
    hit = sum(p.hired and p.score >= threshold for p in pairs)
    returned = sum(p.score >= threshold for p in pairs)
    positive = sum(p.hired for p in pairs)
    precision = hit / returned if returned else 0.0
    recall = hit / positive if positive else 0.0
    f1 = 2 * hit / (returned + positive) if returned + positive else 0.0
    return Scores(precision, recall, f1)


def _label(word: str, classes: Sequence[int], hired: Sequence[str]) -> str | None:
    if 0 in classes:
        return "H"
    if IGNORED in classes or any(word in longer for longer in hired):
        return None
    kinds = [CLASSES[c] for c in classes if CLASSES[c] != "X"]
    return kinds[0] if kinds else "X"
