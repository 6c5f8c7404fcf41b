"""What the write path costs; each figure and its bar from one run with real servers.

python bench/worker.py [--part a,b,c,d] [--json]
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from contextlib import ExitStack
from dataclasses import asdict
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# A script's own folder comes first otherwise, and this file would be the package `worker`.
sys.path[:] = [str(ROOT), str(ROOT / "tests"), *(p for p in sys.path if p != str(ROOT / "bench"))]
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

from services import PostgreSQL, RabbitMQ  # noqa: E402

from bench.worker_figures import Figure, table  # noqa: E402


def main() -> int:
    """Run the parts that were asked for and print their figures."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument(
        "--part", default="d,a,c,b", help="a machinery, b whole, c unchanged, d backlog"
    )
    options.add_argument("--json", action="store_true", help="one JSON object a figure")
    given = options.parse_args()
    parts = [part.strip() for part in given.part.split(",")]
    if unknown := set(parts) - set("abcd"):
        options.error(f"--part {','.join(sorted(unknown))}: choose from a, b, c, d")
    figures: list[Figure] = []
    with ExitStack() as stack:
        postgresql = stack.enter_context(PostgreSQL(fsync=True))
        rabbitmq = stack.enter_context(RabbitMQ()) if {"a", "b"} & set(parts) else None
        for part in parts:
            began, load = time.monotonic(), os.getloadavg()[0]
            found = _measure(part, postgresql, rabbitmq)
            figures += found
            note = f"part {part}: {time.monotonic() - began:.0f} s, load before {load:.1f}"
            print(note, file=sys.stderr)
            print("\n".join(json.dumps(asdict(f)) for f in found) if given.json else table(found))
    return 0


def _measure(part: str, postgresql: PostgreSQL, rabbitmq: RabbitMQ | None) -> list[Figure]:
    name = {"a": "machinery", "b": "whole", "c": "unchanged", "d": "backlog"}[part]
    module = import_module(f"bench.worker_{name}")
    servers = [postgresql, rabbitmq] if part in "ab" else [postgresql]
    found: list[Figure] = module.measure(*servers)
    return found


if __name__ == "__main__":
    sys.exit(main())
