"""Bait titles: a post under the title of another one, from another sector of the taxonomy."""

from __future__ import annotations

import random
from collections.abc import Sequence

from enrich.encoder import CLASSES
from labels.augment.edits import HIRED, Phrase, body_of, hired_names, joined, title_of, whole_text
from labels.augment.words import Words
from labels.train.data import IGNORED, Example

Donor = tuple[Phrase, frozenset[str]]
"""A title and the sectors of the positions that its post hires for."""

SHOWS_DUTIES = 60
"""Characters of a body from which on it shows what the job is."""

_BAIT = CLASSES.index("N:bait")
_TRIES = 8


def donors_of(examples: Sequence[Example], words: Words) -> list[Donor]:
    """Return the titles that name a hired position."""
    return [
        (title_of(example), words.sectors(hired_names(example)))
        for example in examples
        if HIRED in title_of(example).classes and IGNORED not in title_of(example).classes
    ]


def retitled(
    example: Example, donors: Sequence[Donor], words: Words, rng: random.Random
) -> Example | None:
    """Put another post's title on a post; the positions hired there are bait here.

    Only where the body shows its own duties: long enough, and naming a hired position. None where
    it does not, or where no donor of another sector fits in a few tries.
    """
    body = body_of(example)
    if len(body.text) < SHOWS_DUTIES or HIRED not in body.classes or not donors:
        return None
    hired = hired_names(example)
    sectors = words.sectors(hired)
    for _ in range(_TRIES):
        title, others = rng.choice(donors)
        if not sectors or not others or not sectors.isdisjoint(others):
            continue
        if _is_strange(title, hired, whole_text(example), words):
            classes = tuple(_BAIT if c == HIRED else c for c in title.classes)
            return joined(example, Phrase(title.text, title.spans, classes), body)
    return None


def _is_strange(title: Phrase, hired: Sequence[str], text: str, words: Words) -> bool:
    """Tell whether a title names nothing that the post hires for or speaks of."""
    if any(word in title.text for word in hired):
        return False
    return not any(
        word in text or any(words.kin(word, other) for other in hired) for word in title.words
    )
