"""Real workers whose index cannot be used: they leave it alone, store posts, and catch up."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from services import Server
from tests.services.support_celery import FAST, Setup, prepared, started, until
from tests.services.test_celery_drain import indexed, waiting
from tests.services.test_celery_ingest import RabbitSender
from tests.worker.fakes import post, put
from worker import deadletters
from worker.config import WorkerConfig
from worker.engine import reading
from worker.tables import outbox as rows

POSTS = 400
OUTAGE_S = 6.0


@pytest.fixture
def setup(
    rabbitmq: Server,
    postgresql: Server,
    fresh_database: Callable[[Server], str],
    tmp_path: Path,
) -> Setup:
    config = WorkerConfig(fresh_database(rabbitmq), **FAST).check()
    return prepared(Setup(config, fresh_database(postgresql), tmp_path))


@pytest.fixture
def engine(setup: Setup) -> Iterator[sa.Engine]:
    made = setup.engine()
    yield made
    made.dispose()


def test_workers_pause_and_catch_up_and_messages_are_stored_meanwhile(
    setup: Setup, engine: sa.Engine
) -> None:
    away, tried = setup.folder / "away", setup.folder / "tried"
    away.touch()
    put(engine, *(post(f"p{n:03}", title=f"t{n}") for n in range(POSTS)))
    with started("relay", setup), started("worker", setup) as worker:
        until(tried.exists, what="the first try")
        RabbitSender(setup.config.broker_url).send({"id": "late", "title": "late"})
        until(lambda: waiting(engine) == POSTS + 1, 5.0, "a message is stored in an outage")
        time.sleep(OUTAGE_S)
        # Tries after at least 0.25, 0.5, 1, 2 and 4 s, whatever hints the relay sends.
        assert 2 <= len(tried.read_text().split()) <= 7
        away.unlink()
        until(lambda: not waiting(engine), 40.0, "everything is indexed")
        assert len(indexed(setup)) == POSTS + 1
        told = [json.loads(line) for line in worker.text().splitlines()]
    events = [line["event"] for line in told]
    assert events.count("index_unavailable") == 1
    assert events.count("index_back") == 1
    assert not {"retried", "failed", "dead", "lease_lost"} & set(events)
    with reading(engine) as session:
        assert deadletters.find(session, state=None) == []
        assert session.scalar(sa.select(sa.func.count()).select_from(rows)) == 0
