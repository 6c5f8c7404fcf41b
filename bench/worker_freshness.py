"""Part e: from the commit of a live post to its document being searchable, backfill or not."""

from __future__ import annotations

import time
from collections.abc import Sequence
from math import ceil

import sqlalchemy as sa
from services import PostgreSQL, RabbitMQ
from sqlalchemy import func, select

from bench.worker_figures import Figure
from bench.worker_machinery import settled
from bench.worker_process import Processes, running
from bench.worker_stage import database, demo_posts, folder, put, waiting
from enrich.post import Post
from worker.engine import reading, writing
from worker.events import Event
from worker.posts import write
from worker.tables import history

LIVE = 200
BACKFILL = 2_000
OVER_S = 10.0
READ_S = 0.005
"""What the stand-in for a model takes for a post: the backfill lasts as long as the writing."""
ALONE_S = 5.0
BESIDE_S = 10.0


def measure(
    postgresql: PostgreSQL,
    rabbitmq: RabbitMQ,
    live: int = LIVE,
    backfill: int = BACKFILL,
    over_s: float = OVER_S,
) -> list[Figure]:
    """Write live posts one by one, first alone, then while a worker with one child backfills.

    Ages are read from the history, by the database's clock: from the write of a post (just before
    its commit) to the settling of its row (just after its document was written).
    """
    url = postgresql.fresh_database()
    with (
        database(url) as engine,
        folder() as home,
        running(
            url,
            rabbitmq.fresh_database(),
            home / "index.db",
            children=1,
            real=False,
            read_s=READ_S,
        ) as processes,
    ):
        put(engine, demo_posts(100, "warm"))
        settled(engine, processes)
        alone, _ = _ages(engine, processes, demo_posts(live, "alone"), over_s)
        put(engine, demo_posts(backfill, "old"), "backfill")
        beside, left = _ages(engine, processes, demo_posts(live, "beside"), over_s)
    what = f"{live} live posts in {over_s:g} s"
    return [
        Figure("e", f"{what}, 95 of 100 searchable within", _share(alone), "s", ALONE_S, False),
        Figure("e", "  the last one within", max(alone), "s"),
        Figure(
            "e",
            f"the same while {backfill} backfill posts are read",
            _share(beside),
            "s",
            BESIDE_S,
            False,
        ),
        Figure("e", "  the last one within", max(beside), "s"),
        # Otherwise there was no backfill to wait behind, and the figure above says nothing.
        Figure("e", "  backfill posts left after the last live one", left, "posts", 1),
    ]


def _ages(
    engine: sa.Engine, processes: Processes, posts: Sequence[Post], over_s: float
) -> tuple[list[float], int]:
    """Return the ages in seconds, and how many rows waited once the last live one was settled."""
    began = time.perf_counter()
    for number, post in enumerate(posts):
        time.sleep(max(began + number * over_s / len(posts) - time.perf_counter(), 0.0))
        with writing(engine) as session:
            write(session, post)
    names = [post.id for post in posts]
    end = time.perf_counter() + 60.0
    while len(found := _found(engine, names)) < len(posts):
        processes.check()
        if time.perf_counter() > end:
            raise TimeoutError(f"{len(found)} of {len(posts)} live posts were indexed in a minute")
        time.sleep(0.05)
    return found, waiting(engine)


def _found(engine: sa.Engine, names: Sequence[str]) -> list[float]:
    """Return the ages of the posts that are searchable."""
    columns = history.c

    def first(event: Event) -> sa.Subquery:
        at = func.min(columns.at).label("at")
        seen = columns.event == event.value, columns.post_id.in_(names)
        return select(columns.post_id, at).where(*seen).group_by(columns.post_id).subquery()

    written, indexed = first(Event.WRITTEN), first(Event.INDEXED)
    with reading(engine) as session:
        ages = session.scalars(
            select(indexed.c.at - written.c.at).where(indexed.c.post_id == written.c.post_id)
        )
        return [age / 1e3 for age in ages]


def _share(ages: Sequence[float]) -> float:
    """Return the age that 95 of 100 do not pass."""
    return sorted(ages)[ceil(0.95 * len(ages)) - 1]
