"""Edits of judged posts that keep every mention's span on its word."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from enrich.encoder import CLASSES
from enrich.text import is_border, normalize, normalize_query
from enrich.windows import MarkedText
from labels.train.data import Example

HIRED = CLASSES.index("H")
FIRST_NAMED = CLASSES.index("N:coop")
"""Classes from here on name a position that is not hired."""
_STRONG_ENDS = "。!?;\n"
_ENDS = _STRONG_ENDS + ","


@dataclass(frozen=True, slots=True)
class Phrase:
    """Text with spans of mentions and their classes, to be put into a post."""

    text: str
    spans: tuple[tuple[int, int], ...] = ()
    classes: tuple[int, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """The words of the mentions."""
        return tuple(self.text[start:end] for start, end in self.spans)

    def __add__(self, other: Phrase | str) -> Phrase:
        """Return both, one behind the other."""
        if isinstance(other, str):
            return replace(self, text=self.text + other)
        moved = tuple((s + len(self.text), e + len(self.text)) for s, e in other.spans)
        return Phrase(self.text + other.text, self.spans + moved, self.classes + other.classes)


def title_of(example: Example) -> Phrase:
    """Return the title as a phrase."""
    count = len(example.title.spans)
    return Phrase(example.title.text, example.title.spans, example.classes[:count])


def body_of(example: Example) -> Phrase:
    """Return the body as a phrase."""
    count = len(example.title.spans)
    return Phrase(example.body.text, example.body.spans, example.classes[count:])


def joined(example: Example, title: Phrase, body: Phrase) -> Example:
    """Return the example with another title and body."""
    return replace(
        example,
        title=MarkedText(title.text, title.spans),
        body=MarkedText(body.text, body.spans),
        classes=title.classes + body.classes,
    )


def labelled_words(example: Example) -> list[tuple[str, int]]:
    """Return the word and the class of every mention, title mentions first."""
    words = [f.text[s:e] for f in (example.title, example.body) for s, e in f.spans]
    return list(zip(words, example.classes, strict=True))


def hired_words(example: Example) -> list[str]:
    """Return the distinct words that are hired somewhere in the post."""
    return list(dict.fromkeys(word for word, label in labelled_words(example) if label == HIRED))


def hired_names(example: Example) -> list[str]:
    """Return the hired words and the judge's names of what is hired, in the post or not."""
    return list(dict.fromkeys([*hired_words(example), *map(_spelled, example.hired)]))


def whole_text(example: Example) -> str:
    """Return title and body."""
    return example.title.text + "\n" + example.body.text


def inserted(field: Phrase, at: int, phrase: Phrase) -> Phrase:
    """Return the field with a phrase put in before the character ``at``.

    Raises:
        ValueError: the place lies inside a mention.
    """
    if any(start < at < end for start, end in field.spans):
        raise ValueError(f"place {at} lies inside a mention; choose a clause border")
    before = sum(end <= at for _, end in field.spans)
    head = Phrase(field.text[:at], field.spans[:before], field.classes[:before])
    tail = Phrase(
        field.text[at:],
        tuple((s - at, e - at) for s, e in field.spans[before:]),
        field.classes[before:],
    )
    return head + phrase + tail


def reworded(field: Phrase, words: Sequence[str]) -> Phrase:
    """Return the field with other words in its mentions, in order."""
    made = Phrase("")
    at = 0
    for (start, end), word, label in zip(field.spans, words, field.classes, strict=True):
        made = made + field.text[at:start] + Phrase(word, ((0, len(word)),), (label,))
        at = end
    return made + field.text[at:]


def respelled(field: Phrase, spell: Callable[[str, bool], str]) -> Phrase:
    """Return the field with every stretch spelled anew; ``spell(stretch, is_mention)``."""
    made = Phrase("")
    at = 0
    for (start, end), label in zip(field.spans, field.classes, strict=True):
        word = spell(field.text[start:end], True)
        made = made + spell(field.text[at:start], False) + Phrase(word, ((0, len(word)),), (label,))
        at = end
    return made + spell(field.text[at:], False)


def mapped(example: Example, words: dict[str, str]) -> Example:
    """Return the example with words exchanged in all its mentions."""
    title, body = title_of(example), body_of(example)
    return joined(
        example,
        reworded(title, [words.get(w, w) for w in title.words]),
        reworded(body, [words.get(w, w) for w in body.words]),
    )


def _borders(field: Phrase, ends: str) -> list[int]:
    """Return the places behind a clause border of the given characters, outside of mentions."""
    wanted = frozenset(ends)
    inside = {place for start, end in field.spans for place in range(start + 1, end)}
    return [
        index + 1
        for index, char in enumerate(field.text)
        if char in wanted and index + 1 not in inside and is_border(field.text, index, char)
    ]


def at_border(body: Phrase, phrase: Phrase, rng: random.Random) -> Phrase:
    """Put a clause at a random clause border; it ends as the clause before it does."""
    strong = _borders(body, _STRONG_ENDS)
    places = strong if strong and rng.random() < 0.75 else _borders(body, _ENDS)
    at = rng.choice([*places, len(body.text)])
    before = body.text[at - 1 : at]
    if before in _ENDS and before:
        return inserted(body, at, phrase + before)
    if not body.text:
        return inserted(body, at, phrase)
    sign = rng.choice((",", "。", "\n"))
    return inserted(body, at, Phrase(sign) + phrase)


def normalized(example: Example) -> Example:
    """Return the example in normalised spelling; a mention that vanishes is left out."""
    return joined(example, _normalized(title_of(example)), _normalized(body_of(example)))


_spelled = lru_cache(maxsize=65536)(normalize_query)


def _normalized(field: Phrase) -> Phrase:
    text = normalize(field.text)
    spans: list[tuple[int, int]] = []
    classes: list[int] = []
    for (start, end), label in zip(field.spans, field.classes, strict=True):
        first, last = text.inner(start, end)
        if first < last:
            spans.append((first, last))
            classes.append(label)
    return Phrase(text.text, tuple(spans), tuple(classes))
