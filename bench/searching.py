"""From a query to its fused answer: latency and processor time, whole and by step, in one run.

bench/searching.py --home DIR [--queries FILE] [--count N] [--seed N] [--json FILE]
bench/searching.py --home DIR --index elasticsearch [--url URL] [--posts N]

The home's posts, its model as query tower. Exits 1 when p50 is above 30 ms or p99 above 100 ms,
asked one at a time, the query's vector not made before.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# A script's own folder comes first otherwise, and `bench` would not be found as a package.
sys.path[:] = [str(ROOT), str(ROOT / "tests"), *(p for p in sys.path if p != str(ROOT / "bench"))]
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

from bench.search_figures import Asked, Times, step_table, table  # noqa: E402
from bench.search_queries import from_file, queries  # noqa: E402
from bench.search_watch import WatchedPlace, steps  # noqa: E402
from search.channels import Channel  # noqa: E402
from search.service import Searcher  # noqa: E402

P50_MS, P99_MS = 30.0, 100.0
WARM_UP = 120
"""Queries until everything that a process loads once is loaded."""
THREADS = 2


def main() -> int:
    """Measure and print."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--home", type=Path, required=True, help="a home with posts")
    options.add_argument("--queries", type=Path, help="a file of queries, one a line; else made")
    options.add_argument("--count", type=int, default=300, help="queries that are made")
    options.add_argument("--seed", type=int, default=9, help="of the queries")
    options.add_argument("--threads", type=int, default=1, help="of the query tower")
    options.add_argument("--index", choices=("embedded", "elasticsearch"), default="embedded")
    options.add_argument("--url", help="an Elasticsearch node that runs; else one is started")
    options.add_argument("--posts", type=int, help="Elasticsearch: copy so many of the posts")
    options.add_argument("--json", type=Path, help="write every figure to this file")
    given = options.parse_args()
    if given.index == "embedded":
        return measure(WatchedPlace.of(given.home, given.threads), given)
    from bench.search_elastic import filled

    with filled(given.home, given.threads, given.url, given.posts) as place:
        return measure(place, given)


def measure(place: WatchedPlace, given: argparse.Namespace) -> int:
    """Ask every query cold, warm, by words alone, and from two threads; return the exit code."""
    place.check()
    taxonomy = place.query_taxonomy
    asked = (
        from_file(given.queries) if given.queries else queries(given.count, given.seed, taxonomy)
    )
    searcher = place.searcher
    known = {query for _, query in asked}
    for _, query in _new(queries(WARM_UP, given.seed + 1, taxonomy), known):
        searcher.search(query)
    # As a serving process should: a full collection of what was loaded once stops all for 0.3 s.
    gc.collect()
    gc.freeze()
    runs = {"all, cold": one_by_one(place, asked, "all", cold=True)}
    one_by_one(place, asked, "all")  # every vector is kept from here on
    runs["all, warm"] = one_by_one(place, asked, "all")
    runs["text alone"] = one_by_one(place, asked, "text")
    others = _new(queries(len(asked), given.seed + 2, taxonomy), known)
    place.forget()
    runs["all, two threads, cold"] = together(searcher, others)
    runs["all, two threads, warm"] = together(searcher, others)
    gc.unfreeze()
    posts = place.posts()
    print(f"{posts:,} open posts, {len(asked)} queries, load {os.getloadavg()[0]:.1f}\n")
    print(table(runs) + "\n\n" + step_table(runs["all, cold"], runs["all, warm"]))
    whole, text = Times.of(runs["all, warm"]), Times.of(runs["text alone"])
    print(
        f"\nall, warm, against text alone: {whole.p50 / text.p50:.2f} times at p50, "
        f"{whole.cpu_p50 / text.cpu_p50:.2f} of the processor's time"
    )
    if given.json:
        told = {name: [one.to_mapping() for one in run] for name, run in runs.items()}
        given.json.write_text(json.dumps({"posts": posts, "runs": told}, ensure_ascii=False))
    cold = Times.of(runs["all, cold"])
    return int(cold.p50 > P50_MS or cold.p99 > P99_MS)


def _new(some: Sequence[tuple[str, str]], known: set[str]) -> list[tuple[str, str]]:
    """Return those that were not asked before, and remember them."""
    found = [one for one in some if one[1] not in known]
    known.update(query for _, query in found)
    return found


def one_by_one(
    place: WatchedPlace, asked: Sequence[tuple[str, str]], channel: Channel, *, cold: bool = False
) -> list[Asked]:
    """Ask each query once, one at a time; ``cold``: no vector is kept from another one."""
    found = []
    place.log.taken()
    for kind, query in asked:
        if cold:
            place.forget()
        start, cpu, own = time.perf_counter(), time.process_time(), time.thread_time()
        answer = place.searcher.search(query, channel)
        end, spent = time.perf_counter(), time.process_time() - cpu
        parts = steps(place.log.taken(), start, end, time.thread_time() - own)
        trouble = next((run.trouble for run in answer.runs if run.trouble), None)
        found.append(Asked(kind, query, end - start, spent, len(answer.hits), parts, trouble))
    return found


def together(searcher: Searcher, asked: Sequence[tuple[str, str]]) -> list[Asked]:
    """Ask each query once, from two threads; the processor's time is shared evenly."""

    def ask(one: tuple[str, str]) -> Asked:
        start = time.perf_counter()
        answer = searcher.search(one[1])
        return Asked(*one, time.perf_counter() - start, 0.0, len(answer.hits))

    cpu = time.process_time()
    with ThreadPoolExecutor(THREADS) as pool:
        found = list(pool.map(ask, asked))
    each = (time.process_time() - cpu) / len(asked)
    return [one.with_cpu(each) for one in found]


if __name__ == "__main__":
    sys.exit(main())
