"""The queues at the broker: what each is, and declaring them.

Everything is reached through the default exchange: the routing key is the queue's name.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kombu import Connection, Exchange, Queue

from worker.checks import SettingsError
from worker.config import WorkerConfig

HINTS_KEPT = 1000
"""Of one lane at the broker; the oldest are dropped, the relay sends new ones."""
HINT_TTL_MS = 60_000
BROKER_DELIVERY_LIMIT = 2000
"""RabbitMQ's own cap, far above ours: it counts tries without a database too.

A constant: a queue that is there cannot be declared with another limit.
"""
_DEFAULT = Exchange("")


def queues(config: WorkerConfig) -> list[Queue]:
    """Return all queues, those that a worker reads first: live, backfill, ingest, dead."""
    return [
        _hints(config, config.live_queue),
        _hints(config, config.backfill_queue),
        _ingest(config),
        *([] if config.is_redis else [_dead(config)]),
    ]


def declare(connection: Connection, wanted: Iterable[Queue]) -> None:
    """Make the queues that are missing.

    Raises:
        SettingsError: a queue is there with other properties.
    """
    for queue in wanted:
        # A refusal closes the channel: each queue has its own.
        with connection.channel() as channel:
            try:
                queue.bind(channel).declare()
            except connection.channel_errors as error:
                if not _is(error, 406):
                    raise
                raise SettingsError(
                    f"queue {queue.name} is at the broker with other properties ({error}); "
                    + _remedy(queue)
                ) from error


def depth(connection: Connection, queue: str) -> int:
    """Return how many messages wait in a queue; 0 where it does not exist."""
    with connection.channel() as channel:
        try:
            declared: Any = channel.queue_declare(queue=queue, passive=True)
        except connection.channel_errors as error:
            if not _is(error, 404):
                raise
            return 0  # a Redis list is there only while it holds something
        return int(declared.message_count)


def _remedy(queue: Queue) -> str:
    if "x-max-length" in (queue.queue_arguments or {}):
        return "delete it there: it holds hints only, the relay sends new ones"
    return (
        "it may hold posts: stop the senders, let the version of hirelens that declared it empty "
        "it (workers, and the relay for dead messages), and only then delete it there"
    )


def _is(error: BaseException, code: int) -> bool:
    # kombu's own transports give the code as text.
    return str(getattr(error, "reply_code", "")) == str(code)


def _hints(config: WorkerConfig, name: str) -> Queue:
    arguments: dict[str, Any] = {
        "x-max-length": HINTS_KEPT,
        "x-overflow": "drop-head",
        "x-message-ttl": HINT_TTL_MS,
    }
    return _queue(name, None if config.is_redis else arguments)


def _ingest(config: WorkerConfig) -> Queue:
    arguments: dict[str, Any] = {
        "x-queue-type": "quorum",
        "x-delivery-limit": BROKER_DELIVERY_LIMIT,
        "x-dead-letter-exchange": config.dead_exchange,
        "x-dead-letter-routing-key": config.dead_queue,
        # A dead letter leaves this queue only once the dead queue has it.
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
    }
    return _queue(config.ingest_queue, None if config.is_redis else arguments)


def _dead(config: WorkerConfig) -> Queue:
    return _queue(
        config.dead_queue,
        {"x-queue-type": "quorum"},
        Exchange(config.dead_exchange, type="direct", durable=True),
    )


def _queue(name: str, arguments: dict[str, Any] | None, exchange: Exchange = _DEFAULT) -> Queue:
    return Queue(name, exchange=exchange, routing_key=name, durable=True, queue_arguments=arguments)
