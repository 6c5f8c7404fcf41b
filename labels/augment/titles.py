"""Titles of other posts: bait from another sector, and honest ones for the same position."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence

from enrich.encoder import CLASSES
from labels.augment.edits import HIRED, Phrase, body_of, hired_names, joined, title_of, whole_text
from labels.augment.words import Words
from labels.train.data import IGNORED, Example

SHOWS_DUTIES = 60
"""Characters of a body from which on it shows what the job is."""

_BAIT = CLASSES.index("N:bait")
_TRIES = 8


class Donors:
    """The titles of posts that name a hired position."""

    def __init__(self, examples: Sequence[Example], words: Words) -> None:
        """Collect titles, with their posts' sectors, and by the positions that they hire for."""
        self.words = words
        self._titles: list[tuple[Phrase, frozenset[str]]] = []
        self._by_position: dict[str, list[Phrase]] = {}
        for example in examples:
            title = title_of(example)
            if HIRED not in title.classes or IGNORED in title.classes:
                continue
            self._titles.append((title, words.sectors(hired_names(example))))
            for position in sorted(words.ids(_hired(title))):
                self._by_position.setdefault(position, []).append(title)

    def bait(self, example: Example, rng: random.Random) -> Example | None:
        """Put another post's title on a post; the positions hired there are bait here.

        Only where the body shows its own duties: long enough, and naming a hired position. None
        where it does not, or where no title of another sector fits in a few tries.
        """
        body = body_of(example)
        if len(body.text) < SHOWS_DUTIES or HIRED not in body.classes or not self._titles:
            return None
        hired, text = hired_names(example), whole_text(example)
        sectors = self.words.sectors(hired)
        for _ in range(_TRIES):
            title, others = rng.choice(self._titles)
            if not sectors or not others or not sectors.isdisjoint(others):
                continue
            if self._is_strange(title, hired, text):
                classes = tuple(_BAIT if c == HIRED else c for c in title.classes)
                return joined(example, Phrase(title.text, title.spans, classes), body)
        return None

    def honest(self, example: Example, rng: random.Random) -> Example | None:
        """Put the title of a post that hires for the same positions on a post: it is true there.

        None where the body names no hired position, or no other title fits in a few tries.
        """
        body = body_of(example)
        hired = self.words.ids(_hired(body))
        fit = [title for position in sorted(hired) for title in self._by_position.get(position, ())]
        for _ in range(_TRIES if fit else 0):
            title = rng.choice(fit)
            known = all(self.words.ids([word]) & hired for word in _hired(title))
            if known and title.text != example.title.text:
                return joined(example, title, body)
        return None

    def _is_strange(self, title: Phrase, hired: Sequence[str], text: str) -> bool:
        """Tell whether a title names nothing that the post hires for or speaks of."""
        if any(word in title.text for word in hired):
            return False
        return not any(
            word in text or any(self.words.kin(word, other) for other in hired)
            for word in title.words
        )


def _hired(field: Phrase) -> Iterable[str]:
    return [w for w, c in zip(field.words, field.classes, strict=True) if c == HIRED]
