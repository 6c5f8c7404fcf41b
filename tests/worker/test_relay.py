from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from kombu import Connection
from kombu.exceptions import OperationalError

from tests.worker.fakes import post, put
from worker import backlog, owner, rejects, retry
from worker.backlog import Backlog
from worker.broker import Broker
from worker.claim import claim
from worker.config import WorkerConfig
from worker.engine import reading, writing
from worker.relay import MAX_HINTS, Relay, hints_needed
from worker.tables import dead_letters
from worker.tables import outbox as rows


@pytest.fixture
def config() -> WorkerConfig:
    # kombu's memory broker belongs to the whole process: each test has its own names.
    return WorkerConfig("amqp://unused", prefix=uuid.uuid4().hex, batch=4, poll_s=0.01).check()


def connect() -> Connection:
    return Connection("memory://")


@pytest.fixture
def relay(config: WorkerConfig, engine: sa.Engine) -> Iterator[Relay]:
    made = Relay(config, engine, connect)
    yield made
    made.close()


def take(queue: str) -> list[Any]:
    """Empty a queue as a worker would; the messages' bodies and headers."""
    found = []
    with connect() as connection, connection.channel() as channel:
        while (message := channel.basic_get(queue, no_ack=True)) is not None:
            found.append((json.loads(message.body), message.headers))
    return found


@pytest.mark.parametrize(
    ("rows", "waiting", "needed"),
    [
        (Backlog(), 0, 0),
        (Backlog(due=1), 0, 1),
        (Backlog(due=4), 0, 1),
        (Backlog(due=5), 0, 2),
        (Backlog(due=5), 1, 1),
        (Backlog(due=5), 9, 0),
        (Backlog(due=5, suspects=5), 0, 5),
        (Backlog(due=9, suspects=1), 0, 3),
        (Backlog(due=10_000), 0, MAX_HINTS),
        (Backlog(due=10_000), MAX_HINTS - 1, 1),
    ],
)
def test_one_hint_for_each_batch_that_no_hint_waits_for(
    rows: Backlog, waiting: int, needed: int
) -> None:
    assert hints_needed(rows, 4, waiting) == needed


def test_hints_go_to_the_lanes_that_have_work(
    relay: Relay, config: WorkerConfig, engine: sa.Engine
) -> None:
    assert relay.step() == {"live": 0, "backfill": 0}
    put(engine, *(post(f"b{n}") for n in range(9)), lane="backfill")
    put(engine, post("p1"))
    assert relay.step() == {"live": 1, "backfill": 3}
    assert relay.step() == {"live": 0, "backfill": 0}
    ((body, headers),) = take(config.live_queue)
    assert body == [["live"], {}, {}]
    assert headers["task"] == "hirelens.drain"
    assert len(take(config.backfill_queue)) == 3
    assert relay.step() == {"live": 1, "backfill": 3}  # lost hints are sent again


def test_live_hints_are_sent_before_backfill_is_looked_at(
    config: WorkerConfig, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []
    monkeypatch.setattr(Broker, "waiting", lambda _self, _lane: 0)
    monkeypatch.setattr(Broker, "hint", lambda _self, lane: sent.append(lane))
    put(engine, post("b1"), lane="backfill")
    put(engine, post("p1"))
    relay = Relay(config, engine, connect)
    relay.step()
    assert sent == ["live", "backfill"]


def test_a_second_relay_sees_the_hints_of_the_first(
    relay: Relay, config: WorkerConfig, engine: sa.Engine
) -> None:
    put(engine, post("p1"))
    other = Relay(config, engine, connect)
    assert relay.step()["live"] == 1
    assert other.step()["live"] == 0
    other.close()


def test_leased_rows_need_no_hint_until_their_holder_is_gone(
    relay: Relay, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(engine, post("p1"))
    with writing(engine) as session:
        claim(session, batch=4, lease_seconds=300)
    assert relay.step()["live"] == 0
    monkeypatch.setattr(owner, "is_gone", lambda _holder: True)
    assert relay.step()["live"] == 1


def test_the_backlog_is_counted_up_to_a_bound(engine: sa.Engine) -> None:
    put(engine, *(post(f"p{n}") for n in range(9)))
    with writing(engine) as session:
        session.execute(sa.update(rows).where(rows.c.post_id == "p0").values(lost=1))
        session.execute(sa.update(rows).values(asked_at=rows.c.asked_at - 5000))
        found = backlog.read(session, most=5)
    assert found["live"].due == 5
    assert found["live"].suspects == 1
    assert 5.0 <= found["live"].oldest_s < 60.0
    assert found["backfill"] == Backlog()


def test_open_dead_letters_are_counted(engine: sa.Engine) -> None:
    with writing(engine) as session:
        for state in ("open", "open", "closed"):
            session.execute(
                sa.insert(dead_letters).values(
                    post_id=state, revision=1, kind="error", error="x", attempts=1,
                    created_at=1, state=state, changed_at=1,
                )
            )  # fmt: skip
        assert backlog.sweep(session) == 2


def test_messages_that_the_broker_gave_up_become_rejects(
    relay: Relay, config: WorkerConfig, engine: sa.Engine
) -> None:
    relay.step()
    good = json.dumps([[{"id": "p1", "title": "会计"}], {}, {}])
    bodies = [(good, {"task": "hirelens.ingest", "id": "t1"}), ("no json", {})]
    with connect() as connection:
        for body, headers in bodies:
            connection.Producer().publish(
                body,
                exchange=config.dead_exchange,
                routing_key=config.dead_queue,
                headers=headers,
                content_type="application/json",
                content_encoding="utf-8",
            )
    relay.sweep()
    with reading(engine) as session:
        found = rejects.find(session)
    assert (found[0].task_id, found[0].post_id) == ("t1", "p1")
    assert [r.payload for r in found] == ['{"id": "p1", "title": "会计"}', "no json"]
    assert not take(config.dead_queue)
    with writing(engine) as session:
        assert rejects.replay(session, found[0].id).outcome == "written"


def running(relay: Relay) -> tuple[threading.Thread, threading.Event]:
    stop = threading.Event()
    thread = threading.Thread(target=relay.run, args=(stop,))
    thread.start()
    return thread, stop


def until(condition: Callable[[], Any]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_broker_that_is_away_is_waited_for(config: WorkerConfig, engine: sa.Engine) -> None:
    tries: list[int] = []

    def flaky() -> Connection:
        tries.append(1)
        if len(tries) < 4:
            raise ConnectionRefusedError("no broker")
        return connect()

    put(engine, post("p1"))
    relay = Relay(config, engine, flaky)
    with pytest.raises(OperationalError):
        relay.step()
    thread, stop = running(relay)
    until(lambda: take(config.live_queue) if len(tries) > 3 else None)
    stop.set()
    thread.join(10)
    assert not thread.is_alive()


def test_a_database_that_is_away_is_waited_for(
    config: WorkerConfig, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = retry.run
    tries: list[int] = []

    def flaky(*args: Any, **more: Any) -> Any:
        tries.append(1)
        if len(tries) < 3:
            raise sa.exc.TimeoutError("no connection is free")
        return run(*args, **more)

    monkeypatch.setattr(retry, "run", flaky)
    put(engine, post("p1"))
    thread, stop = running(Relay(config, engine, connect))
    until(lambda: take(config.live_queue) if len(tries) > 2 else None)
    stop.set()
    thread.join(10)
    assert not thread.is_alive()


def test_a_fault_of_the_program_ends_the_relay(
    config: WorkerConfig, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: Any, **_more: Any) -> Any:
        raise sa.exc.ProgrammingError("SELECT", {}, Exception("no such table"))

    monkeypatch.setattr(retry, "run", broken)
    with pytest.raises(sa.exc.ProgrammingError):
        Relay(config, engine, connect).run(threading.Event())


def test_redis_has_no_dead_queue(config: WorkerConfig, engine: sa.Engine) -> None:
    broker = Broker(replace(config, broker_url="redis://unused"), connect)
    assert broker.empty_dead_queue(engine) == 0
