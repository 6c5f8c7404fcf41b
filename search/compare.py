"""Two indices of the same posts side by side: how they differ, judged id by id and on a sample.

One serves (``current``), the other is to take its place (``standby``). Both receive live writes
while they are read: what seems wrong is looked at again before it counts.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from search.differences import (
    LIMIT,
    Difference,
    Kind,
    Pair,
    Target,
    judge,
    pages,
    same_document,
)
from search.index import Document, Index, Stamp
from search.parts import parts_of

LOOKS = 5
PAUSE_S = 0.4
"""Between two looks at what seems wrong: a write reaches both sides within moments."""
PATIENCE_S = 60.0
"""Pauses of one comparison, all together: where so much is wrong, it is not about moments."""
CLOSE = 1e-5
"""How far apart numbers of equal vectors may be."""


@dataclass(slots=True)
class Comparison:
    """What a walk through both sides found; ``sampled`` documents were compared whole."""

    seen: int = 0
    differences: list[Difference] = field(default_factory=list)
    renumbered: int = 0
    sampled: int = 0

    def counts(self) -> Counter[Kind]:
        """Count the differences by kind."""
        return Counter(one.kind for one in self.differences)


def compare(
    current: Index,
    standby: Index,
    target: Target | None = None,
    *,
    sample: int = 200,
    seed: int = 0,
    limit: int = LIMIT,
    on_progress: Callable[[int], None] = lambda _seen: None,
    sleep: Callable[[float], object] = time.sleep,
) -> Comparison:
    """Compare every stamp both ways, and a random sample of documents whole.

    Args:
        current: the index that serves.
        standby: the one that is to take its place.
        target: of a standby of another vector space; None where all must be equal.
        sample: documents to compare whole.
        seed: of the sample.
        limit: ids of one page.
        on_progress: called with the ids of each page.
        sleep: pauses between two looks.
    """
    found = Comparison()
    chosen = _Reservoir(sample, seed)
    pause = Patience(sleep)
    for page in pages(current, standby, limit):
        doubted = []
        for pair in page:
            kind = judge(pair.current, pair.standby, target)
            if kind is None or kind is Kind.RENUMBERED:
                chosen.add(pair.id)
                found.renumbered += kind is Kind.RENUMBERED
            else:
                doubted.append(pair.id)
        found.differences += certain(current, standby, doubted, target, pause)
        found.seen += len(page)
        on_progress(len(page))
    found.differences += _unequal(current, standby, chosen.items, target, pause)
    found.sampled = len(chosen.items)
    return found


def certain(
    current: Index,
    standby: Index,
    ids: Sequence[str],
    target: Target | None,
    pause: Patience,
) -> list[Difference]:
    """Look at doubted ids again, several times; returns what differs each time."""
    left: list[Difference] = []
    for attempt in range(LOOKS):
        if attempt and not pause():
            break
        left = [
            Difference(pair.id, kind, _version(pair.current), _version(pair.standby))
            for pair in _look(current, standby, ids)
            if (kind := judge(pair.current, pair.standby, target)) is not None
            and kind is not Kind.RENUMBERED
        ]
        ids = [one.id for one in left]
        # What only waits to be read again does not change by itself.
        if all(one.kind is Kind.BEHIND for one in left):
            break
    return left


def _unequal(
    current: Index,
    standby: Index,
    ids: Sequence[str],
    target: Target | None,
    pause: Patience,
) -> list[Difference]:
    """Compare documents whole; those that were written meanwhile are looked at again."""
    left = list(ids)
    versions: dict[str, int] = {}
    for attempt in range(LOOKS):
        if attempt and (not left or not pause()):
            break
        doubted = []
        for part in parts_of(left, 100):
            there, here = standby.get(part), current.get(part)
            for id_ in part:
                one, other = here.get(id_), there.get(id_)
                if one is None or other is None or not same_document(one, other, target):
                    doubted.append(id_)
                    versions[id_] = -1 if one is None else one.version
        left = doubted
    return [Difference(id_, Kind.DIFFERS, versions[id_], None) for id_ in left]


def _look(current: Index, standby: Index, ids: Sequence[str]) -> Iterator[Pair]:
    for part in parts_of(ids, 500):
        there, here = standby.get(part, match=False), current.get(part, match=False)
        for id_ in part:
            one, other = here.get(id_), there.get(id_)
            if one is not None or other is not None:
                yield Pair(id_, _stamp(one), _stamp(other))


def _stamp(document: Document | None) -> Stamp | None:
    if document is None:
        return None
    return Stamp(document.id, document.version, document.state, document.recipe)


def _version(stamp: Stamp | None) -> int | None:
    return None if stamp is None else stamp.version


class Patience:
    """Pauses between two looks, until there were enough of them."""

    def __init__(self, sleep: Callable[[float], object] = time.sleep) -> None:
        """Pause with this function."""
        self._sleep = sleep
        self._left = PATIENCE_S

    def __call__(self) -> bool:
        """Pause, and say True, unless there were enough pauses."""
        if self._left <= 0:
            return False
        self._left -= PAUSE_S
        self._sleep(PAUSE_S)
        return True


class _Reservoir:
    """A uniform sample of a stream whose length is not known."""

    def __init__(self, size: int, seed: int) -> None:
        self._size = size
        self._random = random.Random(seed)  # noqa: S311 - no secret
        self._seen = 0
        self.items: list[str] = []

    def add(self, item: str) -> None:
        self._seen += 1
        if len(self.items) < self._size:
            self.items.append(item)
            return
        place = self._random.randrange(self._seen)
        if place < self._size:
            self.items[place] = item
