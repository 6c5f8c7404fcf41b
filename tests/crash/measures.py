"""Figures of a run: what the processes logged, and how fresh the index was meanwhile."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import select

from tests.crash.history import Write
from worker.engine import reading
from worker.events import Event
from worker.log import LogEvent
from worker.tables import history as events

_UNFORESEEN = "raised unexpected: "


def logged(paths: Sequence[Path]) -> Counter[str]:
    """Count the log events of all processes; other lines are left out."""
    return Counter(str(event.get("event")) for event in _events(paths))


def unexpected(paths: Sequence[Path]) -> Counter[str]:
    """Count the errors of tasks that nobody foresaw, by their first words."""
    messages = (str(event.get("message", "")) for event in _events(paths))
    return Counter(m.split(_UNFORESEEN)[1][:160] for m in messages if _UNFORESEEN in m)


def _events(paths: Sequence[Path]) -> Iterator[dict[str, Any]]:
    for path in paths:
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            if not line.startswith("{"):
                continue
            with suppress(ValueError):  # cut off by a kill
                yield json.loads(line)


def happened(engine: sa.Engine) -> Counter[str]:
    """Count what the posts' histories tell, by event; the oldest of a busy post are gone."""
    with reading(engine) as session:
        return Counter(session.scalars(select(events.c.event)))


@dataclass(frozen=True, slots=True)
class Outages:
    """What workers told of an index that they could not use; ``seconds`` of each that ended."""

    reasons: Mapping[str, int]
    seconds: Sequence[float]


def outages(paths: Sequence[Path]) -> Outages:
    """Read them from the logs; a process that was killed meanwhile told of no end."""
    told = list(_events(paths))
    lost, back = LogEvent.INDEX_UNAVAILABLE.value, LogEvent.INDEX_BACK.value
    return Outages(
        Counter(str(event["reason"]) for event in told if event.get("event") == lost),
        sorted(float(event["seconds"]) for event in told if event.get("event") == back),
    )


def settled(engine: sa.Engine) -> dict[str, list[tuple[int, int]]]:
    """Return, by post, the revisions that the index has acknowledged, with the time of each."""
    done = (Event.INDEXED.value, Event.CLOSED.value)
    found: dict[str, list[tuple[int, int]]] = {}
    with reading(engine) as session:
        for id_, revision, at in session.execute(
            select(events.c.post_id, events.c.revision, events.c.at).where(events.c.event.in_(done))
        ):
            found.setdefault(id_, []).append((revision, at))
    return found


def freshness(
    engine: sa.Engine, history: Sequence[Write], acknowledged: Mapping[int, int]
) -> list[float]:
    """Return, sorted, the seconds from each acknowledgement to the write being searchable.

    Writes that a newer one of the same post overtook never became searchable by themselves.
    """
    indexed: dict[tuple[str, int], int] = {}
    for id_, revisions in settled(engine).items():
        for revision, at in revisions:
            indexed[id_, revision] = min(at, indexed.get((id_, revision), at))
    return sorted(
        max(indexed[w.id, w.revision] - acknowledged[w.number], 0) / 1000
        for w in history
        if w.number in acknowledged and (w.id, w.revision) in indexed
    )


def percentile(values: Sequence[float], share: float) -> float:
    """Return a percentile of sorted values; 0 where there are none."""
    return values[min(int(len(values) * share), len(values) - 1)] if values else 0.0
