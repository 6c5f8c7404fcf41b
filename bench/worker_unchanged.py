"""Part c: what a post costs that has changed, and one that has not."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import sqlalchemy as sa
from services import PostgreSQL
from sqlalchemy import select

from bench.worker_figures import Figure, alternate
from bench.worker_stage import BenchProvider, changed, database, demo_posts, folder, put
from enrich.post import Post
from worker import outbox
from worker.drain import drain
from worker.engine import writing
from worker.posts import write
from worker.tables import posts as table

POSTS = 160
ROUNDS = 4
CHEAPER = 100.0


def measure(
    postgresql: PostgreSQL, posts: int = POSTS, rounds: int = ROUNDS, *, real: bool = True
) -> list[Figure]:
    """Measure in one process, the cheapest of several rounds that take turns."""
    with database(postgresql.fresh_database()) as engine, folder() as home:
        provider = BenchProvider(
            engine.url.render_as_string(hide_password=False),
            home / "index.db",
            real=real,
            threads=2,
        )
        try:
            costs = _costs(engine, provider, demo_posts(posts, "c"), rounds)
        finally:
            provider.close()
    new = costs.pop("changed: written, read and indexed")
    figures = [Figure("c", "changed: written, read and indexed", new * 1e3, "ms a post")]
    for what, cost in costs.items():
        bar = None if "by itself" in what else CHEAPER
        figures += [
            Figure("c", what, cost * 1e3, "ms a post"),
            Figure("c", "  cheaper than changed", new / cost, "times", bar),
        ]
    return figures


def _costs(
    engine: sa.Engine, provider: BenchProvider, posts: Sequence[Post], rounds: int
) -> dict[str, float]:
    now = list(posts)
    numbers = iter(range(1_000_000))

    def run() -> None:
        report = drain(
            engine,
            provider.enricher(None),
            provider.index,
            wait=False,
            parse=provider.parse,
            documents=provider.documents,
        )
        if report.done != len(posts):
            raise AssertionError(f"not everything was done: {report}")

    def new() -> None:
        now[:] = changed(posts, f"{next(numbers)}")
        put(engine, now)
        run()

    def ask_again() -> None:
        with writing(engine) as session:
            outbox.ask_missing(session, select(table.c.id, table.c.revision), "backfill")

    def one_by_one() -> None:
        for post in now:
            with writing(engine) as session:
                write(session, post)

    new()  # a warm-up: the model is loaded
    measured: dict[str, Callable[[], float]] = {
        "changed: written, read and indexed": lambda: _seconds(new),
        "unchanged: written again": lambda: _seconds(lambda: put(engine, now)),
        "unchanged: written again, each by itself": lambda: _seconds(one_by_one),
        "unchanged: asked for again, nothing to do": lambda: _seconds(run, ask_again),
    }
    found = alternate(rounds, *measured.values())
    return {what: min(all_) / len(posts) for what, all_ in zip(measured, found, strict=True)}


def _seconds(work: Callable[[], None], before: Callable[[], None] = lambda: None) -> float:
    before()
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
