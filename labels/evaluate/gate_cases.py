"""Counterfactual cases: a judged post before and after a change whose effect is known."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from typing import Literal

from enrich.encoder import CLASSES
from labels.augment.clauses import CLASS_OF, fill, templates
from labels.augment.edits import at_border, body_of, hired_words, joined, title_of
from labels.augment.swaps import exchanged, rehired
from labels.augment.titles import Donors
from labels.augment.words import Words
from labels.evaluate.gate_posts import CLAUSES, duties, plain_post, rival_of, telling_post
from labels.train.data import Example

Change = Literal["exchange", "insert", "replace", "title"]
CHANGES: tuple[Change, ...] = ("exchange", "insert", "replace", "title")
_KINDS = ("compare", "exclude", "exp", "coop", "career")
_BAIT = CLASSES.index("N:bait")


@dataclass(frozen=True, slots=True)
class Case:
    """One change of one post; ``old`` words were hired before, ``new`` ones came in.

    *exchange*: ``new`` was only compared to and must be hired now, ``old`` no more. *insert*: a
    bait clause brought ``new``, which is not hired. *replace*: ``new`` stands for ``old``
    everywhere and must be hired. *title*: a bait title brought ``new``, which is not hired.
    """

    change: Change
    before: Example
    after: Example
    old: tuple[str, ...]
    new: tuple[str, ...]


class CaseMaker:
    """Makes cases of posts; other positions and bait titles stem from ``examples``."""

    def __init__(self, examples: Sequence[Example], rng: random.Random) -> None:
        """Collect words and titles."""
        self.words = Words(examples)
        self._donors = Donors(examples, self.words)
        self._rng = rng
        self._number = count()

    def make(self, change: Change, example: Example) -> Case | None:
        """Change a post; None where it does not fit."""
        found = {
            "exchange": self._exchange,
            "insert": self._insert,
            "replace": self._replace,
            "title": self._title,
        }[change](example)
        if found is None:
            return None
        after, new = found
        return Case(change, example, after, tuple(hired_words(example)), new)

    def _exchange(self, example: Example) -> tuple[Example, tuple[str, ...]] | None:
        found = exchanged(example, self.words, self._rng)
        return (found[0], (found[2],)) if found else None

    def _insert(self, example: Example) -> tuple[Example, tuple[str, ...]] | None:
        kind = _KINDS[next(self._number) % len(_KINDS)]
        template = self._rng.choice(templates(kind, CLAUSES))
        clause = fill(template, CLASS_OF[kind], example, self.words, self._rng)
        if clause is None:
            return None
        body = at_border(body_of(example), clause, self._rng)
        return joined(example, title_of(example), body), clause.words

    def _replace(self, example: Example) -> tuple[Example, tuple[str, ...]] | None:
        found = rehired(example, self.words, self._rng)
        return (found[0], (found[1],)) if found else None

    def _title(self, example: Example) -> tuple[Example, tuple[str, ...]] | None:
        after = self._donors.bait(example, self._rng)
        if after is None:
            return None
        title = title_of(after)
        bait = [w for w, c in zip(title.words, title.classes, strict=True) if c == _BAIT]
        return after, tuple(dict.fromkeys(bait))


def generated(posts: int, seed: int) -> list[Case]:
    """Make ``posts`` cases of every change from templates; a seed decides everything."""
    rng = random.Random(seed)  # noqa: S311 - no secret
    jobs = sorted(duties())
    maker = CaseMaker([telling_post(job, rng) for job in jobs], rng)
    found: list[Case] = []
    for change in CHANGES:
        made = 0
        while made < posts:
            case = maker.make(change, _base(change, rng.choice(jobs), maker.words, rng))
            if case is not None:
                found.append(case)
                made += 1
    return found


def from_judged(examples: Sequence[Example], posts: int, seed: int) -> list[Case]:
    """Make at most ``posts`` cases of every change from judged posts, each of another post."""
    rng = random.Random(seed)  # noqa: S311 - no secret
    maker = CaseMaker(examples, rng)
    found: list[Case] = []
    for change in CHANGES:
        made = 0
        for example in rng.sample(list(examples), len(examples)):
            case = maker.make(change, example) if made < posts else None
            if case is not None:
                found.append(case)
                made += 1
    return found


def _base(change: Change, job: str, words: Words, rng: random.Random) -> Example:
    if change == "exchange":
        return plain_post(job, rng, rival_of(job, words, rng))
    return plain_post(job, rng) if change == "replace" else telling_post(job, rng)
