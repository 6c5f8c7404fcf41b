"""The state of the whole: what waits, what failed, what is stored.

Posts, outbox rows, open letters and open rejects are all counted, which takes longer the more there
are: it is for people, not for a scrape. Of the index a bounded number of stamps is read.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from search.index import Index, IndexUnavailableError
from worker import outbox, recipes, reconcile
from worker.clock import now_ms
from worker.engine import reading
from worker.tables import dead_letters, ingest_rejects, posts
from worker.tables import outbox as rows

DOCUMENTS = 100_000
"""Stamps of the index that are looked at; counts beyond are not told."""


@dataclass(frozen=True, slots=True)
class Lane:
    """Rows of one lane: all, those due now, those leased, the age of the oldest request (s)."""

    waiting: int
    due: int
    leased: int
    oldest_s: float


@dataclass(frozen=True, slots=True)
class Stats:
    """Figures at one moment; ``documents`` are counted by state and recipe.

    ``documents_seen`` reaches ``DOCUMENTS`` where there may be more; ``index_trouble`` says why the
    index could not be asked. ``walk`` is the last whole walk of reconcile, None before the first.
    """

    open: int
    closed: int
    lanes: dict[str, Lane]
    dead_letters: dict[str, int]
    rejects: int
    activation: dict[str, Any] | None
    documents: dict[str, dict[str, int]]
    documents_seen: int
    index_trouble: str | None
    walk: dict[str, Any] | None

    def to_mapping(self) -> dict[str, Any]:
        """Return the JSON form."""
        return asdict(self)


def gather(engine: sa.Engine, index: Index | None, documents: int = DOCUMENTS) -> Stats:
    """Read the figures; ``index`` is None where there is none yet."""
    with reading(engine) as session:
        found = session.execute(
            select(func.count(), func.sum(case((posts.c.deleted, 1), else_=0))).select_from(posts)
        ).one()
        total, closed = int(found[0]), int(found[1] or 0)
        active = recipes.active(session)
        walk = reconcile.last_walk(session)
        lanes = {name: _lane(session, number) for name, number in outbox.LANES.items()}
        dead = _open_letters(session)
        rejects = session.scalar(
            select(func.count()).select_from(ingest_rejects).where(ingest_rejects.c.state == "open")
        )
    counted: dict[str, dict[str, int]] = {}
    seen, trouble = 0, None
    if index is not None:
        try:
            counted, seen = _documents(index, documents)
        except IndexUnavailableError as error:
            trouble = str(error)
    return Stats(
        open=total - closed,
        closed=closed,
        lanes={str(name): lane for name, lane in lanes.items()},
        dead_letters=dead,
        rejects=rejects or 0,
        activation=None if active is None else asdict(active),
        documents=counted,
        documents_seen=seen,
        index_trouble=trouble,
        walk=None if walk is None else walk.to_mapping(),
    )


def _lane(session: Session, number: int) -> Lane:
    due = case((rows.c.due_at <= now_ms(), 1), else_=0)
    row: Any = session.execute(
        select(
            func.count(),
            func.sum(due),
            func.count(rows.c.lease_token),
            func.min(rows.c.asked_at),
            now_ms(),
        )
        .select_from(rows)
        .where(rows.c.lane == number)
    ).one()
    oldest = 0.0 if row[3] is None else max(row[4] - row[3], 0) / 1000
    return Lane(int(row[0]), int(row[1] or 0), int(row[2]), oldest)


def _open_letters(session: Session) -> dict[str, int]:
    columns = dead_letters.c
    query = select(columns.kind, func.count()).where(columns.state == "open")
    found = session.execute(query.group_by(columns.kind).order_by(columns.kind))
    return {kind: int(count) for kind, count in found}


def _documents(index: Index, limit: int) -> tuple[dict[str, dict[str, int]], int]:
    counts: dict[str, Counter[str]] = {"open": Counter(), "closed": Counter()}
    seen = 0
    for stamp in index.scan(limit=limit):
        counts[stamp.state][stamp.recipe] += 1
        seen += 1
    return {state: dict(counter.most_common()) for state, counter in counts.items()}, seen
