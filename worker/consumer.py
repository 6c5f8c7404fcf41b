"""Celery's consumer, made safe against messages of others.

Celery stops at a task message without an id, acknowledges what it cannot decode and forgets it.
Here such a message becomes the task ``hirelens.refuse``: a child stores it in ``ingest_rejects``
and only then it is acknowledged.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from celery.worker.consumer import Consumer as CeleryConsumer

from worker import messages, topology
from worker.messages import Envelope, Refusal

POOL_CHECK_S = 0.5
"""The pool's own 5 seconds are how late a fresh post may be."""
_DELAYED = "celery.worker.consumer.delayed_delivery:DelayedDelivery"


class Consumer(CeleryConsumer):  # type: ignore[misc]  # Celery has no types
    """Hands only well-formed messages on; set as ``worker_consumer``."""

    class Blueprint(CeleryConsumer.Blueprint):  # type: ignore[misc]
        """Celery's steps without its delay queues: no task here is sent for later."""

        default_steps = tuple(
            step for step in CeleryConsumer.Blueprint.default_steps if step != _DELAYED
        )

    _handle: Callable[[Any], None]

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        """Look after killed children more often than the pool does."""
        super().__init__(*args, **kwargs)
        if self.hub is not None:
            self.hub.call_repeatedly(POOL_CHECK_S, self._look_after_children)

    def _look_after_children(self) -> None:
        maintain = getattr(self.pool, "maintain_pool", None)  # there once the pool has started
        if maintain is not None:
            maintain()

    def connect(self) -> Any:  # noqa: ANN401 - a kombu connection
        """Connect and declare all queues, also those that are only written to."""
        connection = super().connect()
        try:
            # The connection itself belongs to the event loop from here on.
            with self.app.connection_for_write() as other:
                topology.declare(other, self.app.amqp.queues.values())
        except BaseException:
            connection.collect(socket_timeout=1)
            raise
        return connection

    def create_task_handler(self, *args: Any, **kwargs: Any) -> Callable[[Any], None]:  # noqa: ANN401
        """Return the callback of every message."""
        self._handle = super().create_task_handler(*args, **kwargs)

        def on_task_received(message: Any) -> None:  # noqa: ANN401 - a kombu message
            self._receive(
                message,
                messages.open_envelope(
                    message.headers, message.body, message.content_type, message.content_encoding
                ),
            )

        return on_task_received

    def on_decode_error(self, message: Any, exc: BaseException) -> None:  # noqa: ANN401
        """Keep what kombu could not read, a broken compression for example."""
        self._receive(message, messages.unreadable(message.headers, message.body, exc))

    def _receive(self, message: Any, found: Envelope | Refusal) -> None:  # noqa: ANN401
        rewrite(message, as_envelope(found))
        self._handle(message)


def as_envelope(found: Envelope | Refusal) -> Envelope:
    """Return a message for a child: the same one, or the refusal as a task of its own."""
    if isinstance(found, Envelope):
        return found
    args = [found.text, found.field, found.error]
    return Envelope(messages.REFUSE, found.task_id, found.trace, args, {})


def rewrite(message: Any, envelope: Envelope) -> None:  # noqa: ANN401 - a kombu message
    """Put only what is known into a message: no time limits, callbacks or expiry of a stranger."""
    parts = [envelope.args, envelope.kwargs, {}]
    message.errors = []
    message.headers = {
        "lang": "py",
        "task": envelope.task,
        "id": envelope.id,
        "root_id": envelope.id,
        "trace": envelope.trace,
        # Celery would log the arguments otherwise: whole posts.
        "argsrepr": "()",
        "kwargsrepr": "{}",
    }
    message.body = json.dumps(parts)
    message.content_type = "application/json"
    message.content_encoding = "utf-8"
    message._decoded_cache = parts  # spares the parent decoding it again
