"""How fast queries are understood: milliseconds a query (p50, p99), queries a second, one core.

The judged queries are read over and over, in an order that a seed decides; half of them stand with
a slip put in (a character replaced by one that sounds alike), since repairing costs most. The bar
is on processor time: on a busy machine the clock measures the neighbours. ``--tagger`` reads with
the shipped tagger, under a bar of its own.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import random
import sys
import time
from pathlib import Path

from enrich.taxonomy import Taxonomy
from search.intent.reader import IntentReader
from search.intent.tagger import shipped

QUERIES = Path(__file__).parent.parent / "tests" / "data" / "queries_judged.jsonl"
BAR_MS, TAGGER_BAR_MS = 5.0, 20.0
SLIPS = {"员": "圆", "计": "几", "安": "按", "工": "公", "厨": "除", "洗": "喜", "收": "守"}


def main() -> int:
    """Measure and print; 1 where the bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--tagger", action="store_true")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    bar = TAGGER_BAR_MS if args.tagger else BAR_MS
    print(f"load before: {os.getloadavg()[0]:.1f}", file=sys.stderr)
    started = time.perf_counter()
    reader = IntentReader(Taxonomy.load(), tagger=shipped() if args.tagger else None)
    built = time.perf_counter()
    reader.warm()
    warmed = time.perf_counter()
    rows = [json.loads(line)["query"] for line in QUERIES.read_text("utf-8").splitlines()]
    queries = rows + [slipped(query) for query in rows]
    random.Random(1).shuffle(queries)
    gc.collect()
    gc.freeze()  # as a server does: what was built stays
    both = [once(reader, query) for _ in range(args.rounds) for query in queries]
    took, clock = sorted(cpu for cpu, _ in both), sorted(wall for _, wall in both)
    figures = {
        "queries": len(took),
        "build_s": round(built - started, 2),
        "warm_s": round(warmed - built, 2),
        "p50_ms": round(took[len(took) // 2] * 1e3, 3),
        "p99_ms": round(took[int(len(took) * 0.99)] * 1e3, 3),
        "clock_p50_ms": round(clock[len(clock) // 2] * 1e3, 3),
        "clock_p99_ms": round(clock[int(len(clock) * 0.99)] * 1e3, 3),
        "queries_per_s": round(len(took) / sum(took)),
        "bar_p99_ms": bar,
    }
    print(
        json.dumps(figures) if args.json else "\n".join(f"{k:14} {v}" for k, v in figures.items())
    )
    return int(figures["p99_ms"] > bar)


def slipped(query: str) -> str:
    """Return a query with its first character replaced that has one sounding alike."""
    at = next((at for at, char in enumerate(query) if char in SLIPS), None)
    return query if at is None else query[:at] + SLIPS[query[at]] + query[at + 1 :]


def once(reader: IntentReader, query: str) -> tuple[float, float]:
    """Return the seconds that one query takes, of the processor and by the clock."""
    cpu, wall = time.thread_time(), time.perf_counter()
    reader.understand(query)
    return time.thread_time() - cpu, time.perf_counter() - wall


if __name__ == "__main__":
    sys.exit(main())
