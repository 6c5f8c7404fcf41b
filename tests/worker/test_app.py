from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import time
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from worker import log, topology
from worker.app import App, create_app, keep_logging, transport_options
from worker.checks import SettingsError
from worker.config import WorkerConfig
from worker.ports import Provider
from worker.seat import Seat

RABBIT = WorkerConfig("amqp://guest:guest@localhost:5672//")
REDIS = replace(RABBIT, broker_url="redis://localhost:6379/0")
LATE = ("hirelens.ingest", "hirelens.refuse")


def no_provider() -> Provider:
    raise AssertionError("nothing is opened before a task runs")


def app(config: WorkerConfig = RABBIT) -> App:
    return create_app(config, no_provider)


def test_importing_the_app_imports_no_model() -> None:
    script = (
        "import sys\n"
        "import worker.app, worker.tasks, worker.relay, worker.consumer\n"
        "from worker.config import WorkerConfig\n"
        "app = worker.app.create_app(WorkerConfig('amqp://localhost'), lambda: None)\n"
        "app.finalize()\n"
        "heavy = {'torch', 'transformers', 'faiss', 'tokenizers'} & set(sys.modules)\n"
        "sys.exit(f'imported: {heavy}' if heavy else 0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_an_inverted_chain_makes_no_app() -> None:
    with pytest.raises(SettingsError, match="soft_limit_s"):
        app(replace(RABBIT, soft_limit_s=200.0))


def test_json_only_and_no_results() -> None:
    conf = app().conf
    assert conf.accept_content == ["json"]
    assert conf.task_serializer == "json"
    assert conf.task_ignore_result is True
    assert conf.result_backend is None


@pytest.mark.parametrize("config", [RABBIT, REDIS])
def test_limits_come_from_the_chain(config: WorkerConfig) -> None:
    conf = app(config).conf
    assert conf.task_soft_time_limit == config.soft_limit_s
    assert conf.task_time_limit == config.hard_limit_s
    assert conf.worker_proc_alive_timeout == config.alive_timeout_s
    assert conf.worker_max_memory_per_child == config.max_memory_mb * 1024
    assert conf.worker_max_tasks_per_child == config.max_tasks_per_child
    assert conf.worker_prefetch_multiplier == 1
    assert conf.broker_connection_max_retries is None
    assert conf.worker_lost_wait <= 1.0  # a place that waits longer is missing for fresh posts


@pytest.mark.parametrize("name", LATE)
def test_posts_are_acknowledged_only_after_success(name: str) -> None:
    task = app().tasks[name]
    assert task.acks_late
    assert task.reject_on_worker_lost
    assert not task.acks_on_failure
    assert not task.acks_on_timeout


def test_hints_are_acknowledged_at_once() -> None:
    assert not app().tasks["hirelens.drain"].acks_late


def test_the_environment_does_not_choose_the_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CELERY_BROKER_URL", "amqp://elsewhere:5672//")
    made = app()
    for connect in (made.connection_for_read, made.connection_for_write, made.connection):
        assert connect().as_uri() == "amqp://guest:**@localhost:5672//"


def test_the_ingest_queue_of_rabbitmq_loses_nothing() -> None:
    queue = app().amqp.queues["hirelens.ingest"]
    assert queue.durable
    assert queue.exchange.name == ""
    arguments = queue.queue_arguments
    assert arguments["x-queue-type"] == "quorum"
    assert arguments["x-delivery-limit"] == topology.BROKER_DELIVERY_LIMIT
    assert arguments["x-dead-letter-exchange"] == "hirelens.dead"
    dead = app().amqp.queues["hirelens.ingest.dead"]
    assert (dead.exchange.name, dead.routing_key) == (
        "hirelens.dead",
        arguments["x-dead-letter-routing-key"],
    )


def test_no_setting_changes_a_queue_that_is_there() -> None:
    """RabbitMQ refuses to declare a queue again with other properties."""
    others: dict[str, Any] = {
        field.name: value + 1
        for field in fields(RABBIT)
        if isinstance(value := getattr(RABBIT, field.name), int | float)
    }
    assert "delivery_limit" in others
    changed = replace(RABBIT, **others)
    for before, after in zip(topology.queues(RABBIT), topology.queues(changed), strict=True):
        assert after.queue_arguments == before.queue_arguments


def test_hints_cannot_pile_up_at_rabbitmq() -> None:
    for name in (RABBIT.live_queue, RABBIT.backfill_queue):
        arguments = app().amqp.queues[name].queue_arguments
        assert arguments["x-max-length"] == topology.HINTS_KEPT
        assert arguments["x-overflow"] == "drop-head"
        assert arguments["x-message-ttl"] > 0


def test_redis_queues_are_plain_lists_and_live_comes_first() -> None:
    names = [queue.name for queue in topology.queues(REDIS)]
    assert names == ["hirelens.live", "hirelens.backfill", "hirelens.ingest"]
    assert all(queue.queue_arguments is None for queue in topology.queues(REDIS))


def test_an_unknown_queue_is_an_error() -> None:
    with pytest.raises(KeyError):
        app().amqp.queues["typing-slip"]


def test_rabbitmq_confirms_and_redis_knows_the_visibility_timeout() -> None:
    assert transport_options(RABBIT)["confirm_publish"] is True
    options = transport_options(replace(REDIS, prefix="site"))
    assert options["visibility_timeout"] == REDIS.visibility_timeout_s
    assert options["unacked_key"] == "site.unacked"


def test_what_celery_says_is_written_as_our_events_are(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    loggers = [logging.getLogger(name) for name in ("hirelens", "celery", "kombu")]
    loggers.append(logging.getLogger("multiprocessing"))
    for logger in loggers:
        monkeypatch.setattr(logger, "handlers", list(logger.handlers))
        monkeypatch.setattr(logger, "level", logger.level)
        monkeypatch.setattr(logger, "propagate", logger.propagate)
    log.setup(json=True)
    keep_logging()
    logging.getLogger("celery.app.trace").error("a task failed")
    line = json.loads(capsys.readouterr().err)
    assert (line["level"], line["message"]) == ("error", "a task failed")


class OneProvider:
    """Counts how often it is opened and closed."""

    opened = 0
    closed = 0

    def __init__(self) -> None:
        type(self).opened += 1

    def close(self) -> None:
        type(self).closed += 1


def test_a_seat_opens_late_and_closes_once() -> None:
    class Mine(OneProvider):
        pass

    seat = Seat(Mine)  # type: ignore[arg-type]
    seat.close()
    assert (Mine.opened, Mine.closed) == (0, 0)
    assert seat.provider is seat.provider
    seat.close()
    seat.close()
    assert (Mine.opened, Mine.closed) == (1, 1)


def test_a_fork_starts_with_an_empty_seat() -> None:
    class Mine(OneProvider):
        pass

    seat = Seat(Mine)  # type: ignore[arg-type]
    first = seat.provider
    child = os.fork()
    if child == 0:
        fresh = seat.provider is not first
        os._exit(0 if fresh and Mine.closed == 0 else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert seat.provider is first


def test_a_worker_that_cannot_end_in_order_ends_for_sure() -> None:
    script = (
        "import threading, time; from worker.app import end_for_sure;"
        "end_for_sure(0.2, sig='SIGTERM'); time.sleep(60)"
    )
    began = time.monotonic()
    done = subprocess.run([sys.executable, "-c", script], timeout=50, check=False)
    assert done.returncode == 0
    assert time.monotonic() - began < 40
