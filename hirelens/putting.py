"""Writing posts and indexing them: shared by ``put``, ``evaluate`` and ``demo``."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from hirelens.inputs import Given, Refusal
from hirelens.progress import progress
from hirelens.wiring import Workplace

if TYPE_CHECKING:
    from worker.report import DrainReport

Refuse = Callable[[Refusal], None]
_POLL_S = 0.2


@dataclass(frozen=True, slots=True)
class PutReport:
    """What became of the lines, and of the posts that were indexed."""

    written: int
    unchanged: int
    superseded: int
    refused: int
    waiting: int
    indexing: DrainReport | None

    queued: bool = False  # workers index the posts

    @property
    def complete(self) -> bool:
        """Tell whether every line was taken and every post is in the index, or on its way."""
        dead = self.indexing.dead if self.indexing else 0
        return not (self.refused or dead or (self.waiting and not self.queued))

    def to_mapping(self) -> dict[str, Any]:
        """Return the JSON form."""
        return asdict(self)


def put(
    place: Workplace, items: Iterable[Given | Refusal], refuse: Refuse, *, wait: bool = False
) -> PutReport:
    """Write what is a post, hand what is not to ``refuse``, then index whatever waits.

    Where workers index the posts they are only waited for, and only with ``wait``.
    """
    queued = place.settings.queued
    if not queued:
        # A missing model is told before anything is written.
        _ = place.vector_space
    counts: Counter[str] = Counter()
    with progress("written") as advance:
        for chunk in _chunks(items, place.settings.write_batch):
            counts.update(_write(place, chunk, refuse))
            advance(len(chunk))
    indexing = finish(place, wait=wait)
    return PutReport(
        written=counts["written"],
        unchanged=counts["unchanged"],
        superseded=counts["superseded"],
        refused=counts["refused"],
        waiting=place.waiting(),
        indexing=indexing,
        queued=queued and not wait,
    )


def finish(place: Workplace, *, wait: bool = False) -> DrainReport | None:
    """Index what waits, or leave it to the workers and wait for them where that is asked."""
    if not place.settings.queued:
        return index(place)
    if wait:
        wait_for_workers(place)
    return None


def wait_for_workers(place: Workplace) -> None:
    """Return when nothing waits any more; a keystroke ends the waiting, not the work."""
    before = place.waiting()
    with progress("indexed", before) as advance:
        while before:
            time.sleep(_POLL_S)
            now = place.waiting()
            advance(max(before - now, 0))
            before = now


def index(place: Workplace) -> DrainReport | None:
    """Index whatever waits, what a killed process left included; None where nothing waits."""
    total = place.waiting()
    if not total:
        return None
    with progress("indexed", total) as advance:
        done = 0

        def report(so_far: DrainReport) -> None:
            nonlocal done
            advance(so_far.done - done)
            done = so_far.done

        return place.drain(report)


def _write(place: Workplace, chunk: list[Given | Refusal], refuse: Refuse) -> Counter[str]:
    from worker import retry
    from worker.posts import RevisionConflict, write_many

    given = [item for item in chunk if isinstance(item, Given)]
    results = iter(retry.run(place.engine, lambda s: write_many(s, [g.post for g in given])))
    counts: Counter[str] = Counter()
    for item in chunk:
        if isinstance(item, Refusal):
            refusal = item
        else:
            result = next(results)
            if not isinstance(result, RevisionConflict):
                counts[result.outcome] += 1
                continue
            refusal = item.refused(result.field, result.problem, result.remedy)
        counts["refused"] += 1
        refuse(refusal)
    return counts


def _chunks(items: Iterable[Given | Refusal], size: int) -> Iterator[list[Given | Refusal]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk
