"""What the write path costs; each figure and its bar from one run with real servers.

python bench/worker.py [--part a,b,c,d,e] [--json]

Exits 1 when a bar is missed.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# A script's own folder comes first otherwise, and this file would be the package `worker`.
sys.path[:] = [str(ROOT), str(ROOT / "tests"), *(p for p in sys.path if p != str(ROOT / "bench"))]
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

from services import PostgreSQL, RabbitMQ  # noqa: E402

from bench.worker_figures import Figure, json_lines, status, table  # noqa: E402

PARTS = {"a": "machinery", "b": "whole", "c": "unchanged", "d": "backlog", "e": "freshness"}
QUEUED = frozenset("abe")
"""Those that need a broker."""


def main() -> int:
    """Run the parts that were asked for and print their figures."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument(
        "--part", default="d,a,e,c,b", help=", ".join(f"{p} {n}" for p, n in PARTS.items())
    )
    options.add_argument("--json", action="store_true", help="one JSON object a figure")
    given = options.parse_args()
    parts = [part.strip() for part in given.part.split(",")]
    if unknown := set(parts) - set(PARTS):
        options.error(f"--part {','.join(sorted(unknown))}: choose from {', '.join(PARTS)}")
    figures: list[Figure] = []
    with ExitStack() as stack:
        postgresql = stack.enter_context(PostgreSQL(fsync=True))
        rabbitmq = stack.enter_context(RabbitMQ()) if QUEUED & set(parts) else None
        for part in parts:
            began, load = time.monotonic(), os.getloadavg()[0]
            found = _measure(part, postgresql, rabbitmq)
            figures += found
            note = f"part {part}: {time.monotonic() - began:.0f} s, load before {load:.1f}"
            print(note, file=sys.stderr)
            print(json_lines(found) if given.json else table(found), flush=True)
    return status(figures)


def _measure(part: str, postgresql: PostgreSQL, rabbitmq: RabbitMQ | None) -> list[Figure]:
    module = import_module(f"bench.worker_{PARTS[part]}")
    servers = [postgresql, rabbitmq] if part in QUEUED else [postgresql]
    found: list[Figure] = module.measure(*servers)
    return found


if __name__ == "__main__":
    sys.exit(main())
