"""Which words of a post can change places: pure, so that gates can use them too."""

from __future__ import annotations

import random
from dataclasses import replace

from enrich.encoder import CLASSES
from labels.augment.edits import HIRED, hired_words, labelled_words, mapped
from labels.augment.words import Words
from labels.train.data import Example

_RIVALS = frozenset({CLASSES.index("N:compare"), CLASSES.index("N:exclude")})


def exchanged(
    example: Example, words: Words, rng: random.Random
) -> tuple[Example, str, str] | None:
    """Exchange the one hired position with one that it is compared to or that is excluded.

    Returns the post, and the words that are named instead and hired now. None where it does not
    fit: several positions are hired, or one of the names also stands outside of its mentions.
    """
    hired = sole_hired(example, words)
    rivals = [
        word
        for word, found in labels_of(example).items()
        if found <= _RIVALS and not word.isascii() and _is_marked_only(example, word)
        and not any(words.kin(word, h) for h in hired)
    ]  # fmt: skip
    if not hired or not rivals:
        return None
    rival = rng.choice(rivals)
    swapped = mapped(example, {**dict.fromkeys(hired, rival), rival: hired[0]})
    return replace(swapped, hired=(rival,)), hired[0], rival


def rehired(example: Example, words: Words, rng: random.Random) -> tuple[Example, str] | None:
    """Put another position of the same group in the place of the one hired; return its name too."""
    hired = sole_hired(example, words)
    if not hired:
        return None
    others = words.strangers(example, 1, rng, words.siblings(example) or None)
    named = [word for word, label in labelled_words(example) if label != HIRED]
    if not others or any(words.kin(others[0], word) for word in named):
        return None
    new = mapped(example, dict.fromkeys(hired, others[0]))
    return replace(new, hired=(others[0],)), others[0]


def sole_hired(example: Example, words: Words) -> list[str]:
    """Return the names of the one position that a post hires for, the most frequent first.

    Nothing where it hires for several, or where a name also stands outside the hired mentions.
    """
    hired = hired_words(example)
    labels = labels_of(example)
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


def labels_of(example: Example) -> dict[str, set[int]]:
    """Return the classes of every word's mentions."""
    labels: dict[str, set[int]] = {}
    for word, label in labelled_words(example):
        labels.setdefault(word, set()).add(label)
    return labels


def _is_marked_only(example: Example, word: str) -> bool:
    """Tell whether every occurrence of a word is a mention of just this word."""
    found = sum(field.text.count(word) for field in (example.title, example.body))
    return found == sum(other == word for other, _ in labelled_words(example))
