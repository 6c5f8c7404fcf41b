"""Part a: posts a second from due rows to settled, with an enricher that reads nothing."""

from __future__ import annotations

import os
import time

import sqlalchemy as sa
from services import PostgreSQL, RabbitMQ

from bench.worker_figures import Figure
from bench.worker_process import Processes, cpu_seconds, running
from bench.worker_stage import database, demo_posts, folder, put, waiting

POSTS = 4_000
ROUNDS = 3
CHILDREN = 2
A_SECOND = 500.0
_LIMIT_S = 120.0


def measure(
    postgresql: PostgreSQL, rabbitmq: RabbitMQ, posts: int = POSTS, rounds: int = ROUNDS
) -> list[Figure]:
    """Measure relay, broker, worker, database and index together, the best of some rounds."""
    url = postgresql.fresh_database()
    writes, settles, costs = [], [], []
    with (
        database(url) as engine,
        folder() as home,
        running(
            url, rabbitmq.fresh_database(), home / "index.db", children=CHILDREN, real=False
        ) as processes,
    ):
        put(engine, demo_posts(100, "warm"))
        settled(engine, processes)
        for number in range(rounds):
            made = demo_posts(posts, f"a{number}")
            pids = [os.getpid(), *processes.pids(), *postgresql.pids(), *rabbitmq.pids()]
            used, began = cpu_seconds(pids), time.perf_counter()
            put(engine, made)
            writes.append(posts / (time.perf_counter() - began))
            # The relay saw the first rows while the last were written: the clock starts before.
            settled(engine, processes)
            settles.append(posts / (time.perf_counter() - began))
            costs.append((cpu_seconds(pids) - used) / posts)
    return [
        Figure("a", "written, workers busy meanwhile", max(writes), "posts/s"),
        Figure(
            "a",
            f"written to indexed and settled, {CHILDREN} children",
            max(settles),
            "posts/s",
            A_SECOND,
        ),
        # Another's load hardly moves this one: two cores have two seconds of it in each second.
        Figure("a", "processor time of all, servers included", min(costs) * 1e3, "ms a post"),
    ]


def settled(engine: sa.Engine, processes: Processes, limit_s: float = _LIMIT_S) -> float:
    """Wait until nothing waits; returns the moment of ``time.perf_counter``.

    Raises:
        TimeoutError: rows still wait after ``limit_s``.
    """
    end = time.perf_counter() + limit_s
    while count := waiting(engine):
        processes.check()
        if time.perf_counter() > end:
            raise TimeoutError(f"{count} rows still wait after {limit_s:.0f} s")
        time.sleep(0.03)
    return time.perf_counter()
