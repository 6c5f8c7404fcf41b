from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from kombu.message import Message

from worker import consumer, messages, redisbroker
from worker.messages import Envelope, Refusal

GOOD = {"task": "hirelens.ingest", "id": "t1"}


def rewritten(body: bytes, headers: dict[str, Any]) -> Message:
    message = Message(body, headers=headers, content_type="application/json")
    found = messages.open_envelope(headers, body, message.content_type, None)
    consumer.rewrite(message, consumer.as_envelope(found))
    return message


def test_nothing_of_a_stranger_reaches_celery_but_the_post() -> None:
    strange = {
        **GOOD,
        "eta": "never",
        "expires": "2000-01-01T00:00:00",
        "timelimit": [0.001, 0.001],
        "group": "g",
        "stamped_headers": ["x"],
        "retries": 7,
    }
    rest = {"callbacks": [{"task": "x"}], "chain": [{"task": "y"}]}
    message = rewritten(json.dumps([[{"id": "p1"}], {}, rest]).encode(), strange)
    assert not strange.keys() - GOOD.keys() & message.headers.keys()
    assert json.loads(message.body) == message.payload == [[{"id": "p1"}], {}, {}]
    assert (message.headers["task"], message.headers["id"]) == ("hirelens.ingest", "t1")


def test_no_post_stands_in_the_log_of_arguments() -> None:
    message = rewritten(b'[[{"id":"secret"}],{},{}]', GOOD)
    assert "secret" not in str(message.headers)


def test_a_refusal_becomes_a_task_that_keeps_it() -> None:
    message = rewritten(b"no json", {"id": "t9"})
    assert message.headers["task"] == "hirelens.refuse"
    assert message.headers["id"] == "t9"
    text, field, error = message.payload[0]
    assert (text, field) == ("no json", "task")
    assert error


def opened(item: bytes) -> Envelope | Refusal:
    """What the consumer makes of an item of a Redis list."""
    envelope = json.loads(redisbroker.envelope(item, "q"))
    body = envelope["body"]
    if envelope["properties"].get("body_encoding") == "base64":
        body = base64.b64decode(body)
    return messages.open_envelope(
        envelope["headers"], body, envelope["content-type"], envelope["content-encoding"]
    )


def item(tag: str = "same", **change: Any) -> bytes:
    return json.dumps(
        {
            "body": '[[{"id":"p1"}],{},{}]',
            "content-type": "application/json",
            "content-encoding": "utf-8",
            "headers": GOOD,
            "properties": {
                "delivery_tag": tag,
                "delivery_info": {"exchange": "", "routing_key": "q"},
            },
            **change,
        }
    ).encode()


def test_a_list_item_comes_through_under_a_tag_of_its_own() -> None:
    found = opened(item())
    assert isinstance(found, Envelope)
    assert (found.task, found.id, found.args) == ("hirelens.ingest", "t1", [{"id": "p1"}])
    first, second = (json.loads(redisbroker.envelope(item(), "q")) for _ in range(2))
    assert first["properties"]["delivery_tag"] != second["properties"]["delivery_tag"]


@pytest.mark.parametrize(
    "bad", [b"", b"garbage \xff\x00", b"[]", b"7", b"[" * 100_000, item(body=7), item(headers=[])]
)
def test_a_bad_list_item_becomes_a_refusal_with_all_of_it(bad: bytes) -> None:
    found = opened(bad)
    assert isinstance(found, Envelope)
    assert found.task == "hirelens.refuse"
    text, field, error = found.args
    assert text == messages.readable(bad)
    assert (field, "list item" in error) == ("(message)", True)
    assert found.id == opened(bad).id


def test_a_refused_list_item_may_be_longer_than_a_message() -> None:
    found = opened(b"x" * (messages.MAX_BYTES * 2))
    assert isinstance(found, Envelope)
    assert len(found.args[0]) == messages.MAX_BYTES * 2


def test_only_popped_items_are_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    replies: dict[str, Any] = {"BRPOP": [b"q\x06\x163", b"garbage"], "GET": b"garbage"}
    monkeypatch.setattr(
        redisbroker.redis.Redis, "parse_response", lambda _self, _c, name, **_o: replies[name]
    )
    client = redisbroker.Client()
    assert client.parse_response(None, "GET") == b"garbage"
    name, envelope = client.parse_response(None, "BRPOP")
    assert name == b"q\x06\x163"
    assert json.loads(envelope)["properties"]["delivery_info"]["routing_key"] == "q"
    replies["BRPOP"] = None  # nothing came
    assert client.parse_response(None, "BRPOP") is None
