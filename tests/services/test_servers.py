"""The servers for tests keep what their users rely on: each through its whole life."""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import kombu
import pytest
import redis
import sqlalchemy as sa

import services
from services import (
    Elasticsearch,
    MariaDB,
    Missing,
    PostgreSQL,
    RabbitMQ,
    Redis,
    Server,
    ServerError,
    processes,
)
from services.fixtures import fresh, obtain

QUORUM = {"x-queue-type": "quorum", "x-delivery-limit": 2}


class Tables:
    """A row in a table of a fresh database."""

    def __init__(self, server: Server) -> None:
        self.engine = sa.create_engine(server.fresh_database(), poolclass=sa.NullPool)

    def write(self) -> None:
        with self.engine.begin() as connection:
            connection.execute(sa.text("create table kept (word varchar(20))"))
            connection.execute(sa.text("insert into kept values ('纪律')"))

    def read(self) -> str:
        with self.engine.connect() as connection:
            return str(connection.scalar(sa.text("select word from kept")))


class Keys:
    """A key in a database of its own."""

    def __init__(self, server: Server) -> None:
        self.url = server.fresh_database()

    def write(self) -> None:
        with redis.Redis.from_url(self.url) as client:
            client.set("kept", "纪律")

    def read(self) -> str:
        with redis.Redis.from_url(self.url, socket_timeout=5) as client:
            value = client.get("kept")
        assert isinstance(value, bytes)
        return value.decode()


class Messages:
    """A persistent message in a durable queue of a fresh virtual host, confirmed."""

    def __init__(self, server: Server) -> None:
        self.url = server.fresh_database()

    def write(self) -> None:
        with channel(self.url) as queue:
            publish(queue, "纪律")

    def read(self) -> str:
        with channel(self.url) as queue:
            message = queue.get(no_ack=False)
            assert message is not None
            message.requeue()
            return str(message.payload)


class Documents:
    """A document in an index of a prefix of its own, acknowledged."""

    def __init__(self, server: Elasticsearch) -> None:
        self.request = server.request
        self.path = f"/{server.fresh_database()}-kept/_doc/1"

    def write(self) -> None:
        self.request("PUT", self.path, {"word": "纪律"})

    def read(self) -> str:
        return str(self.request("GET", self.path)["_source"]["word"])


@contextmanager
def channel(url: str, arguments: dict[str, Any] | None = None) -> Iterator[kombu.Queue]:
    options = {"confirm_publish": True, "read_timeout": 20}
    with kombu.Connection(url, transport_options=options) as connection:
        queue = kombu.Queue("kept", durable=True, queue_arguments=arguments)
        bound = queue.bind(connection.default_channel)
        bound.declare()
        yield bound


def publish(queue: kombu.Queue, body: str) -> None:
    producer = kombu.Producer(queue.channel, serializer="json")
    producer.publish(body, routing_key=queue.name, delivery_mode=2, mandatory=True, timeout=20)


def receive(queue: kombu.Queue) -> Any:
    """The next message; a quorum queue hands back what was returned to it a moment later."""
    deadline = time.monotonic() + 10
    while (message := queue.get(no_ack=False)) is None and time.monotonic() < deadline:
        time.sleep(0.02)
    return message


def answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 5).close()
    except ConnectionRefusedError:
        return False
    return True


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


KINDS = [
    pytest.param(lambda: PostgreSQL(fsync=True), Tables, id="postgresql"),
    pytest.param(lambda: MariaDB(fsync=True), Tables, id="mariadb"),
    pytest.param(lambda: Redis(fsync=True), Keys, id="redis"),
    pytest.param(RabbitMQ, Messages, id="rabbitmq"),
    pytest.param(Elasticsearch, Documents, id="elasticsearch"),
]


@pytest.mark.service
@pytest.mark.parametrize(("make", "data"), KINDS)
def test_a_server_lives_dies_and_comes_back(
    make: Callable[[], Server], data: Callable[[Server], Any]
) -> None:
    with obtain(make) as server:
        url, first = server.url, server.pids()
        assert server.pid in first
        kept = data(server)
        kept.write()

        server.kill9()
        assert server.pids() == []
        assert not any(alive(pid) for pid in first)
        assert not answers(server.port)

        server.start()
        assert server.url == url
        assert server.pid not in first
        assert kept.read() == "纪律"

        server.pause()
        answer = threading.Thread(target=kept.read)
        answer.start()
        answer.join(0.3)
        assert answer.is_alive()
        server.resume()
        answer.join(20)
        assert not answer.is_alive()
        assert kept.read() == "纪律"
        last = server.pids()

    assert not any(alive(pid) for pid in last)
    assert not answers(server.port)
    assert not server.folder.exists()
    with pytest.raises(ServerError, match="make a new one"):
        server.start()


def test_a_quorum_queue_confirms_and_stops_redelivering_at_its_limit(
    rabbitmq: RabbitMQ, fresh_database: Callable[[Server], str]
) -> None:
    with channel(fresh_database(rabbitmq), QUORUM) as queue:
        publish(queue, "毒药")
        for delivery in range(3):
            message = receive(queue)
            assert message.payload == "毒药"
            assert message.headers.get("x-delivery-count", 0) == delivery
            message.requeue()
        time.sleep(0.5)
        assert queue.get() is None


def test_servers_of_one_kind_stand_beside_each_other(postgresql: PostgreSQL) -> None:
    with PostgreSQL() as other:
        assert other.port != postgresql.port
        other.kill9()
        postgresql.check()
        other.start()


def test_each_fresh_database_is_empty(
    postgresql: PostgreSQL, fresh_database: Callable[[Server], str]
) -> None:
    for _ in range(2):
        engine = sa.create_engine(fresh_database(postgresql), poolclass=sa.NullPool)
        assert sa.inspect(engine).get_table_names() == []
        with engine.begin() as connection:
            connection.execute(sa.text("create table kept (word text)"))


def test_fresh_brings_back_a_server_that_a_test_left_dead_or_paused(redis_server: Redis) -> None:
    redis_server.kill9()
    fresh(redis_server)
    redis_server.pause()
    fresh(redis_server)
    redis_server.check()


def test_a_forked_child_does_not_end_the_server(
    redis_server: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "getpid", lambda: redis_server.owner + 1)
    redis_server.stop()
    redis_server.check()


@pytest.mark.service
@pytest.mark.parametrize("names", [["PostgreSQL", "RabbitMQ"], ["Elasticsearch"]])
def test_servers_end_with_a_tests_process_that_is_killed(names: list[str]) -> None:
    for name in names:  # skipped where one is absent
        obtain(getattr(services, name)).stop()
    code = (
        "import os, services, sys\n"
        "servers = [getattr(services, name)() for name in sys.argv[1:]]\n"
        "for server in servers: server.start()\n"
        "print(*(server.folder for server in servers), flush=True)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
    done = subprocess.run(
        [sys.executable, "-c", code, *names],
        env=environment,
        capture_output=True,
        check=False,
        timeout=120,
    )
    folders = [Path(name) for name in done.stdout.decode().split()]
    assert len(folders) == len(names), done.stderr.decode()
    deadline = time.monotonic() + 20
    while any(folder.exists() for folder in folders) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(folder.exists() for folder in folders)
    assert not any(processes.within(folder) for folder in folders)


@pytest.mark.service
def test_a_failed_start_shows_the_log_and_leaves_nothing() -> None:
    class Misconfigured(PostgreSQL):
        def command(self) -> list[str]:
            return [*super().command(), "-c", "no_such_setting=1"]

    server = obtain(Misconfigured)
    with pytest.raises(ServerError, match="no_such_setting"), server:
        pass
    assert not server.folder.exists()


@pytest.mark.parametrize("ci", ["", "1"])
def test_absent_programs_skip_with_a_reason_and_fail_in_ci(
    ci: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("HIRELENS_CI", ci)
    expected = Missing if ci else pytest.skip.Exception
    with pytest.raises(expected, match="no redis-server on this machine"):
        obtain(Redis)
