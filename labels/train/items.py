"""Windows of posts as training items, and the batches of an epoch.

Everything random is a function of the seed and the epoch alone, so that a run that goes on in the
middle of an epoch makes the very batches again.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from enrich.windows import MarkedText, Specials, Tokenizer, Window, cut_windows, tokenize
from labels.train.data import IGNORED, Example

Soft = tuple[float, ...]
"""Probabilities of a mention's classes, as a teacher gave them."""
_POOL = 20


@dataclass(frozen=True, slots=True)
class Item:
    """A window with the class of each of its mentions and its post's number.

    ``soft``: a teacher's probabilities in place of classes; then all ``classes`` are ignored.
    """

    window: Window
    classes: tuple[int, ...]
    post: int
    soft: tuple[Soft, ...] = ()


@dataclass(frozen=True, slots=True)
class Reader:
    """How posts become windows."""

    tokenizer: Tokenizer
    specials: Specials
    window: int

    def windows(self, posts: Sequence[tuple[MarkedText, MarkedText]]) -> list[tuple[int, Window]]:
        """Cut posts, given as (title, body), into windows with their post's number."""
        fields = tokenize(self.tokenizer, [f for post in posts for f in post], self.specials)
        found: list[tuple[int, Window]] = []
        for post in range(len(posts)):
            title, body = fields[2 * post], fields[2 * post + 1]
            cut, _ = cut_windows(title, body, self.specials, limit=self.window)
            found.extend((post, window) for window in cut if window.mentions)
        return found

    def items(self, examples: Sequence[Example]) -> list[Item]:
        """Cut judged posts into windows with the classes of their mentions."""
        return [
            Item(window, tuple(examples[post].classes[n] for n, _, _ in window.mentions), post)
            for post, window in self.windows([(e.title, e.body) for e in examples])
        ]

    def soft_items(
        self,
        posts: Sequence[tuple[MarkedText, MarkedText]],
        targets: Mapping[tuple[int, int], Soft],
    ) -> list[Item]:
        """Cut unjudged posts into windows with the teacher's view of their mentions."""
        items: list[Item] = []
        for post, window in self.windows(posts):
            mentions = tuple(m for m in window.mentions if (post, m[0]) in targets)
            if mentions:
                soft = tuple(targets[post, number] for number, _, _ in mentions)
                kept = Window(window.ids, mentions, window.title, window.body)
                items.append(Item(kept, (IGNORED,) * len(mentions), post, soft))
        return items


def chance(seed: int, purpose: str, epoch: int) -> random.Random:
    """Return the random numbers of one purpose in one epoch."""
    return random.Random(f"{seed}:{purpose}:{epoch}")  # noqa: S311 - no secret


def batches(items: Sequence[Item], size: int, rng: random.Random) -> list[list[Item]]:
    """Return random batches of windows of like length, so that little is padding."""
    order = list(items)
    rng.shuffle(order)
    found: list[list[Item]] = []
    for at in range(0, len(order), _POOL * size):
        pool = sorted(order[at : at + _POOL * size], key=lambda item: len(item.window.ids))
        found.extend(pool[start : start + size] for start in range(0, len(pool), size))
    rng.shuffle(found)
    return found


def soft_batches(
    items: Sequence[Item], size: int, count: int, rng: random.Random
) -> list[list[Item]]:
    """Return ``count`` batches drawn from ``items``, one beside each judged batch."""
    found: list[list[Item]] = []
    while items and len(found) < count:
        found.extend(batches(items, size, rng))
    return found[:count]
