"""Random position replacement: a position that is only mentioned may be any other one.

The augmentation of the owner's reference (送餐员 -> 厨师), limited to mentions whose label it
cannot change: words that the post names and does not hire for, anywhere in it.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from enrich.encoder import CLASSES
from enrich.windows import MarkedText
from labels.train.data import Example

_FIRST_NAMED = CLASSES.index("N:coop")


def position_words(examples: Sequence[Example]) -> list[str]:
    """Return the distinct words that a judge took for a position somewhere, in order."""
    words = {
        word
        for example in examples
        for word, label in _words(example)
        if label == 0 or label >= _FIRST_NAMED
    }
    return sorted(word for word in words if not word.isascii())


def replace_named(
    example: Example, pool: Sequence[str], share: float, rng: random.Random
) -> Example:
    """Replace each word that is named everywhere and hired nowhere, with probability ``share``."""
    labels: dict[str, set[int]] = {}
    for word, label in _words(example):
        labels.setdefault(word, set()).add(label)
    kept = "".join(w + "\n" for w, found in labels.items() if min(found) < _FIRST_NAMED)
    whole = example.title.text + "\n" + example.body.text
    new: dict[str, str] = {}
    for word, found in labels.items():
        if min(found) < _FIRST_NAMED or word in kept or rng.random() >= share:
            continue
        other = rng.choice(pool)
        if other not in whole and not any(other in w or w in other for w in kept.split()):
            new[word] = other
    if not new:
        return example
    return Example(
        example.id,
        example.group,
        _replaced(example.title, new),
        _replaced(example.body, new),
        example.classes,
    )


def _words(example: Example) -> list[tuple[str, int]]:
    words = [f.text[s:e] for f in (example.title, example.body) for s, e in f.spans]
    return list(zip(words, example.classes, strict=True))


def _replaced(field: MarkedText, new: dict[str, str]) -> MarkedText:
    text = ""
    spans: list[tuple[int, int]] = []
    at = 0
    for start, end in field.spans:
        word = field.text[start:end]
        text += field.text[at:start]
        spans.append((len(text), len(text) + len(new.get(word, word))))
        text += new.get(word, word)
        at = end
    return MarkedText(text + field.text[at:], tuple(spans))
