"""The monkey: one fault after another, drawn from a table."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping

import amqp

TIMES: Mapping[str, int] = {
    "kill child": 4,
    "kill worker": 2,
    "kill worker's parent": 1,
    "kill relay": 1,
    "kill writer": 3,
    "kill broker": 1,
    "kill database": 2,
    "pause child": 1,
    "pause worker": 2,
    "pause relay": 1,
    "pause writer": 1,
    "pause database": 1,
    "pause broker": 1,
    "drop hints": 2,
    "double hints": 2,
    "double messages": 2,
}
"""How often each fault comes in one round; a round is shuffled, so that none is forgotten."""
NODE_TIMES: Mapping[str, int] = {
    "kill elasticsearch": 4,
    "pause elasticsearch": 2,
    "block index": 2,
    "kill switcher": 2,
}
"""Beside them where the index is on Elasticsearch."""
PAIR_TIMES: Mapping[str, int] = {"kill all nodes": 1}
"""And where it has two nodes."""


class Monkey:
    """Strikes and counts.

    ``deeds``: one a kind of ``times``; False where nothing was hit.
    """

    def __init__(
        self,
        deeds: Mapping[str, Callable[[], bool]],
        chance: random.Random,
        times: Mapping[str, int] = TIMES,
    ) -> None:
        self._deeds, self._chance, self._times = deeds, chance, times
        self._deck: list[str] = []
        self.counts: Counter[str] = Counter()

    @property
    def complete(self) -> bool:
        """Whether every kind of fault has happened."""
        return not self._times.keys() - self.counts.keys()

    def strike(self) -> str | None:
        """Do one fault; None where there was nothing to hit."""
        if not self._deck:
            self._deck = [kind for kind, times in self._times.items() for _ in range(times)]
            self._chance.shuffle(self._deck)
        kind = self._deck.pop()
        try:
            hit = self._deeds[kind]()
        except (amqp.AMQPError, OSError):
            hit = False  # the broker or a node is down just now
        if hit:
            self.counts[kind] += 1
            return kind
        if kind not in self.counts:
            self._deck.insert(-2, kind)  # soon again
        return None
