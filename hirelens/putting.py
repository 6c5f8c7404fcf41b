"""Writing posts and indexing them: shared by ``put``, ``evaluate`` and ``demo``."""

from __future__ import annotations

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


@dataclass(frozen=True, slots=True)
class PutReport:
    """What became of the lines, and of the posts that were indexed."""

    written: int
    unchanged: int
    superseded: int
    refused: int
    waiting: int
    indexing: DrainReport | None

    @property
    def complete(self) -> bool:
        """Tell whether every line was taken and every post is in the index."""
        dead = self.indexing.dead if self.indexing else 0
        return not (self.refused or self.waiting or dead)

    def to_mapping(self) -> dict[str, Any]:
        """Return the JSON form."""
        return asdict(self)


def put(place: Workplace, items: Iterable[Given | Refusal], refuse: Refuse) -> PutReport:
    """Write what is a post, hand what is not to ``refuse``, then index whatever waits."""
    # A missing model is told before anything is written.
    _ = place.vector_space
    counts: Counter[str] = Counter()
    with progress("written") as advance:
        for chunk in _chunks(items, place.settings.write_batch):
            counts.update(_write(place, chunk, refuse))
            advance(len(chunk))
    indexing = index(place)
    return PutReport(
        written=counts["written"],
        unchanged=counts["unchanged"],
        superseded=counts["superseded"],
        refused=counts["refused"],
        waiting=place.waiting(),
        indexing=indexing,
    )


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
        result = next(results) if isinstance(item, Given) else item
        if isinstance(result, Refusal):
            refuse(result)
        elif isinstance(result, RevisionConflict):
            refuse(item.refused(result.field, result.problem, result.remedy))
        else:
            counts[result.outcome] += 1
            continue
        counts["refused"] += 1
    return counts


def _chunks(items: Iterable[Given | Refusal], size: int) -> Iterator[list[Given | Refusal]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk
