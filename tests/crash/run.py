"""The whole crash run: real servers, workers, writers, the monkey, quiet, and the checker.

Usage: ``python -m tests.crash.run --writes 10000 --seed 1 [--index both] [--report FILE]``.
Reconcile stays off: it would mend losses that must not happen. Exit status 1 on any violation.
"""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))  # where tests/services lies

from services import Elasticsearch, PostgreSQL, RabbitMQ, elasticsearch_pair

from tests.crash.crashrun import CrashRun, Options


def main(arguments: Sequence[str] | None = None) -> int:
    """Run once for each index that was asked for, and print the reports."""
    given = _parser().parse_args(arguments)
    # Ended from outside, it still ends what it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    wanted = ["embedded", "elasticsearch"] if given.index == "both" else [given.index]
    counts = [0 if index == "embedded" else given.nodes for index in wanted]
    report = given.report
    del given.index, given.nodes, given.report
    options = Options(**vars(given))
    good = True
    for nodes in counts:
        text, fine = _run(options, nodes)
        good = good and fine
        if report is not None:
            with report.open("a", encoding="utf-8") as file:
                file.write(f"{text}\n\n")
    return 0 if good else 1


def _run(options: Options, nodes: int) -> tuple[str, bool]:
    folder = Path(tempfile.mkdtemp(prefix="hirelens-crash-"))
    began = time.monotonic()

    def tell(line: str) -> None:
        sys.stdout.write(f"{time.monotonic() - began:7.1f} s  {line}\n")
        sys.stdout.flush()

    with PostgreSQL() as database, RabbitMQ() as broker, cluster(nodes) as found:
        tell("servers are up")
        outcome = CrashRun(options, folder, database, broker, tell, found).run()
    index = f"Elasticsearch, {nodes} node(s)" if nodes else "embedded"
    text = f"index: {index}\n{outcome}"
    sys.stdout.write(f"\n{text}\n")
    if outcome.good and not options.keep:
        shutil.rmtree(folder)
    else:
        sys.stdout.write(f"files of the run: {folder}\n")
    return text, outcome.good


@contextmanager
def cluster(nodes: int) -> Iterator[Sequence[Any]]:
    """Start no, one or two nodes of Elasticsearch."""
    with ExitStack() as stack:
        if nodes > 1:
            yield stack.enter_context(elasticsearch_pair())
        else:
            yield [stack.enter_context(Elasticsearch()) for _ in range(nodes)]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.crash.run", description=__doc__)
    parser.add_argument("--writes", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rate", type=float, default=20.0, help="writes a second, all writers")
    parser.add_argument("--every", type=float, default=2.5, help="seconds between two faults")
    parser.add_argument(
        "--index", choices=("embedded", "elasticsearch", "both"), default="embedded"
    )
    parser.add_argument(
        "--nodes", type=int, choices=(1, 2), default=2, help="of Elasticsearch, each with a copy"
    )
    parser.add_argument("--report", type=Path, help="also append the report to this file")
    parser.add_argument("--defect", help="plant a defect of tests/crash/defects.py")
    parser.add_argument("--keep", action="store_true", help="keep the logs of a good run too")
    return parser


if __name__ == "__main__":
    sys.exit(main())
