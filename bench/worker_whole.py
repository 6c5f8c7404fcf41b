"""Part b: posts a second through a worker, against the bare reading of the same posts."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from services import PostgreSQL, RabbitMQ

from bench.worker_figures import Figure, alternate
from bench.worker_machinery import settled
from bench.worker_process import Processes, running
from bench.worker_stage import BenchProvider, database, demo_posts, folder, put, waiting
from enrich.post import Post
from search import document
from search.index import document_version

POSTS = 256
ROUNDS = 3
THREADS = 2
BATCH = 32
SHARE = 0.85


def measure(
    postgresql: PostgreSQL, rabbitmq: RabbitMQ, posts: int = POSTS, rounds: int = ROUNDS
) -> list[Figure]:
    """Measure both in turns, each at its best; a worker with one child has all the threads."""
    url = postgresql.fresh_database()
    with (
        database(url) as engine,
        folder() as home,
        running(
            url,
            rabbitmq.fresh_database(),
            home / "index.db",
            children=1,
            real=True,
            threads=THREADS,
        ) as processes,
    ):
        provider = BenchProvider(url, home / "unused.db", real=True, threads=THREADS)
        enricher = provider.enricher(None)
        numbers = iter(range(1_000_000))

        def bare() -> float:
            made = demo_posts(posts, f"bare{next(numbers)}")
            began = time.perf_counter()
            read(enricher, made)
            return posts / (time.perf_counter() - began)

        def whole() -> float:
            return _through(engine, processes, demo_posts(posts, f"whole{next(numbers)}"))

        put(engine, demo_posts(BATCH, "warm"))
        read(enricher, demo_posts(BATCH, "warm"))
        settled(engine, processes)
        pure, through = alternate(rounds, bare, whole)
    return [
        Figure("b", "bare: infer, assemble, build", max(pure), "posts/s"),
        Figure("b", "written, read by a worker, indexed", max(through), "posts/s"),
        Figure("b", "of bare", max(through) / max(pure), "share", SHARE),
    ]


def read(enricher: Any, posts: Sequence[Post]) -> None:  # noqa: ANN401 - either enricher
    """Read posts and build their documents; nothing is stored."""
    for start in range(0, len(posts), BATCH):
        part = [p.model_copy(update={"revision": 1}) for p in posts[start : start + BATCH]]
        enrichments = enricher.assemble(part, enricher.infer(part))
        for post, enrichment in zip(part, enrichments, strict=True):
            document.build(post, enrichment, document_version(1, 1), enricher.taxonomy)


def _through(engine: sa.Engine, processes: Processes, posts: Sequence[Post]) -> float:
    """Return posts a second once the first batch is done: waking up is no matter of throughput."""
    put(engine, posts)
    while (left := waiting(engine)) == len(posts):
        processes.check()
        time.sleep(0.02)
    began = time.perf_counter()
    return left / (settled(engine, processes) - began)
