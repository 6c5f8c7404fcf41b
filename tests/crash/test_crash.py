"""The crash runs of CI: real servers, every kind of fault, and nothing may be wrong afterwards."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from services import Elasticsearch, PostgreSQL, RabbitMQ
from services.fixtures import obtain

from tests.crash.crashrun import CrashRun, Options
from tests.crash.monkey import NODE_TIMES, TIMES
from tests.crash.outcome import Outcome

WRITES = 1_000
NODE_WRITES = 300
FEWER = {
    **NODE_TIMES,
    "kill child": 3,
    "kill worker": 1,
    "kill writer": 1,
    "kill database": 1,
    "pause worker": 1,
}
"""The other faults are those of the longer run; here they meet a dying node."""


@pytest.mark.slow
@pytest.mark.service
def test_a_thousand_writes_through_every_fault(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = Options(writes=WRITES, seed=1, rate=16.0, every=2.0)
    # Servers of its own: the monkey kills them.
    with obtain(PostgreSQL) as database, obtain(RabbitMQ) as broker:
        outcome = run(options, tmp_path, database, broker)
    told(outcome, capsys)
    is_good(outcome, WRITES, TIMES)


@pytest.mark.slow
@pytest.mark.service
def test_some_writes_while_elasticsearch_dies_and_generations_change(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = Options(writes=NODE_WRITES, seed=1, rate=10.0, every=1.5, times=FEWER)
    with (
        obtain(PostgreSQL) as database,
        obtain(RabbitMQ) as broker,
        obtain(Elasticsearch) as node,
    ):
        outcome = run(options, tmp_path, database, broker, [node])
    told(outcome, capsys)
    is_good(outcome, NODE_WRITES, FEWER)
    assert outcome.steps["switched"] > 0
    assert outcome.outages.reasons, "no worker noticed that the index was away"


def run(
    options: Options, folder: Path, database: Any, broker: Any, nodes: Sequence[Any] = ()
) -> Outcome:
    return CrashRun(options, folder, database, broker, lambda _line: None, nodes).run()


def told(outcome: Outcome, capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        sys.stdout.write(f"\n{outcome}\n")


def is_good(outcome: Outcome, writes: int, times: Mapping[str, int]) -> None:
    assert len(outcome.acknowledged) == writes
    assert times.keys() == outcome.faults.keys(), "a kind of fault never happened"
    assert outcome.report.counts == {}, str(outcome)
    assert outcome.unexpected == {}, str(outcome)
    assert outcome.good
