"""Pytest plugin: real servers, one of each kind a session (a worker of pytest-xdist: its own)."""

import os
from collections.abc import Callable, Iterator
from typing import TypeVar

import pytest

from services import Elasticsearch, MariaDB, Missing, PostgreSQL, RabbitMQ, Redis, Server

S = TypeVar("S", bound=Server)
SERVERS = frozenset({"rabbitmq", "redis_server", "postgresql", "mariadb", "elasticsearch"})


def obtain(make: Callable[[], S]) -> S:
    """A server not yet started; absent programs skip the test, or fail it where CI runs."""
    try:
        return make()
    except Missing as reason:
        if os.environ.get("HIRELENS_CI") == "1":
            raise
        pytest.skip(str(reason))


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "service: needs a real server of tests/services")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test that asks for a server as `service`."""
    for item in items:
        if SERVERS & set(getattr(item, "fixturenames", ())):
            item.add_marker("service")


@pytest.fixture(scope="session")
def rabbitmq() -> Iterator[RabbitMQ]:
    with obtain(RabbitMQ) as server:
        yield server


@pytest.fixture(scope="session")
def redis_server() -> Iterator[Redis]:
    with obtain(Redis) as server:
        yield server


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    with obtain(PostgreSQL) as server:
        yield server


@pytest.fixture(scope="session")
def mariadb() -> Iterator[MariaDB]:
    with obtain(MariaDB) as server:
        yield server


@pytest.fixture(scope="session")
def elasticsearch() -> Iterator[Elasticsearch]:
    with obtain(Elasticsearch) as server:
        yield server


@pytest.fixture
def fresh_prefix(elasticsearch: Elasticsearch) -> Iterator[Callable[[], str]]:
    """Gives beginnings of index names that no other test has; their indices go with the test."""
    given = []

    def make() -> str:
        given.append(fresh(elasticsearch))
        return given[-1]

    yield make
    elasticsearch.resume()
    if elasticsearch.pids():
        for prefix in given:
            elasticsearch.remove(prefix)


def fresh(server: Server) -> str:
    """The URL of a new, empty database; a server that a test left paused or dead comes back.

    Elasticsearch has no databases: a prefix for the names of indices.
    """
    server.resume()
    server.start()
    return server.fresh_database()


@pytest.fixture(scope="session")
def fresh_database() -> Callable[[Server], str]:
    return fresh
