"""Hints at real brokers: whatever becomes of them, each post is indexed, and once."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from kombu import Connection

from services import Server
from tests.services.support_celery import FAST, Process, Setup, marks, started, until
from tests.worker.fakes import post, put
from worker import outbox, schema
from worker.config import WorkerConfig
from worker.engine import reading


@pytest.fixture(params=["rabbitmq", "redis_server"])
def setup(
    request: pytest.FixtureRequest,
    postgresql: Server,
    fresh_database: Callable[[Server], str],
    tmp_path: Path,
) -> Setup:
    broker = request.getfixturevalue(request.param)
    config = WorkerConfig(fresh_database(broker), **FAST).check()
    made = Setup(config, fresh_database(postgresql), tmp_path, slow_s=1.5)
    engine = made.engine()
    schema.upgrade(engine)
    engine.dispose()
    return made


@pytest.fixture
def engine(setup: Setup) -> Iterator[sa.Engine]:
    made = setup.engine()
    yield made
    made.dispose()


def waiting(engine: sa.Engine) -> int:
    with reading(engine) as session:
        return outbox.waiting(session)["waiting"]


def indexed(setup: Setup) -> dict[str, int]:
    index = setup.index()
    try:
        return dict(index.writes())
    finally:
        index.close()


def test_hints_lead_to_indexed_posts_and_sigterm_ends_in_order(
    setup: Setup, engine: sa.Engine
) -> None:
    with started("worker", setup) as worker, started("relay", setup) as relay:
        put(engine, *(post(f"p{n}") for n in range(50)))
        until(lambda: waiting(engine) == 0, what=worker.text() + relay.text())
        assert len(indexed(setup)) == 50
        assert relay.terminate() == 0
        assert worker.terminate() == 0, worker.text()
