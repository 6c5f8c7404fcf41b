"""Comparing index and database for ever, both ways; the only output is outbox rows.

What the index holds is never changed here. A document that is ahead of the database, or that the
database does not know, is told: only a person can say which side is right (``recover``).
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy import select
from sqlalchemy.orm import Session

from search.index import Index, IndexUnavailableError
from worker import backlog, cursors, log, metrics, outbox, recipes, registry, retry
from worker.clock import now_ms
from worker.drift import ALARMS, Finding, Kind, findings
from worker.engine import reading
from worker.outage import Outage
from worker.pages import read_ids, read_page
from worker.tables import posts
from worker.watched import of_another_space

LIMIT = 500
"""Ids of either side that one step reads."""
MAX_WAITING = 5_000
"""No step while so many backfill rows are due: the workers have enough to do."""
CURSOR = "reconcile"
LAST = "reconcile.last"


@dataclass(frozen=True, slots=True)
class Step:
    """What one bounded step saw; ``end`` is None where it finished a walk."""

    seen: int
    findings: tuple[Finding, ...]
    end: str | None


@dataclass(slots=True)
class Walk:
    """A walk in progress, or one that has ended; times in milliseconds of the database."""

    after: str = ""
    seen: int = 0
    asked: int = 0
    drift: Counter[str] = field(default_factory=Counter)
    began_at: int = 0
    ended_at: int | None = None

    def add(self, step: Step) -> None:
        """Take one step's figures over."""
        self.after = step.end or ""
        self.seen += step.seen
        self.asked += sum(finding.kind not in ALARMS for finding in step.findings)
        self.drift.update(finding.kind.value for finding in step.findings)

    def to_mapping(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "after": self.after,
            "seen": self.seen,
            "asked": self.asked,
            "drift": dict(self.drift),
            "began_at": self.began_at,
            "ended_at": self.ended_at,
        }

    @classmethod
    def of(cls, data: dict[str, Any] | None) -> Walk:
        """Read the JSON form back; None is a walk that has not begun."""
        return cls() if data is None else cls(**{**data, "drift": Counter(data["drift"])})


def look(engine: sa.Engine, index: Index, after: str = "", limit: int = LIMIT) -> Step:
    """Compare the ids behind ``after``; changes nothing.

    What seems wrong is looked at twice: a post that is just being written is no drift.

    Raises:
        IndexUnavailableError: it cannot be used now, or is of another model than the active
            recipe's: what it holds then tells nothing of what was lost.
    """
    _check_space(engine, index)
    page = read_page(engine, index, after, limit)
    found = findings(page.pairs, page.activation)
    doubted = [finding.id for finding in found if finding.kind is not Kind.STALE_RECIPE]
    if doubted:
        certain = [finding for finding in found if finding.kind is Kind.STALE_RECIPE]
        again = read_ids(engine, index, doubted)
        found = certain + findings(again.pairs, again.activation)
    return Step(len(page.pairs), tuple(sorted(found, key=lambda f: f.id)), page.end)


def _check_space(engine: sa.Engine, index: Index) -> None:
    # Between the two halves of a switch every document seems to be ahead of the database.
    with reading(engine) as session:
        active = recipes.active(session)
        row = None if active is None else registry.find(session, active.recipe)
    if row is not None and index.vector_space != row.vector_space:
        raise of_another_space(index.vector_space, row.vector_space)


def ask(session: Session, ids: Sequence[str]) -> int:
    """Ask for posts in the backfill where no row waits; returns for how many."""
    if not ids:
        return 0
    # Locked: a writer's newer revision must not slip between reading it and asking for it.
    chosen = select(posts.c.id, posts.c.revision).where(posts.c.id.in_(ids))
    session.execute(chosen.order_by(posts.c.id).with_for_update()).all()
    return outbox.ask_missing(session, chosen, "backfill")


def advance(engine: sa.Engine, index: Index, *, limit: int = LIMIT) -> Step:
    """Take the next step of the endless walk: one page, one transaction."""
    with reading(engine) as session:
        walk = Walk.of(cursors.load(session, CURSOR))
    return _step(engine, index, walk, limit, CURSOR)


def walk_once(engine: sa.Engine, index: Index, *, limit: int = LIMIT) -> tuple[Walk, list[Finding]]:
    """Walk through everything now, apart from the endless walk; returns the alarms by post."""
    walk = Walk()
    alarms: list[Finding] = []
    while True:
        step = _step(engine, index, walk, limit, None)
        alarms += [finding for finding in step.findings if finding.kind in ALARMS]
        if step.end is None:
            return walk, alarms


def last_walk(session: Session) -> Walk | None:
    """Return the figures of the last walk that ended."""
    data = cursors.load(session, LAST)
    return None if data is None else Walk.of(data)


def run(engine: sa.Engine, index: Index, stop: threading.Event, interval_s: float = 1.0) -> None:
    """Walk for ever, one step each ``interval_s`` seconds, until ``stop`` is set.

    A database or index that cannot be reached is tried again.
    """
    log.emit(log.LogEvent.STARTED, role="reconcile")
    lost_since: float | None = None
    outage = Outage("reconcile")
    while not stop.is_set():
        pause = interval_s
        try:
            with reading(engine) as session:
                busy = backlog.of(session, "backfill", MAX_WAITING).due >= MAX_WAITING
            if not busy or outage.lasts:
                advance(engine, index)
                outage.succeeded()
        except IndexUnavailableError as error:
            pause = max(outage.failed(error), interval_s)
        except (sa.exc.SQLAlchemyError, sqlite3.OperationalError, OSError) as error:
            if isinstance(error, sa.exc.SQLAlchemyError) and not retry.is_transient(error):
                raise
            pause = max(5.0, interval_s)
            lost_since = lost_since or time.monotonic()
            problem = f"{type(error).__name__}: {error}"[:500]
            log.emit(
                log.LogEvent.CONNECTION_LOST,
                peer="database or index",
                role="reconcile",
                error=problem,
                wait_s=pause,
            )
        else:
            _tell_back(lost_since)
            lost_since = None
        stop.wait(pause)
    log.emit(log.LogEvent.STOPPED, role="reconcile", reason="asked to stop")


def _tell_back(lost_since: float | None) -> None:
    """Tell that the database, or the index's file, can be reached again."""
    if lost_since is not None:
        log.emit(
            log.LogEvent.CONNECTION_BACK,
            peer="database or index",
            role="reconcile",
            seconds=time.monotonic() - lost_since,
        )


def _step(engine: sa.Engine, index: Index, walk: Walk, limit: int, cursor: str | None) -> Step:
    step = look(engine, index, walk.after, limit)
    mended = [finding.id for finding in step.findings if finding.kind not in ALARMS]

    def write(session: Session) -> None:
        ask(session, mended)
        now = session.scalar(select(now_ms())) or 0
        walk.began_at = walk.began_at or now
        if step.end is None:
            walk.ended_at = now
            cursors.save(session, LAST, walk.to_mapping())
        if cursor is not None:
            following = Walk() if step.end is None else walk
            cursors.save(session, cursor, following.to_mapping())

    walk.add(step)
    retry.run(engine, write)
    _tell(step, walk)
    return step


def _tell(step: Step, walk: Walk) -> None:
    for kind, count in Counter(finding.kind for finding in step.findings).items():
        metrics.drift(kind.value, count)
    for finding in step.findings:
        if finding.kind in ALARMS:
            log.emit(
                log.LogEvent.DRIFT,
                kind=finding.kind.value,
                post=finding.id,
                version=finding.version or 0,
                revision=finding.revision or 0,
            )
    if walk.ended_at is not None:
        log.emit(
            log.LogEvent.RECONCILED,
            seen=walk.seen,
            asked=walk.asked,
            drift=sum(walk.drift.values()),
            seconds=(walk.ended_at - walk.began_at) / 1000,
        )
