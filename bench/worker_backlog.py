"""Part d: what a claim and its settling cost while few or very many rows wait."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from statistics import quantiles

import sqlalchemy as sa
from services import PostgreSQL

from bench.worker_figures import Figure, alternate
from bench.worker_stage import database
from worker import lease, outbox, recipes
from worker.claim import claim
from worker.engine import writing

SIZES = (1_000, 10_000, 100_000, 1_000_000)
CLAIMS = 150
DELAYED = 10_000
BATCH = 32
FLAT = 1.2
_LEASE_S = 300.0

_POSTS = """
INSERT INTO posts (id, revision, payload)
SELECT id, 1, json_build_object('id', id, 'title', '招聘服务员')
FROM (SELECT 'p' || lpad(g::text, 9, '0') AS id FROM generate_series(1, :size) g) made
"""
# Rows fell due long ago, in an order that has nothing to do with their ids.
_ROWS = """
INSERT INTO outbox (post_id, revision, lane, due_at, asked_at)
SELECT id, 1, :lane, 1000000 + row_number() OVER (ORDER BY md5(id)), 1000000 FROM posts
"""
_DELAYED = """
INSERT INTO outbox (post_id, revision, lane, due_at)
SELECT 'delayed' || g, 1, 0, 4000000000000 + g FROM generate_series(1, :count) g
"""


@dataclass(frozen=True)
class Backlog:
    """A database in which always the same number of rows is due."""

    engine: sa.Engine
    size: int
    lane: outbox.Lane

    def fill(self, *, known: bool = True) -> None:
        """Make the posts and their rows; unless ``known`` the database thinks there are none."""
        if not known:
            with self.engine.begin() as connection:
                connection.execute(sa.text("ALTER TABLE outbox SET (autovacuum_enabled = off)"))
            self.analyze()
        with self.engine.begin() as connection:
            connection.execute(sa.text(_POSTS), {"size": self.size})
            lane = outbox.LANES[self.lane]
            connection.execute(sa.text(_ROWS), {"lane": lane})
        if known:
            self.analyze()

    def delay(self, count: int) -> None:
        """Put live rows in front that are not due yet."""
        with self.engine.begin() as connection:
            connection.execute(sa.text(_DELAYED), {"count": count})
        self.analyze()

    def analyze(self) -> None:
        """Let the database know what it holds, as its own background work does in time."""
        with self.engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").execute(
                sa.text("VACUUM ANALYZE")
            )

    def turn(self) -> float:
        """Claim and settle one batch; return seconds a post, and put the rows back."""
        began = time.perf_counter()
        with writing(self.engine) as session:
            recipes.ensure(session, "bench-recipe")
            taken = claim(session, batch=BATCH, lease_seconds=_LEASE_S)
        with writing(self.engine) as session:
            held = lease.held(session, taken.token, taken.items)
            lease.remove(session, taken.token, taken.items)
        seconds = time.perf_counter() - began
        if len(held.items) != BATCH:
            raise AssertionError(f"claimed {len(taken.items)}, still held {len(held.items)}")
        asks = [outbox.Ask(item.post_id, item.revision) for item in taken.items]
        with writing(self.engine) as session:
            outbox.put_all(session, asks, self.lane)
        return seconds / BATCH


def measure(
    postgresql: PostgreSQL,
    sizes: Sequence[int] = SIZES,
    claims: int = CLAIMS,
    delayed: int = DELAYED,
) -> list[Figure]:
    """Measure four backlogs.

    Live rows; backfill rows; these behind live rows that are not due; backfill rows that came all
    at once, so that the database has no statistics of them yet.
    """
    figures: list[Figure] = []
    with _filled(postgresql, sizes, "live") as backlogs:
        figures += _compare(backlogs, claims, "live rows")
    with _filled(postgresql, sizes, "backfill") as backlogs:
        figures += _compare(backlogs, claims, "backfill rows")
        for backlog in backlogs:
            backlog.delay(delayed)
        figures += _compare(backlogs, claims, f"backfill rows, {delayed:,} delayed live")
    with _filled(postgresql, sizes, "backfill", known=False) as backlogs:
        figures += _compare(backlogs, claims, "backfill rows, just come")
    return figures


@contextmanager
def _filled(
    postgresql: PostgreSQL, sizes: Sequence[int], lane: outbox.Lane, *, known: bool = True
) -> Iterator[list[Backlog]]:
    with ExitStack() as stack:
        urls = [postgresql.fresh_database() for _ in sizes]
        engines = [stack.enter_context(database(url)) for url in urls]
        backlogs = [Backlog(e, size, lane) for e, size in zip(engines, sizes, strict=True)]
        for backlog in backlogs:
            backlog.fill(known=known)
        yield backlogs


def _compare(backlogs: Sequence[Backlog], claims: int, what: str) -> list[Figure]:
    for backlog in backlogs:
        backlog.turn()
    # The quietest tenth is the machine's own work; the rest is who else was running.
    costs = [quantiles(all_, n=10)[0] for all_ in alternate(claims, *(b.turn for b in backlogs))]
    figures = [
        Figure("d", f"claim and settle, {b.size:,} {what}", cost * 1e6, "us a post")
        for b, cost in zip(backlogs, costs, strict=True)
    ]
    ratio = max(costs) / min(costs)
    figures.append(
        Figure("d", f"dearest to cheapest, {what}", ratio, "times", FLAT, at_least=False)
    )
    return figures
