"""Bait titles: a post under the title of another one, from another sector of the taxonomy."""

from __future__ import annotations

import random
from collections.abc import Sequence

from enrich.encoder import CLASSES
from labels.augment.base import PostAugmenter
from labels.augment.edits import HIRED, Phrase, body_of, hired_words, joined, title_of, whole_text
from labels.augment.effects import Effect
from labels.augment.words import Words
from labels.train.data import Example

_BAIT = CLASSES.index("N:bait")
_SHOWS_DUTIES = 60
"""Characters of a body from which on it shows what the job is."""
_TRIES = 8


class BaitTitle(PostAugmenter):
    """Takes the title of another post; the positions that were hired there are bait here.

    Only where the body shows its own duties: long enough, and naming a hired position.
    """

    effect = Effect("retitle", relabels={"H": "N:bait"})

    def __init__(self, examples: Sequence[Example], words: Words, rng: random.Random) -> None:
        """Take titles from ``examples``."""
        super().__init__(rng)
        self.words = words
        self.donors = [
            (title_of(example), words.sectors(hired_words(example)))
            for example in examples
            if HIRED in title_of(example).classes and -1 not in title_of(example).classes
        ]

    def apply(self, example: Example) -> Example:
        """Exchange the title, or keep it where no donor fits in a few tries."""
        body = body_of(example)
        if len(body.text) < _SHOWS_DUTIES or HIRED not in body.classes or not self.donors:
            return example
        hired = hired_words(example)
        sectors = self.words.sectors(hired)
        for _ in range(_TRIES):
            title, others = self.rng.choice(self.donors)
            if not sectors or not others or not sectors.isdisjoint(others):
                continue
            if self._strange(title, hired, whole_text(example)):
                classes = tuple(_BAIT if c == HIRED else c for c in title.classes)
                return joined(example, Phrase(title.text, title.spans, classes), body)
        return example

    def _strange(self, title: Phrase, hired: Sequence[str], text: str) -> bool:
        if any(word in title.text for word in hired):
            return False
        return not any(
            word in text or any(self.words.kin(word, h) for h in hired) for word in title.words
        )
