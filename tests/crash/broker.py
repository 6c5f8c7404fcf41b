"""What the monkey and the run do at the broker: dropping, doubling and counting messages."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from typing import Any

import amqp

from tests.crash.producer import TIMEOUT_S, connection_to

PATIENCE_S = 3.0


def purge(url: str, queues: list[str]) -> int:
    """Drop all messages of these queues, waiting a while for some; returns how many."""
    with closing(connection_to(url)) as connection:
        channel = connection.channel()
        dropped = _caught(lambda: sum(int(channel.queue_purge(q)) for q in queues) or None)
        return int(dropped or 0)


def double(url: str, queue: str, copies: int = 2) -> int:
    """Take a message, publish copies of it and give it back; 0 where none came by."""
    with closing(connection_to(url)) as connection:
        channel = connection.channel()
        message = _caught(lambda: channel.basic_get(queue))
        if message is None:
            return 0
        for _ in range(copies):
            channel.basic_publish_confirm(
                amqp.Message(message.body, **message.properties),
                exchange="",
                routing_key=queue,
                timeout=TIMEOUT_S,
                confirm_timeout=TIMEOUT_S,
            )
        channel.basic_reject(message.delivery_tag, requeue=True)
        return copies


def ready(url: str, queue: str) -> int:
    """Return how many messages wait in a queue, those that a consumer holds left out."""
    with closing(connection_to(url)) as connection:
        return int(connection.channel().queue_declare(queue, passive=True).message_count)


def _caught(get: Callable[[], Any]) -> Any:
    """Poll for a while: there may be nothing to do for a moment."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        found = get()
        if found is not None:
            return found
        time.sleep(0.02)
    return None
