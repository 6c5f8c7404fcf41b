"""Writing posts and indexing them: shared by ``put``, ``evaluate`` and ``demo``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from hirelens.awaiting import Awaited
from hirelens.inputs import Given, Refusal
from hirelens.output import note
from hirelens.progress import progress
from hirelens.wiring import WiringError, Workplace

if TYPE_CHECKING:
    from worker.posts import WriteResult
    from worker.report import DrainReport

Refuse = Callable[[Refusal], None]


@dataclass(frozen=True, slots=True)
class PutReport:
    """What became of the lines, and of the posts that were indexed.

    ``given_up``: of the posts that were waited for, those that became dead letters.
    """

    written: int
    unchanged: int
    superseded: int
    refused: int
    waiting: int
    indexing: DrainReport | None

    queued: bool = False  # workers index the posts
    given_up: int = 0

    @property
    def complete(self) -> bool:
        """Tell whether every line was taken and every post is in the index, or on its way."""
        dead = self.given_up + (self.indexing.dead if self.indexing else 0)
        return not (self.refused or dead or (self.waiting and not self.queued))

    def to_mapping(self) -> dict[str, Any]:
        """Return the JSON form."""
        return asdict(self)


def put(
    place: Workplace, items: Iterable[Given | Refusal], refuse: Refuse, *, wait: bool = False
) -> PutReport:
    """Write what is a post, hand what is not to ``refuse``, then index whatever waits.

    Where workers index the posts, these posts are only waited for, and only with ``wait``.
    """
    queued = place.settings.queued
    awaited = Awaited(place.engine) if queued and wait else None
    if not queued:
        # A missing model is told before anything is written.
        _ = place.vector_space
    counts: Counter[str] = Counter()
    with progress("written") as advance:
        for chunk in _chunks(items, place.settings.write_batch):
            written = _write(place, chunk, refuse, counts)
            if awaited is not None:
                awaited.add(written)
            advance(len(chunk))
    indexing = finish(place)
    given_up = 0
    if awaited is not None:
        given_up = awaited.wait()
        place.index.refresh()
    return PutReport(
        written=counts["written"],
        unchanged=counts["unchanged"],
        superseded=counts["superseded"],
        refused=counts["refused"],
        waiting=place.waiting() if awaited is None else 0,
        indexing=indexing,
        queued=queued,
        given_up=given_up,
    )


def finish(place: Workplace) -> DrainReport | None:
    """Index what waits, or leave it to the workers."""
    return None if place.settings.queued else index(place)


def told_given_up(indexing: DrainReport | None) -> bool:
    """Say how many posts became dead letters while they were indexed; whether any did."""
    dead = 0 if indexing is None else indexing.dead
    if dead:
        note(f"{dead} were given up; see 'hirelens dead list'")
    return dead > 0


def index(place: Workplace) -> DrainReport | None:
    """Index whatever waits, what a killed process left included; None where nothing waits.

    Raises:
        IndexUnavailableError: the index cannot be used now; what is stored waits.
        WiringError: it is of another model; what is stored waits.
    """
    from search.index import IndexUnavailableError

    total = place.waiting()
    if not total:
        return None
    try:
        place.ensure_index()
        return _drained(place, total)
    except (IndexUnavailableError, WiringError):
        waiting = place.waiting()
        if waiting:
            note(
                f"{waiting} posts are stored and wait for the index: once it can be used, any put "
                "or hirelens reconcile --once indexes them"
            )
        raise


def _drained(place: Workplace, total: int) -> DrainReport:
    with progress("indexed", total) as advance:
        done = 0

        def report(so_far: DrainReport) -> None:
            nonlocal done
            advance(so_far.done - done)
            done = so_far.done

        return place.drain(report)


def _write(
    place: Workplace, chunk: list[Given | Refusal], refuse: Refuse, counts: Counter[str]
) -> list[WriteResult]:
    from worker import retry
    from worker.posts import RevisionConflict, write_many

    given = [item for item in chunk if isinstance(item, Given)]
    results = iter(retry.run(place.engine, lambda s: write_many(s, [g.post for g in given])))
    taken = []
    for item in chunk:
        if isinstance(item, Refusal):
            refusal = item
        else:
            result = next(results)
            if not isinstance(result, RevisionConflict):
                counts[result.outcome] += 1
                taken.append(result)
                continue
            refusal = item.refused(result.field, result.problem, result.remedy)
        counts["refused"] += 1
        refuse(refusal)
    return taken


def _chunks(items: Iterable[Given | Refusal], size: int) -> Iterator[list[Given | Refusal]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk
