"""kombu's Redis transport, made safe against list items of others and lost connections.

kombu takes an item off its list before it reads it, and stops the worker at one that is no
envelope: the item would be lost and the worker down. Here it becomes a refusal that is kept.
"""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import redis
from kombu.transport import redis as kombu_redis
from kombu.transport import virtual

from worker import messages
from worker.messages import Refusal


class Client(redis.Redis):
    """A Redis client whose popped items are always envelopes."""

    def parse_response(self, connection: Any, command_name: str, **options: Any) -> Any:  # noqa: ANN401
        """Read a reply; one of BRPOP is checked."""
        reply = super().parse_response(  # type: ignore[no-untyped-call]
            connection, command_name, **options
        )
        if command_name == "BRPOP" and reply:
            name, item = reply
            # A queue of another priority is the same name with a suffix.
            queue = _bytes(name).decode().rsplit(kombu_redis.Channel.sep, 1)[0]
            return name, envelope(_bytes(item), queue)
        return reply


class QoS(kombu_redis.QoS):  # type: ignore[misc]  # kombu has no types
    """Counts messages in work; one whose acknowledgement fails does not keep its place.

    Celery goes on after such a failure. With every place taken for ever the worker would read
    nothing again, and would never notice that the connection is gone. The message itself comes
    again when its visibility timeout ends.
    """

    def ack(self, delivery_tag: str) -> None:
        """Acknowledge a message."""
        with self._place_freed(delivery_tag):
            super().ack(delivery_tag)

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:
        """Give a message back, or drop it."""
        with self._place_freed(delivery_tag):
            super().reject(delivery_tag, requeue=requeue)

    @contextmanager
    def _place_freed(self, delivery_tag: str) -> Iterator[None]:
        try:
            yield
        except self.channel.connection_errors:
            virtual.QoS.ack(self, delivery_tag)
            raise


class Channel(kombu_redis.Channel):  # type: ignore[misc]  # kombu has no types
    """A channel that uses this client and this count."""

    QoS = QoS

    def _get_client(self) -> type[Client]:
        super()._get_client()  # checks the version of the package
        return Client


class Transport(kombu_redis.Transport):  # type: ignore[misc]
    """Set as ``broker_transport``."""

    Channel = Channel


def envelope(item: bytes, queue: str) -> bytes:
    """Return what kombu can open: the item itself, or its refusal."""
    try:
        found = json.loads(item)
        problem = messages.list_problem(found, queue)
    except (ValueError, RecursionError) as error:
        problem = f"is not JSON ({error})"
    if problem is not None:
        refusal = messages.unreadable({}, item, ValueError(f"the list item {problem}"))
        return json.dumps(_wrapped(refusal, queue)).encode()
    # Messages in work are kept under their tags: two of one tag would overwrite each other.
    found["properties"]["delivery_tag"] = str(uuid.uuid4())
    return json.dumps(found).encode()


def _wrapped(refusal: Refusal, queue: str) -> dict[str, Any]:
    body = json.dumps([[refusal.text, refusal.field, refusal.error], {}, {}]).encode()
    return {
        "body": base64.b64encode(body).decode("ascii"),
        "content-type": "application/json",
        "content-encoding": "utf-8",
        "headers": {"task": messages.REFUSE, "id": refusal.task_id, "trace": refusal.trace},
        "properties": {
            "body_encoding": "base64",
            "delivery_tag": str(uuid.uuid4()),
            "delivery_info": {"exchange": "", "routing_key": queue},
        },
    }


def _bytes(value: bytes | str) -> bytes:
    return value.encode() if isinstance(value, str) else value
