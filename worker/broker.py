"""The relay's side of the broker: waiting hints, new hints, dead messages."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from kombu import Connection
from kombu.exceptions import OperationalError

from worker import intake, messages, retry, topology
from worker.app import transport_options
from worker.config import WorkerConfig
from worker.intake import Delivery
from worker.messages import DRAIN, Envelope, Refusal
from worker.outbox import Lane

DEAD_AT_ONCE = 20
_CONFIRM_S = 10
_CONNECT_S = 5
_TRANSIENT = 1


class Broker:
    """One connection, opened when it is needed and closed after an error."""

    def __init__(
        self, config: WorkerConfig, connect: Callable[[], Connection] | None = None
    ) -> None:
        """Keep the settings; nothing is connected yet."""
        self._config = config
        self._connect = connect or self._by_settings
        self._connection: Connection | None = None
        self._producer: Any = None

    def waiting(self, lane: Lane) -> int:
        """Return how many hints of a lane no worker has taken yet."""
        with self._connected() as connection:
            return topology.depth(connection, self._queue(lane))

    def ingest_waiting(self) -> int:
        """Return how many messages of the ingest queue no worker has taken yet."""
        with self._connected() as connection:
            return topology.depth(connection, self._config.ingest_queue)

    def hint(self, lane: Lane) -> None:
        """Send one hint; returns when the broker has confirmed it (Redis: has it in the list)."""
        with self._connected():
            self._producer.publish(
                json.dumps([[lane], {}, {}]),
                exchange="",
                routing_key=self._queue(lane),
                headers={"task": DRAIN, "id": str(uuid.uuid4()), "lang": "py"},
                content_type="application/json",
                content_encoding="utf-8",
                delivery_mode=_TRANSIENT,
                **({} if self._config.is_redis else {"confirm_timeout": _CONFIRM_S}),
            )

    def empty_dead_queue(self, engine: sa.Engine) -> int:
        """Move messages that RabbitMQ gave up into ``ingest_rejects``; returns how many."""
        if self._config.is_redis:
            return 0
        moved = 0
        with self._connected() as connection, connection.channel() as channel:
            while moved < DEAD_AT_ONCE:
                message = channel.basic_get(self._config.dead_queue, no_ack=False)
                if message is None:
                    break
                _keep(engine, channel.message_to_python(message))
                message.channel.basic_ack(message.delivery_tag)
                moved += 1
        return moved

    def close(self) -> None:
        """Close the connection, whatever state it is in."""
        connection, self._connection, self._producer = self._connection, None, None
        if connection is not None:
            connection.collect(socket_timeout=1)

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        try:
            if self._connection is None:
                self._connection = self._connect()
                self._connection.connect()
                topology.declare(self._connection, topology.queues(self._config))
                self._producer = self._connection.Producer(auto_declare=False)
            yield self._connection
        except sa.exc.SQLAlchemyError:
            raise
        except Exception as error:
            connection = self._connection
            known = () if connection is None else connection.recoverable_connection_errors
            self.close()
            channel = () if connection is None else connection.recoverable_channel_errors
            if isinstance(error, (OSError, *known, *channel)):
                raise OperationalError(str(error)) from error
            raise

    def _queue(self, lane: Lane) -> str:
        return self._config.live_queue if lane == "live" else self._config.backfill_queue

    def _by_settings(self) -> Connection:
        return Connection(
            self._config.broker_url,
            transport="worker.redisbroker:Transport" if self._config.is_redis else None,
            transport_options=transport_options(self._config),
            connect_timeout=_CONNECT_S,
        )


def _keep(engine: sa.Engine, message: Any) -> None:  # noqa: ANN401 - a kombu message
    found = messages.open_envelope(
        message.headers, message.body, message.content_type, message.content_encoding
    )
    error = "the broker delivered it too often without success; replay or close it"
    match found:
        case Envelope(args=[payload]):
            text, post_id, field = messages.to_text(payload), messages.post_id_of(payload), None
        case Envelope():
            text, post_id, field = messages.to_text(found.args), None, None
        case Refusal():
            text, post_id, field, error = found.text, None, found.field, found.error
    task_id = found.id if isinstance(found, Envelope) else found.task_id
    # The relay has more to do than to wait for the database here: it tries again later.
    intake.keep_text(
        engine, Delivery(task_id, found.trace), text, field, error, post_id, run=retry.run
    )
