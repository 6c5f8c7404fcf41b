"""A worker or the relay of a crash run, as real as the command line starts them.

Usage: ``python -m tests.crash.workers SETUP.json worker-1`` or ``… relay``.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial

from tests.crash import defects
from tests.crash.encoder import warm
from tests.crash.provider import CrashProvider
from tests.crash.setup import Setup
from worker import log, stopping
from worker.app import create_app, run_worker
from worker.engine import create_engine
from worker.relay import Relay


def main(arguments: Sequence[str]) -> int:
    """Run one process until it is killed or told to end; returns its exit status."""
    setup, name = Setup.load(arguments[0]), arguments[1]
    log.setup(json=True, level="info")
    if setup.defect in defects.DEFECTS:
        defects.plant(setup.defect)
    if name == "relay":
        _relay(setup)
        return 0
    return _worker(setup)


def _relay(setup: Setup) -> None:
    stop = stopping.on_signals()
    Relay(setup.config, create_engine(setup.database_url)).run(stop)


def _worker(setup: Setup) -> int:
    warm()
    app = create_app(setup.config, partial(CrashProvider, setup))
    config = setup.config
    return run_worker(app, [config.live_queue, config.backfill_queue, config.ingest_queue])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
