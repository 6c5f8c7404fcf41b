"""Posts of other systems, sent with nothing but a broker's own library, as docs/ingest.md says."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import amqp
import pytest
import redis
import sqlalchemy as sa
from kombu import Connection
from sqlalchemy.orm import Session

from services import Redis, Server
from services.fixtures import obtain
from tests.services.support_celery import FAST, ROOT, Setup, prepared, started, until
from worker import rejects, schema, topology
from worker.checks import SettingsError
from worker.config import WorkerConfig
from worker.engine import create_engine, reading
from worker.relay import Relay
from worker.tables import history, ingest_deliveries, posts

PAGE = (ROOT / "docs" / "ingest.md").read_text("utf-8")


def example(title: str) -> Callable[..., None]:
    """The function of the page's example below a heading."""
    section = PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0]
    code = section.split("```python\n")[1].split("```")[0]
    names: dict[str, Any] = {}
    exec(code, names)
    send: Callable[..., None] = names["send"]
    return send


class RabbitSender:
    """Sends by the page's example, and raw messages."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.where = {
            "host": f"{parts.hostname}:{parts.port}",
            "user": unquote(parts.username or "guest"),
            "password": unquote(parts.password or "guest"),
            "vhost": unquote(parts.path[1:]) or "/",
        }

    def send(self, post: Any) -> None:
        example("RabbitMQ")(post, **self.where)

    def send_raw(self, *messages: tuple[bytes, dict[str, Any], dict[str, Any]]) -> None:
        with amqp.Connection(
            self.where["host"],
            userid=self.where["user"],
            password=self.where["password"],
            virtual_host=self.where["vhost"],
            confirm_publish=True,
        ) as connection:
            channel = connection.channel()
            for body, headers, properties in messages:
                message = amqp.Message(
                    body, application_headers=headers, delivery_mode=2, **properties
                )
                channel.basic_publish(message, exchange="", routing_key="hirelens.ingest")


class RedisSender:
    """The same for Redis; a raw message is wrapped in an envelope as far as it goes."""

    def __init__(self, url: str) -> None:
        self.url = url

    def send(self, post: Any) -> None:
        example("Redis")(post, url=self.url)

    def send_raw(self, *messages: tuple[bytes, dict[str, Any], dict[str, Any]]) -> None:
        with redis.Redis.from_url(self.url) as server:
            for number, (body, headers, properties) in enumerate(messages):
                envelope = {
                    "body": body.decode("latin-1"),
                    "content-type": properties.get("content_type"),
                    "content-encoding": properties.get("content_encoding"),
                    "headers": headers,
                    "properties": {
                        "delivery_tag": f"t{number}",
                        "delivery_info": {"exchange": "", "routing_key": "hirelens.ingest"},
                    },
                }
                server.lpush("hirelens.ingest", json.dumps(envelope))

    def send_item(self, *items: bytes) -> None:
        with redis.Redis.from_url(self.url) as server:
            server.lpush("hirelens.ingest", *items)


@pytest.fixture(params=["rabbitmq", "redis_server"])
def setup(
    request: pytest.FixtureRequest,
    postgresql: Server,
    fresh_database: Callable[[Server], str],
    tmp_path: Path,
) -> Setup:
    broker = fresh_database(request.getfixturevalue(request.param))
    return prepared(
        Setup(WorkerConfig(broker, **FAST).check(), fresh_database(postgresql), tmp_path)
    )


@pytest.fixture
def engine(setup: Setup) -> Iterator[sa.Engine]:
    made = setup.engine()
    yield made
    made.dispose()


@pytest.fixture
def sender(setup: Setup) -> RabbitSender | RedisSender:
    url = setup.config.broker_url
    return RedisSender(url) if setup.config.is_redis else RabbitSender(url)


def stored(engine: sa.Engine) -> dict[str, int]:
    with reading(engine) as session:
        return {row.id: row.revision for row in session.execute(sa.select(posts))}


def kept(engine: sa.Engine) -> Sequence[rejects.Reject]:
    with reading(engine) as session:
        return rejects.find(session)


def written(engine: sa.Engine, id_: str) -> int:
    with reading(engine) as session:
        query = sa.select(sa.func.count()).select_from(history)
        return session.scalar(query.where(history.c.post_id == id_)) or 0


GOOD = {"content_type": "application/json", "content_encoding": "utf-8"}
HEADERS = {"task": "hirelens.ingest", "id": "11111111-2222-3333-4444-555555555555"}


def test_posts_are_written_once_and_bad_messages_are_kept(
    setup: Setup, engine: sa.Engine, sender: RabbitSender | RedisSender
) -> None:
    bad: list[tuple[bytes, dict[str, Any], dict[str, Any]]] = [
        (b"{", HEADERS, GOOD),
        (b"[[{}],{},{}]", {}, GOOD),
        (b'[[{"n":3}],{},{}]', {"task": "hirelens.ingest"}, GOOD),
        (b"[[{}],{},{}]", {"task": "other.task", "id": "x1"}, GOOD),
        (b"[[{}],{},{}]", {"task": "celery.ping", "id": "x2", "eta": "never"}, GOOD),
        (b"[[{}],{},{}]", HEADERS, {"content_type": "text/plain", "content_encoding": "utf-8"}),
        (b"cos\nsystem\n", HEADERS, {"content_type": "application/x-python-serialize"}),
        (b"[[{}],{},{}]", {**HEADERS, "id": "x0", "compression": "application/x-gzip"}, GOOD),
        (b"7", HEADERS, GOOD),
        (b"[[7],{},{}]", {**HEADERS, "id": "x3"}, GOOD),
        (b'[[{"id":"p9","title":7}],{},{}]', {**HEADERS, "id": "x4"}, GOOD),
        (b'[[{"id":"p1","revision":7,"title":"other"}],{},{}]', {**HEADERS, "id": "x5"}, GOOD),
    ]
    with started("worker", setup) as worker:
        until(lambda: "started" in worker.text(), what="the worker starts")
        post = {"id": "p1", "revision": 7, "title": "招聘服务员"}
        sender.send(post)
        until(lambda: stored(engine) == {"p1": 7}, what="the post is written")
        sender.send(post)
        sender.send({**post, "revision": 6, "title": "older"})
        sender.send_raw(*bad)
        if isinstance(sender, RedisSender):
            sender.send_item(b"garbage \xff", b"[]", b'{"body": "x"}')
        sender.send({"id": "p2", "title": "招聘会计"})
        until(lambda: "p2" in stored(engine), what="the worker goes on")
        expected = len(bad) + 3 * isinstance(sender, RedisSender)
        until(lambda: len(kept(engine)) >= expected, what=f"bad messages are kept {worker.text()}")
        assert len(kept(engine)) == expected
        assert stored(engine) == {"p1": 7, "p2": 1}
        assert written(engine, "p1") == 1
        texts = [reject.payload for reject in kept(engine)]
        assert any("system" in text for text in texts)
        assert all(reject.error for reject in kept(engine))
        assert worker.terminate() == 0, worker.text()


def test_a_child_killed_in_the_middle_writes_once(
    setup: Setup, engine: sa.Engine, sender: RabbitSender | RedisSender
) -> None:
    with started("worker", setup) as worker:
        until(lambda: "started" in worker.text(), what="the worker starts")
        sender.send({"id": "p0", "revision": 1, "title": "招聘服务员"})
        until(lambda: stored(engine), what="the child is open")
        with engine.begin() as blocking:
            # The child waits for this lock within its transaction when it is killed.
            blocking.execute(sa.text("LOCK TABLE posts IN EXCLUSIVE MODE"))
            sender.send({"id": "p1", "revision": 3, "title": "招聘会计"})
            until(lambda: waiting_for_lock(setup) == 1, what="the child waits")
            os.kill(child_of(worker.popen.pid), signal.SIGKILL)
            until(lambda: waiting_for_lock(setup) == 2, what="delivered again")
        until(lambda: stored(engine).get("p1") == 3, what="written by the second delivery")
        assert written(engine, "p1") == 1
        assert not kept(engine)
        until(lambda: counted(engine) == 0, what="the delivery count is dropped")
        assert worker.terminate() == 0


def test_a_redis_that_dies_while_a_post_is_in_hand_is_used_again(
    postgresql: Server, fresh_database: Callable[[Server], str], tmp_path: Path
) -> None:
    """The acknowledgement fails then; its place must be free, or nothing is read any more."""
    with obtain(Redis) as server:
        config = WorkerConfig(server.url, **FAST).check()
        setup = Setup(config, fresh_database(postgresql), tmp_path)
        engine = setup.engine()
        schema.upgrade(engine)
        with started("worker", setup) as worker:
            until(lambda: "started" in worker.text(), what="the worker starts")
            with engine.begin() as blocking:
                blocking.execute(sa.text("LOCK TABLE posts IN EXCLUSIVE MODE"))
                RedisSender(server.url).send({"id": "p1", "title": "招聘会计"})
                until(lambda: waiting_for_lock(setup) == 1, what="the post is in hand")
                server.kill9()
            until(lambda: "p1" in stored(engine), what="it is written without the broker")
            until(lambda: "Couldn't ack" in worker.text(), what="it cannot be acknowledged")
            server.start()
            RedisSender(server.url).send({"id": "p2", "title": "招聘服务员"})
            until(lambda: "p2" in stored(engine), what="the worker reads again")
            assert worker.terminate() == 0, worker.text()
        engine.dispose()


def test_a_post_that_kills_its_child_is_given_up_and_stops_nobody(
    setup: Setup, engine: sa.Engine, sender: RabbitSender | RedisSender
) -> None:
    with started(
        "worker", replace(setup, config=replace(setup.config, delivery_limit=1))
    ) as worker:
        until(lambda: "started" in worker.text(), what="the worker starts")
        sender.send({"id": "p1", "title": "deadly"})
        sender.send({"id": "p2", "title": "招聘会计"})
        until(lambda: kept(engine) and stored(engine), what="given up, and the next one written")
        assert stored(engine) == {"p2": 1}
        (reject,) = kept(engine)
        assert (reject.post_id, reject.field) == ("p1", "(message)")
        assert worker.terminate() == 0


def test_what_rabbitmq_gives_up_comes_to_the_rejects(
    rabbitmq: Server,
    postgresql: Server,
    fresh_database: Callable[[Server], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(topology, "BROKER_DELIVERY_LIMIT", 20)
    config = WorkerConfig(fresh_database(rabbitmq), **{**FAST, "delivery_limit": 1}).check()
    engine = create_engine(fresh_database(postgresql))
    schema.upgrade(engine)
    relay = Relay(config, engine)
    relay.sweep()  # declares the queues
    RabbitSender(config.broker_url).send({"id": "p1", "title": "招聘会计"})
    with Connection(config.broker_url) as connection, connection.channel() as channel:
        for _ in range(topology.BROKER_DELIVERY_LIMIT + 1):
            message = until(lambda: channel.basic_get(config.ingest_queue), what="delivered")
            channel.basic_reject(message.delivery_tag, requeue=True)
        assert channel.basic_get(config.ingest_queue) is None
    relay.sweep()
    until(lambda: relay.sweep() or kept(engine), what="moved to the rejects")
    with engine.begin() as connection_, Session(connection_) as session:
        assert rejects.replay(session, kept(engine)[0].id).outcome == "written"
    relay.close()
    engine.dispose()


@pytest.mark.parametrize(
    ("which", "remedy"),
    [
        ("ingest_queue", "stop the senders, let .* empty it.*, and only then delete"),
        ("live_queue", "delete it there"),
    ],
)
def test_whoever_must_delete_a_queue_is_told_how_to_lose_no_post(
    rabbitmq: Server, fresh_database: Callable[[Server], str], which: str, remedy: str
) -> None:
    config = WorkerConfig(fresh_database(rabbitmq), **FAST).check()
    with Connection(config.broker_url) as connection:
        with connection.channel() as channel:
            channel.queue_declare(getattr(config, which), durable=True, auto_delete=False)
        with pytest.raises(SettingsError, match=remedy):
            topology.declare(connection, topology.queues(config))


def waiting_for_lock(setup: Setup) -> int:
    """How many sessions wait for a lock; the database does not notice that one's child is dead."""
    engine = setup.engine()
    query = (
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
        "AND datname = current_database()"
    )
    try:
        with engine.connect() as connection:
            return int(connection.scalar(sa.text(query)) or 0)
    finally:
        engine.dispose()


def child_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])


def counted(engine: sa.Engine) -> int:
    with reading(engine) as session:
        return session.scalar(sa.select(sa.func.count()).select_from(ingest_deliveries)) or 0
