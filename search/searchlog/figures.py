"""The log as figures by bucket and channel: nothing found, time taken, who found what was shown."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from math import ceil
from typing import Any

from search.searchlog.model import SearchRecord

ANSWER = "(answer)"
"""The row of the whole answer, whichever channels it came from."""


@dataclass(frozen=True, slots=True)
class Row:
    """Figures of one channel in one bucket; rates are None where there is nothing to divide by.

    ``searches``: answers for which it was asked; ``empty``: of these, those in which it found
    nothing, ``failed``: those in which it could not answer. ``p50_ms``, ``p95_ms``: its time.
    ``shown``: posts in these answers; ``share``: of them, those that it found; ``exclusive``:
    those that no other channel found.
    """

    bucket: str
    channel: str
    searches: int
    empty: float | None
    failed: float | None
    p50_ms: float | None
    p95_ms: float | None
    shown: int
    share: float | None
    exclusive: float | None

    def to_mapping(self) -> dict[str, Any]:
        """Return the JSON form."""
        return asdict(self)


@dataclass(slots=True)
class _Sums:
    searches: int = 0
    empty: int = 0
    failed: int = 0
    shown: int = 0
    found: int = 0
    alone: int = 0
    times: array[float] = field(default_factory=lambda: array("d"))


def figures(records: Iterable[SearchRecord]) -> list[Row]:
    """Return the rows of all records: buckets by name, in each the answer, then its channels."""
    sums: dict[tuple[str, str], _Sums] = {}
    for record in records:
        _add(record, sums)
    order = sorted(sums, key=lambda key: (key[0], key[1] != ANSWER, key[1]))
    return [_row(*key, sums[key]) for key in order]


def quantile(times: Sequence[float], share: float) -> float | None:
    """Return the least value that ``share`` of all do not exceed (nearest rank), None of none."""
    if not times:
        return None
    return sorted(times)[max(ceil(share * len(times)), 1) - 1]


def _add(record: SearchRecord, sums: dict[tuple[str, str], _Sums]) -> None:
    whole = sums.setdefault((record.bucket, ANSWER), _Sums())
    whole.searches += 1
    whole.empty += record.empty
    whole.failed += any(one.trouble is not None for one in record.channels)
    whole.shown += len(record.shown)
    whole.times.append(record.milliseconds)
    found = [frozenset(via.channel for via in post.channels) for post in record.shown]
    for one in record.channels:
        mine = sums.setdefault((record.bucket, one.channel), _Sums())
        mine.searches += 1
        mine.failed += one.trouble is not None
        mine.empty += one.trouble is None and one.hits == 0
        mine.shown += len(found)
        mine.found += sum(one.channel in names for names in found)
        mine.alone += sum(names == {one.channel} for names in found)
        if one.milliseconds is not None:
            mine.times.append(one.milliseconds)


def _row(bucket: str, channel: str, sums: _Sums) -> Row:
    whole = channel == ANSWER
    return Row(
        bucket,
        channel,
        sums.searches,
        _share(sums.empty, sums.searches),
        _share(sums.failed, sums.searches),
        quantile(sums.times, 0.5),
        quantile(sums.times, 0.95),
        sums.shown,
        None if whole else _share(sums.found, sums.shown),
        None if whole else _share(sums.alone, sums.shown),
    )


def _share(part: int, all_: int) -> float | None:
    return part / all_ if all_ else None
