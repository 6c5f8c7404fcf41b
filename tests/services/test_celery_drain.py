"""Hints at real brokers: whatever becomes of them, each post is indexed, and once."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from kombu import Connection

from services import Server
from tests.services.support_celery import FAST, Setup, marks, prepared, started, until
from tests.worker.fakes import post, put
from worker import outbox
from worker.broker import Broker
from worker.config import WorkerConfig
from worker.engine import reading
from worker.events import Event
from worker.relay import Relay
from worker.tables import history
from worker.tables import outbox as rows


@pytest.fixture(params=["rabbitmq", "redis_server"])
def setup(
    request: pytest.FixtureRequest,
    postgresql: Server,
    fresh_database: Callable[[Server], str],
    tmp_path: Path,
) -> Setup:
    broker = fresh_database(request.getfixturevalue(request.param))
    return prepared(
        Setup(
            WorkerConfig(broker, **FAST).check(), fresh_database(postgresql), tmp_path, slow_s=1.5
        )
    )


@pytest.fixture
def engine(setup: Setup) -> Iterator[sa.Engine]:
    made = setup.engine()
    yield made
    made.dispose()


def waiting(engine: sa.Engine) -> int:
    with reading(engine) as session:
        return outbox.waiting(session)["waiting"]


def writes(setup: Setup) -> list[tuple[str, int]]:
    index = setup.index()
    try:
        return index.writes()
    finally:
        index.close()


def indexed(setup: Setup) -> set[str]:
    return {id_ for id_, _ in writes(setup)}


def recorded(engine: sa.Engine, event: Event) -> int:
    with reading(engine) as session:
        query = sa.select(sa.func.count()).select_from(history)
        return session.scalar(query.where(history.c.event == event.value)) or 0


def purge(setup: Setup) -> None:
    with Connection(setup.config.broker_url) as connection, connection.channel() as channel:
        for queue in (setup.config.live_queue, setup.config.backfill_queue):
            channel.queue_purge(queue)


def hint(setup: Setup, times: int = 1) -> None:
    broker = Broker(setup.config)
    for _ in range(times):
        broker.hint("live")
    broker.close()


def child_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])


def test_hints_lead_to_indexed_posts_and_sigterm_ends_in_order(
    setup: Setup, engine: sa.Engine
) -> None:
    with started("worker", setup) as worker, started("relay", setup) as relay:
        put(engine, *(post(f"p{n}") for n in range(25)))
        put(engine, *(post(f"b{n}") for n in range(25)), lane="backfill")
        until(lambda: waiting(engine) == 0, what="all is indexed")
        assert len(indexed(setup)) == 50
        assert relay.terminate() == 0
        assert worker.terminate() == 0, worker.text()


def test_purged_hints_are_sent_again_and_doubled_ones_do_nothing_twice(
    setup: Setup, engine: sa.Engine
) -> None:
    relay = Relay(setup.config, engine)
    put(engine, *(post(f"p{n}") for n in range(20)))
    assert relay.step() == {"live": 3, "backfill": 0}
    assert relay.step() == {"live": 0, "backfill": 0}  # they wait at the broker
    purge(setup)
    assert relay.step() == {"live": 3, "backfill": 0}
    purge(setup)
    hint(setup, 6)  # of two relays that did not see each other's
    relay.close()
    with started("worker", setup) as worker:
        until(lambda: waiting(engine) == 0, what="all is indexed")
        assert len(writes(setup)) == len(set(writes(setup))) == 20
        assert recorded(engine, Event.INDEXED) == 20
        assert worker.terminate() == 0


def test_sigterm_during_a_batch_finishes_it(setup: Setup, engine: sa.Engine) -> None:
    put(engine, post("p1", "slow one"), post("p2"))
    with started("worker", setup) as worker:
        hint(setup)
        until(lambda: marks(setup, "inferring"), what="the batch is in hand")
        assert waiting(engine) == 2
        assert worker.terminate() == 0, worker.text()
        assert waiting(engine) == 0
        assert recorded(engine, Event.INDEXED) == 2
        assert recorded(engine, Event.LEASE_LOST) == 0


def test_a_child_killed_during_a_batch_loses_nothing(setup: Setup, engine: sa.Engine) -> None:
    put(engine, post("p1", "slow one"), *(post(f"q{n}") for n in range(3)))
    with started("worker", setup) as worker:
        hint(setup)
        victim = until(lambda: marks(setup, "inferring"), what="the batch is in hand")[0]
        assert victim == child_of(worker.popen.pid)
        os.kill(victim, signal.SIGKILL)
        with started("relay", setup):
            until(lambda: waiting(engine) == 0, what="the rows came back")
        assert len(writes(setup)) == len(set(writes(setup))) == 4
        assert recorded(engine, Event.LEASE_LOST) == 4
        assert worker.terminate() == 0


def test_a_batch_over_its_time_is_given_back_and_the_child_lives(
    setup: Setup, engine: sa.Engine
) -> None:
    config = replace(
        setup.config, batch=1, batch_deadline_s=1.0, soft_limit_s=1.5, poll_s=0.05
    ).check()
    slow = replace(setup, config=config, slow_s=5.0)
    put(engine, post("p1", "slow one"))
    with started("worker", slow) as worker:
        hint(setup)
        until(lambda: "was given back" in worker.text(), what="the time is over")
        with reading(engine) as session:
            row = session.execute(sa.select(rows)).one()
        assert row.lease_token is None
        assert row.strikes == 0
        assert marks(slow, "inferring") == [child_of(worker.popen.pid)]


def test_an_inverted_chain_does_not_boot(tmp_path: Path) -> None:
    config = WorkerConfig("redis://127.0.0.1:1/0", **{**FAST, "lease_s": 5.0})
    wrong = Setup(config, "sqlite://", tmp_path)
    with started("worker", wrong) as worker:
        assert worker.popen.wait(60) != 0
        assert "hard_limit_s is 10 s and lease_s is 5 s; raise lease_s" in worker.text()
    assert not marks(wrong, "opened")
