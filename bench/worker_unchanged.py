"""Part c: what a post costs that has changed, and one that has not."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

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

POSTS = 256
ROUNDS = 2
REPEATS = 4
BODIES = 5
CHEAPER = 100.0
_NEW = "changed: written, read and indexed"


def measure(
    postgresql: PostgreSQL, posts: int = POSTS, rounds: int = ROUNDS, *, real: bool = True
) -> list[Figure]:
    """Measure in one process, the cheapest of several rounds that take turns.

    The bars hold for posts as long as those of job sites; the demo's short ones are told too.
    """
    figures: list[Figure] = []
    for bodies, length in ((BODIES, "long"), (1, "short")):
        with database(postgresql.fresh_database()) as engine, folder() as home:
            url = engine.url.render_as_string(hide_password=False)
            provider = BenchProvider(url, home / "index.db", real=real, threads=2)
            try:
                made = demo_posts(posts, "c", bodies=bodies)
                costs = _costs(engine, provider, made, rounds)
            finally:
                provider.close()
        figures += _told(costs, length)
    return figures


def _told(costs: Mapping[str, float], length: str) -> list[Figure]:
    new = costs[_NEW]
    figures = [Figure("c", f"{length} posts, {_NEW}", new * 1e3, "ms a post")]
    for what, cost in costs.items():
        if what != _NEW:
            bar = CHEAPER if length == "long" and "by itself" not in what else None
            figures += [
                Figure("c", f"{length} posts, {what}", cost * 1e3, "ms a post"),
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

    def best(work: Callable[[], None], before: Callable[[], None] = _nothing) -> float:
        return min(_seconds(work, before) for _ in range(REPEATS))

    new()  # a warm-up: the model is loaded
    measured: dict[str, Callable[[], float]] = {
        _NEW: lambda: _seconds(new, _nothing),
        "unchanged: written again": lambda: best(lambda: put(engine, now)),
        "unchanged: written again, each by itself": lambda: best(one_by_one),
        "unchanged: asked for again, nothing to do": lambda: best(run, ask_again),
    }
    found = alternate(rounds, *measured.values())
    return {what: min(all_) / len(posts) for what, all_ in zip(measured, found, strict=True)}


def _seconds(work: Callable[[], None], before: Callable[[], None]) -> float:
    before()
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _nothing() -> None:
    """Prepare nothing."""
