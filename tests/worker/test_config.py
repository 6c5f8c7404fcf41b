from __future__ import annotations

from dataclasses import replace

import pytest

from worker.checks import SettingsError
from worker.config import CONSUMER_TIMEOUT_S, WorkerConfig
from worker.topology import BROKER_DELIVERY_LIMIT

RABBIT = WorkerConfig("amqp://guest:guest@localhost:5672//")
REDIS = replace(RABBIT, broker_url="redis://localhost:6379/0")


@pytest.mark.parametrize("config", [RABBIT, REDIS])
def test_the_defaults_work_together(config: WorkerConfig) -> None:
    assert config.check() is config


@pytest.mark.parametrize(
    ("low", "high"),
    [
        ("batch_deadline_s", "soft_limit_s"),
        ("soft_limit_s", "hard_limit_s"),
        ("hard_limit_s", "lease_s"),
        ("lease_s", "visibility_timeout_s"),
    ],
)
@pytest.mark.parametrize("excess", [0.0, 0.5])
def test_each_link_of_the_chain_is_refused_when_inverted_or_equal(
    low: str, high: str, excess: float
) -> None:
    value = getattr(REDIS, high) + excess
    with pytest.raises(SettingsError) as caught:
        replace(REDIS, **{low: value}).check()
    told = str(caught.value)
    assert f"{low} is {value:g}" in told
    assert f"{high} is {getattr(REDIS, high):g}" in told
    assert f"raise {high}" in told


def test_rabbitmq_has_no_visibility_timeout_in_its_chain() -> None:
    assert replace(RABBIT, visibility_timeout_s=1.0).check()


def test_rabbitmqs_consumer_timeout_ends_the_chain() -> None:
    replace(RABBIT, lease_s=CONSUMER_TIMEOUT_S - 1).check()
    with pytest.raises(SettingsError, match=r"lease_s is 1800 .*consumer_timeout.*lower lease_s"):
        replace(RABBIT, lease_s=CONSUMER_TIMEOUT_S).check()


@pytest.mark.parametrize("config", [RABBIT, REDIS])
def test_a_message_fetched_ahead_must_not_come_twice(config: WorkerConfig) -> None:
    end = config.visibility_timeout_s if config.is_redis else CONSUMER_TIMEOUT_S
    slow = replace(config, hard_limit_s=end / 2, lease_s=end - 1)
    with pytest.raises(SettingsError, match="twice hard_limit_s"):
        slow.check()
    assert replace(slow, hard_limit_s=end / 2 - 1).check()


def test_a_child_may_load_its_model() -> None:
    with pytest.raises(SettingsError, match=r"alive_timeout_s is 4 s; raise alive_timeout_s"):
        replace(RABBIT, alive_timeout_s=4.0).check()


def test_a_batch_must_fit_its_deadline() -> None:
    with pytest.raises(SettingsError, match=r"batch_deadline_s is 60 s, and a batch of 100"):
        replace(RABBIT, batch=100).check()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("batch", 0),
        ("concurrency", 0),
        ("threads", 0),
        ("max_tasks_per_child", 0),
        ("max_memory_mb", 100),
        ("batch_deadline_s", 0.0),
        ("delivery_limit", 0),
        ("backoff_s", -1.0),
        ("poll_s", 0.0),
    ],
)
def test_values_out_of_range_are_named(name: str, value: float) -> None:
    with pytest.raises(SettingsError, match=f"^{name} is "):
        replace(RABBIT, **{name: value}).check()


@pytest.mark.parametrize("url", ["", "localhost", "sqs://x", "http://x"])
def test_unknown_brokers_are_refused_without_showing_the_url(url: str) -> None:
    with pytest.raises(SettingsError, match=r"^broker_url .*amqp://user:password@host"):
        replace(RABBIT, broker_url=url).check()


@pytest.mark.parametrize("prefix", ["", "a b", "x" * 101])
def test_a_prefix_must_be_a_name(prefix: str) -> None:
    with pytest.raises(SettingsError, match="prefix"):
        replace(RABBIT, prefix=prefix).check()


def test_names_begin_with_the_prefix() -> None:
    config = replace(RABBIT, prefix="site")
    assert config.live_queue == "site.live"
    assert config.backfill_queue == "site.backfill"
    assert config.ingest_queue == "site.ingest"
    assert config.dead_exchange == "site.dead"
    assert config.dead_queue == "site.ingest.dead"


def test_the_brokers_cap_leaves_room_for_a_database_that_is_away() -> None:
    highest = replace(RABBIT, delivery_limit=1000).check()
    assert highest.delivery_limit < BROKER_DELIVERY_LIMIT
    with pytest.raises(SettingsError, match="delivery_limit"):
        replace(RABBIT, delivery_limit=1001).check()
