"""The crash run of CI: real servers, every kind of fault, and nothing may be wrong afterwards."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from services import PostgreSQL, RabbitMQ
from services.fixtures import obtain

from tests.crash.crashrun import CrashRun, Options
from tests.crash.monkey import TIMES

WRITES = 1_000


@pytest.mark.slow
@pytest.mark.service
def test_a_thousand_writes_through_every_fault(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = Options(writes=WRITES, seed=1, rate=16.0, every=2.0)
    # Servers of its own: the monkey kills them.
    with obtain(PostgreSQL) as database, obtain(RabbitMQ) as broker:
        outcome = CrashRun(options, tmp_path, database, broker, lambda _line: None).run()
    with capsys.disabled():
        sys.stdout.write(f"\n{outcome}\n")
    assert len(outcome.acknowledged) == WRITES
    assert TIMES.keys() == outcome.faults.keys(), "a kind of fault never happened"
    assert outcome.report.counts == {}, str(outcome)
    assert outcome.unexpected == {}, str(outcome)
    assert outcome.good
