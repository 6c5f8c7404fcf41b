"""Augmenters of spelling: traditional and decorated characters, homophone slips."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import cache
from typing import Any, ClassVar

from enrich.encoder import CLASSES
from labels.augment.base import PostAugmenter
from labels.augment.clauses import DATA
from labels.augment.edits import (
    FIRST_NAMED,
    Phrase,
    body_of,
    joined,
    labelled_words,
    normalized,
    respelled,
    title_of,
)
from labels.augment.effects import Effect
from labels.train.data import Example

_JOINTS = (" ", "*", "·", "-", ".", "~", "_", "|", "★")
_FRAMES = ("【】", "★★", "“”", "[]", "《》", "()", "「」")
_LONGEST = 8
_NOTHING = CLASSES.index("X")


class _Speller(PostAugmenter):
    """Works on raw text; ``raw`` leaves the result so, else it is normalised again."""

    effect: ClassVar[Effect] = Effect("respell")

    def __init__(self, rng: random.Random, *, raw: bool = False) -> None:
        super().__init__(rng)
        self.raw = raw

    def spelled(self, example: Example, spell: Callable[[str, bool], str]) -> Example:
        """Spell every stretch anew."""
        made = joined(
            example,
            respelled(title_of(example), spell),
            respelled(body_of(example), spell),
        )
        return made if self.raw else normalized(made)


class Decorate(_Speller):
    """服 务 员, 服*务*员 or 【服务员】 for one word, wherever the post marks it.

    The span covers signs between the characters, not a frame around them.
    """

    def apply(self, example: Example) -> Example:
        """Decorate one position word."""
        words = sorted(
            word
            for word, label in set(labelled_words(example))
            if 2 <= len(word) <= _LONGEST and (label == 0 or label >= FIRST_NAMED)
            and word.isalpha() and not word.isascii()
        )  # fmt: skip
        if not words:
            return example
        word = self.rng.choice(words)
        if self.rng.random() < 0.6:
            decorated = self.rng.choice(_JOINTS).join(word)
            return self.spelled(example, lambda t, marked: decorated if marked and t == word else t)
        frame = self.rng.choice(_FRAMES)
        left, right = frame[0], frame[1]
        made = joined(
            example,
            _framed(title_of(example), word, left, right),
            _framed(body_of(example), word, left, right),
        )
        return made if self.raw else normalized(made)


class Traditional(_Speller):
    """The whole post in traditional characters; normalising undoes nearly all of it."""

    def apply(self, example: Example) -> Example:
        """Convert character by character, so that lengths hold."""
        return self.spelled(example, lambda text, _: "".join(map(_traditional, text)))


class Homophones(_Speller):
    """Common slips of the keyboard (招骋, 服务圆) for some of the words that have one."""

    def __init__(self, rng: random.Random, share: float = 0.5, *, raw: bool = False) -> None:
        """Miswrite each word of the table that occurs with probability ``share``."""
        super().__init__(rng, raw=raw)
        self.share = share

    def apply(self, example: Example) -> Example:
        """Miswrite words inside and outside of mentions of positions."""
        whole = example.title.text + example.body.text
        chosen = {
            word: slip
            for word, slip in slips().items()
            if word in whole and self.rng.random() < self.share
        }
        if not chosen:
            return example
        # A word that is part of another one (水电工 in 水电工程) stays: it would no more be one.
        nothing = {word for word, label in labelled_words(example) if label == _NOTHING}
        return self.spelled(
            example, lambda text, _: text if text in nothing else _miswritten(text, chosen)
        )


@cache
def slips() -> dict[str, str]:
    """Return the table of slips: word -> what people type, the longest word first."""
    rows = (DATA / "homophones.tsv").read_text("utf-8").splitlines()[1:]
    pairs = dict(row.split("\t", 1) for row in rows)
    return {word: pairs[word] for word in sorted(pairs, key=lambda word: -len(word))}


def _miswritten(text: str, chosen: dict[str, str]) -> str:
    for word, slip in chosen.items():
        text = text.replace(word, slip)
    return text


def _framed(field: Phrase, word: str, left: str, right: str) -> Phrase:
    made, at = Phrase(""), 0
    for (start, end), label in zip(field.spans, field.classes, strict=True):
        mention = Phrase(field.text[start:end], ((0, end - start),), (label,))
        framed = mention.text == word
        made = made + field.text[at:start] + (left if framed else "") + mention
        made = made + (right if framed else "")
        at = end
    return made + field.text[at:]


@cache
def _traditional(char: str) -> str:
    if not "\u3400" <= char <= "\u9fff":
        return char
    converted = str(_converter().convert(char))
    return converted if len(converted) == 1 else char


@cache
def _converter() -> Any:  # noqa: ANN401 - the library ships no types
    import opencc

    return opencc.OpenCC("s2t")
