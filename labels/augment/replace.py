"""Augmenters that exchange words: of a position everywhere in the post, or the whole title."""

from __future__ import annotations

import random
from typing import ClassVar

from enrich.encoder import CLASSES
from labels.augment.base import PostAugmenter
from labels.augment.edits import FIRST_NAMED, hired_names, mapped, whole_text
from labels.augment.effects import Effect
from labels.augment.swaps import exchanged, labels_of, rehired
from labels.augment.titles import Donors
from labels.augment.words import Words
from labels.train.data import Example

_NAMED = frozenset(CLASSES[FIRST_NAMED:])


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
        labels = labels_of(example)
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
            if free and not any(self.words.kin(other, w) for w in hired_names(example)):
                new[word] = other
        return mapped(example, new) if new else example


class ReplaceHired(_Replacer):
    """Another position of the same group for the hired one, wherever the post names it.

    It stays hired: the post says nothing else of it than before.
    """

    effect: ClassVar[Effect] = Effect("reword", rewords=frozenset({"H"}))

    def apply(self, example: Example) -> Example:
        """Replace the one position that the post hires for."""
        found = rehired(example, self.words, self.rng)
        return found[0] if found else example


class ExchangeKeys(_Replacer):
    """The hired position and the one it is compared to exchange their places, and so their labels.

    Title and body change alike. Only posts that hire for one position and compare with or exclude
    another; mentions keep their class where they stand, so the words exchange theirs.
    """

    effect: ClassVar[Effect] = Effect("reword", rewords=frozenset({"H", "N:compare", "N:exclude"}))

    def apply(self, example: Example) -> Example:
        """Exchange the two words."""
        found = exchanged(example, self.words, self.rng)
        return found[0] if found else example


class BaitTitle(PostAugmenter):
    """Takes the title of another post; the positions that were hired there are bait here."""

    effect: ClassVar[Effect] = Effect("retitle", relabels={"H": "N:bait"})

    def __init__(self, donors: Donors, rng: random.Random) -> None:
        """Take titles from ``donors``."""
        super().__init__(rng)
        self.donors = donors

    def apply(self, example: Example) -> Example:
        """Exchange the title, where another one fits."""
        return self.donors.bait(example, self.rng) or example


class HonestTitle(BaitTitle):
    """Takes the title of another post that hires for the same position, which stays hired.

    Without it a title whose words the body does not repeat would always be bait.
    """

    effect: ClassVar[Effect] = Effect("retitle")

    def apply(self, example: Example) -> Example:
        """Exchange the title, where another one fits."""
        return self.donors.honest(example, self.rng) or example
