"""The whole crash run: real servers, workers, writers, the monkey, quiet, and the checker.

Usage: ``python -m tests.crash.run --writes 10000 --seed 1 [--report FILE]``. Reconcile stays off:
it would mend losses that must not happen. Exit status 1 on any violation.
"""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # where tests/services lies

from services import PostgreSQL, RabbitMQ

from tests.crash.crashrun import CrashRun, Options


def main(arguments: Sequence[str] | None = None) -> int:
    """Run once and print the report."""
    options = _options(arguments)
    # Ended from outside, it still ends what it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    folder = Path(tempfile.mkdtemp(prefix="hirelens-crash-"))
    began = time.monotonic()

    def tell(line: str) -> None:
        sys.stdout.write(f"{time.monotonic() - began:7.1f} s  {line}\n")
        sys.stdout.flush()

    with PostgreSQL() as database, RabbitMQ() as broker:
        tell("servers are up")
        outcome = CrashRun(options, folder, database, broker, tell).run()
    text = str(outcome)
    sys.stdout.write(f"\n{text}\n")
    if options.report is not None:
        options.report.write_text(f"{text}\n", encoding="utf-8")
    if outcome.good and not options.keep:
        shutil.rmtree(folder)
    else:
        sys.stdout.write(f"files of the run: {folder}\n")
    return 0 if outcome.good else 1


def _options(arguments: Sequence[str] | None) -> Options:
    parser = argparse.ArgumentParser(prog="python -m tests.crash.run", description=__doc__)
    parser.add_argument("--writes", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rate", type=float, default=20.0, help="writes a second, all writers")
    parser.add_argument("--every", type=float, default=2.5, help="seconds between two faults")
    parser.add_argument("--report", type=Path, help="also write the report into this file")
    parser.add_argument("--defect", help="plant a defect of tests/crash/defects.py")
    parser.add_argument("--keep", action="store_true", help="keep the logs of a good run too")
    return Options(**vars(parser.parse_args(arguments)))


if __name__ == "__main__":
    sys.exit(main())
