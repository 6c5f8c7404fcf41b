"""The way in of a system that knows AMQP and nothing of hirelens: messages to the ingest queue.

Only an AMQP library is used, no Celery: the bytes are those of ``docs/ingest.md``.
"""

from __future__ import annotations

import json
import uuid
from typing import Any
from urllib.parse import unquote, urlsplit

import amqp

from tests.crash.history import Write

TASK = "hirelens.ingest"
TIMEOUT_S = 10.0
_SPACE = uuid.UUID("5f0d9a62-3f3c-4a55-9d0c-0c2b7a6f1e11")


class Producer:
    """One connection with publisher confirms; opened anew after any error."""

    def __init__(self, url: str, queue: str = TASK) -> None:
        self._url = url
        self._queue = queue
        self._connection: amqp.Connection | None = None
        self._channel: Any = None

    def send(self, write: Write) -> None:
        """Publish one post; returns once the broker has confirmed it.

        Raises:
            OSError, amqp.AMQPError: it was not confirmed; it may have arrived all the same.
        """
        try:
            channel = self._open()
            channel.basic_publish_confirm(
                message_of(write),
                exchange="",
                routing_key=self._queue,
                mandatory=True,
                timeout=TIMEOUT_S,
                confirm_timeout=TIMEOUT_S,
            )
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Drop the connection."""
        connection, self._connection, self._channel = self._connection, None, None
        if connection is not None:
            connection.collect()

    def _open(self) -> Any:
        if self._connection is None:
            self._connection = connection_to(self._url)
            self._channel = self._connection.channel()
        return self._channel


def connection_to(url: str) -> amqp.Connection:
    """Connect to a broker URL, with confirms and without ever waiting for ever."""
    parts = urlsplit(url)
    connection = amqp.Connection(
        host=f"{parts.hostname}:{parts.port or 5672}",
        userid=parts.username or "guest",
        password=parts.password or "guest",
        virtual_host=unquote(parts.path[1:]) or "/",
        connect_timeout=TIMEOUT_S,
        read_timeout=TIMEOUT_S,
        write_timeout=TIMEOUT_S,
        confirm_publish=True,
    )
    connection.connect()
    return connection


def message_of(write: Write) -> amqp.Message:
    """Return the message of one write; the same write has the same id each time."""
    headers = {"task": TASK, "id": str(uuid.uuid5(_SPACE, str(write.number)))}
    body = json.dumps([[write.payload()], {}, {}], ensure_ascii=False)
    if write.kind == "refused":
        headers, body = _spoilt(write, headers, body)
    return amqp.Message(
        body.encode(),
        content_type="application/json",
        content_encoding="utf-8",
        delivery_mode=2,
        application_headers=headers,
    )


def _spoilt(write: Write, headers: dict[str, str], body: str) -> tuple[dict[str, str], str]:
    """Spoil a message in one of the ways in which messages of others are wrong."""
    match write.number % 4:
        case 0:
            return headers, body[:-3]  # no JSON any more
        case 1:
            return {"id": headers["id"]}, body  # names no task
        case 2:
            return {**headers, "task": "somebody.else"}, body
    return headers, body  # its title is a number
