"""Augmenters that put other positions into mentions, the same one everywhere in the post."""

from __future__ import annotations

import random
from typing import ClassVar

from enrich.encoder import CLASSES
from labels.augment.base import PostAugmenter
from labels.augment.edits import (
    FIRST_NAMED,
    HIRED,
    hired_words,
    labelled_words,
    mapped,
    whole_text,
)
from labels.augment.effects import Effect
from labels.augment.words import Words
from labels.train.data import Example

_NAMED = frozenset(CLASSES[FIRST_NAMED:])
_RIVALS = frozenset({CLASSES.index("N:compare"), CLASSES.index("N:exclude")})


class _Replacer(PostAugmenter):
    def __init__(self, words: Words, rng: random.Random) -> None:
        super().__init__(rng)
        self.words = words


class ReplaceNamed(_Replacer):
    """Random position replacement (送餐员 -> 厨师) of words that are named and hired nowhere."""

    effect: ClassVar[Effect] = Effect("reword", rewords=_NAMED)

    def __init__(self, words: Words, rng: random.Random, share: float = 0.7) -> None:
        """Replace each such word with probability ``share``."""
        super().__init__(words, rng)
        self.share = share

    def apply(self, example: Example) -> Example:
        """Replace each word in all its mentions."""
        labels = _labels(example)
        # Words that touch a hired one could change its label, so neither is replaced nor taken.
        kept = [w for w, found in labels.items() if min(found) < FIRST_NAMED]
        whole = whole_text(example)
        new: dict[str, str] = {}
        for word, found in labels.items():
            if min(found) < FIRST_NAMED or any(word in k for k in kept):
                continue
            if self.rng.random() >= self.share or not self.words.positions:
                continue
            other = self.rng.choice(self.words.positions)
            free = other not in whole and not any(other in w or w in other for w in kept)
            if free and not any(self.words.kin(other, w) for w in hired_words(example)):
                new[word] = other
        return mapped(example, new) if new else example


class ReplaceHired(_Replacer):
    """Another position of the same group for the hired one, wherever the post names it.

    It stays hired: the post says nothing else of it than before.
    """

    effect: ClassVar[Effect] = Effect("reword", rewords=frozenset({"H"}))

    def apply(self, example: Example) -> Example:
        """Replace the one position that the post hires for."""
        hired = sole_hired(example, self.words)
        if not hired:
            return example
        siblings = self.words.siblings(example)
        others = self.words.strangers(example, 1, self.rng, siblings or None)
        named = [w for w, label in labelled_words(example) if label != HIRED]
        if not others or any(self.words.kin(others[0], w) for w in named):
            return example
        return mapped(example, dict.fromkeys(hired, others[0]))


class ExchangeKeys(_Replacer):
    """The hired position and the one it is compared to exchange their places, and so their labels.

    Title and body change alike. Only posts that hire for one position and compare with or exclude
    another; mentions keep their class where they stand, so the words exchange theirs.
    """

    effect: ClassVar[Effect] = Effect("reword", rewords=frozenset({"H", "N:compare", "N:exclude"}))

    def apply(self, example: Example) -> Example:
        """Exchange the two words."""
        hired = sole_hired(example, self.words)
        labels = _labels(example)
        rivals = [
            word
            for word, found in labels.items()
            if found <= _RIVALS and not word.isascii() and _is_marked_only(example, word)
            and not any(self.words.kin(word, h) for h in hired)
        ]  # fmt: skip
        if not hired or not rivals:
            return example
        rival = self.rng.choice(rivals)
        return mapped(example, {**dict.fromkeys(hired, rival), rival: hired[0]})


def sole_hired(example: Example, words: Words) -> list[str]:
    """Return the names of the one position that a post hires for, the most frequent first.

    Nothing where it hires for several, or where a name also stands outside the hired mentions.
    """
    hired = hired_words(example)
    labels = _labels(example)
    if not hired or any(word.isascii() for word in hired):
        return []
    if any(len(labels[word]) > 1 or not _is_marked_only(example, word) for word in hired):
        return []
    first = frozenset(s.position for s in words.taxonomy.senses(hired[0]))
    for other in hired[1:]:
        if first.isdisjoint(s.position for s in words.taxonomy.senses(other)):
            return []
    counts = [word for word, _ in labelled_words(example)]
    return sorted(hired, key=lambda word: (-counts.count(word), word))


def _labels(example: Example) -> dict[str, set[int]]:
    labels: dict[str, set[int]] = {}
    for word, label in labelled_words(example):
        labels.setdefault(word, set()).add(label)
    return labels


def _is_marked_only(example: Example, word: str) -> bool:
    """Tell whether every occurrence of a word is a mention of just this word."""
    found = sum(field.text.count(word) for field in (example.title, example.body))
    return found == sum(other == word for other, _ in labelled_words(example))
