"""Augmenters that put in clauses about other positions: bait, chains, ladders, keywords."""

from __future__ import annotations

import random
from typing import ClassVar

from enrich.encoder import CLASSES
from labels.augment.base import PostAugmenter
from labels.augment.clauses import compose, listing, templates
from labels.augment.edits import (
    HIRED,
    Phrase,
    at_border,
    body_of,
    hired_names,
    hired_words,
    inserted,
    joined,
    title_of,
    whole_text,
)
from labels.augment.effects import Effect
from labels.augment.titles import SHOWS_DUTIES
from labels.augment.words import Words
from labels.train.data import Example

KINDS = ("compare", "exclude", "exp", "coop", "career")
_BAIT = CLASSES.index("N:bait")
_TITLE_SHARE, _TITLE_WORDS = 0.35, 3
_HONEST_SHARE = 0.2
"""Of the lists, those that hold other names of the hired position and nothing else."""
_HIRED_SHARE = 0.4
"""Of the lists behind a body, those that hold the hired word too."""
_SEPARATORS = ("/", "、", " ", ",", "|", ";")


class _Inserter(PostAugmenter):
    """Puts a clause at a random clause border of the body, now and then behind the title."""

    title_share: ClassVar[float] = 0.0

    def __init__(self, words: Words, rng: random.Random) -> None:
        super().__init__(rng)
        self.words = words

    def clause(self, example: Example) -> Phrase | None:
        """Compose what is put in; None: nothing fits this post."""
        raise NotImplementedError

    def apply(self, example: Example) -> Example:
        """Put the clause in."""
        phrase = self.clause(example)
        if phrase is None:
            return example
        title, body = title_of(example), body_of(example)
        if self.rng.random() < self.title_share:
            sign = self.rng.choice((",", "(", " "))
            whole = Phrase(sign) + phrase + (")" if sign == "(" else "")
            return joined(example, inserted(title, len(title.text), whole), body)
        return joined(example, title, at_border(body, phrase, self.rng))


class BaitClause(_Inserter):
    """A comparison, exclusion, wish for experience, cooperation or career clause.

    Its honest twin names the hired position in the same place, which stays hired.
    """

    effect = Effect(
        "insert",
        adds=frozenset({"H", "N:compare", "N:exclude", "N:exp", "N:coop", "N:career"}),
    )

    def __init__(
        self,
        words: Words,
        rng: random.Random,
        kinds: tuple[str, ...] = KINDS,
        honest: float = 0.35,
    ) -> None:
        """Compose clauses of the kinds; ``honest`` is the share of honest twins."""
        super().__init__(words, rng)
        self.kinds = kinds
        self.honest = honest

    def clause(self, example: Example) -> Phrase | None:
        """Compose a clause of a random kind."""
        return compose(self.rng.choice(self.kinds), example, self.words, self.rng, self.honest)


class Chain(_Inserter):
    """A weak-feature chain: 服务员不如送餐员不如普工."""

    effect = Effect("insert", adds=frozenset({"H", "N:compare"}))
    title_share = 0.15

    def clause(self, example: Example) -> Phrase | None:
        """Compose a chain, which may end at the hired position."""
        return compose("chain", example, self.words, self.rng)


class Exclusion(_Inserter):
    """An exclusion of positions that stand beside the hired one in the taxonomy."""

    effect = Effect("insert", adds=frozenset({"H", "N:exclude"}))
    title_share = 0.15

    def clause(self, example: Example) -> Phrase | None:
        """Compose it from names of the hired position's own group."""
        siblings = self.words.siblings(example)
        return compose("exclusion", example, self.words, self.rng, pool=siblings or None)


class Ladder(_Inserter):
    """A career ladder above the hired position, from the taxonomy's ranks where it has any."""

    effect = Effect("insert", adds=frozenset({"H", "N:career"}))

    def clause(self, example: Example) -> Phrase | None:
        """Compose a ladder; its first rung may be the hired position."""
        return compose("ladder", example, self.words, self.rng)


class Stuffing(_Inserter):
    """Keywords behind the body or the title: 服务员/保安/司机.

    Only where the body shows its duties: a short one may be an agency's that hires all of them.
    """

    effect = Effect("insert", adds=frozenset({"H", "N:bait"}))

    def apply(self, example: Example) -> Example:
        """Put a list of keywords at the end of the title or the body."""
        title, body = title_of(example), body_of(example)
        if len(body.text) < SHOWS_DUTIES or not hired_names(example):
            return example
        hired = hired_words(example)
        marked = self._keywords(example, hired)
        if not marked:
            return example
        separator = self.rng.choice(_SEPARATORS)
        if HIRED in title.classes and self.rng.random() < _TITLE_SHARE:
            tail = Phrase(separator) + listing(marked[:_TITLE_WORDS], separator)
            return joined(example, inserted(title, len(title.text), tail), body)
        if hired and self.rng.random() < _HIRED_SHARE:
            marked.insert(self.rng.randint(0, len(marked)), (self.rng.choice(hired), HIRED))
        head, foot = self.rng.choice(templates("stuff")).split("{list}")
        tail = Phrase(head if body.text.endswith("\n") else "\n" + head)
        tail = tail + listing(marked, separator) + foot
        return joined(example, title, inserted(body, len(body.text), tail))

    def _keywords(self, example: Example, hired: list[str]) -> list[tuple[str, int]]:
        """Draw bait words, now and then other names of what is hired instead: honest ones."""
        count = self.rng.randint(2, 6)
        if self.rng.random() < _HONEST_SHARE:
            names = self.words.names(hired, whole_text(example))
            return [(word, HIRED) for word in self.rng.sample(names, min(count, len(names)))]
        others = self.words.strangers(example, count, self.rng, apart=True)
        return [(word, _BAIT) for word in others]
