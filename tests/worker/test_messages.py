from __future__ import annotations

import json
from typing import Any

import pytest

from enrich.post import PostError
from worker import messages
from worker.messages import Envelope, Refusal

HEADERS = {"task": "hirelens.ingest", "id": "a3e1c6d2-4e8b-4d7c-9d55-0f6a2b1c3d4e"}
POST = {"id": "p1", "title": "招聘服务员"}


def opened(
    body: object = None,
    headers: object = None,
    content_type: str | None = "application/json",
    encoding: str | None = "utf-8",
) -> Envelope | Refusal:
    given = json.dumps([[POST], {}, {}]).encode() if body is None else body
    return messages.open_envelope(
        HEADERS if headers is None else headers, given, content_type, encoding
    )


def refused(*args: Any, **more: Any) -> Refusal:
    found = opened(*args, **more)
    assert isinstance(found, Refusal)
    return found


def test_a_message_as_documented_is_opened() -> None:
    found = opened()
    assert found == Envelope(
        "hirelens.ingest", HEADERS["id"], "a3e1c6d24e8b4d7c9d550f6a2b1c3d4e", [POST], {}
    )


@pytest.mark.parametrize("encoding", ["utf-8", "UTF-8", "utf8", "binary", None, ""])
@pytest.mark.parametrize("rest", [None, {}, {"callbacks": None}])
def test_small_differences_of_producers_do_not_matter(encoding: str | None, rest: Any) -> None:
    body = json.dumps([[POST], {}, rest], ensure_ascii=False)
    assert isinstance(opened(body.encode(), encoding=encoding), Envelope)
    assert isinstance(opened(body, encoding=encoding), Envelope)


def test_a_given_trace_is_taken_over() -> None:
    trace = "0af7651916cd43dd8448eb211c80319c"
    for headers in (
        {**HEADERS, "trace": trace},
        {**HEADERS, "traceparent": f"00-{trace}-b7ad6b7169203331-01"},
    ):
        found = opened(headers=headers)
        assert found.trace == trace


@pytest.mark.parametrize(
    ("headers", "field"),
    [
        ({}, "task"),
        (None, "task"),
        ({"id": "x"}, "task"),
        ({"task": ["a"], "id": "x"}, "task"),
        ({"task": "celery.backend_cleanup", "id": "x"}, "task"),
        ({"task": "hirelens.ingest"}, "id"),
        ({"task": "hirelens.ingest", "id": 7}, "id"),
        ({"task": "hirelens.ingest", "id": ""}, "id"),
        ({"task": "hirelens.ingest", "id": "x" * 256}, "id"),
    ],
)
def test_wrong_headers_are_named(headers: Any, field: str) -> None:
    found = messages.open_envelope(headers, b"[[{}],{},{}]", "application/json", "utf-8")
    assert isinstance(found, Refusal)
    assert found.field == field


@pytest.mark.parametrize(
    ("content_type", "encoding"),
    [
        (None, None),
        ("application/x-python-serialize", "binary"),
        ("text/plain", "utf-8"),
        ("application/json", "gzip"),
        ("application/json", "utf-16"),
    ],
)
def test_only_json_in_utf8_is_read(content_type: str | None, encoding: str | None) -> None:
    assert refused(content_type=content_type, encoding=encoding).field == "content_type"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"null",
        b"7",
        b'{"id":"p1"}',
        b"[]",
        b"[[1],{}]",
        b"[[1],[],{}]",
        b"[{},{},{}]",
        b"[[],{},{}]",
        b"[[1,2],{},{}]",
        b'[[1],{"a":1},{}]',
        b"[[1],{},[]]",
        b"[[NaN],{},{}]",
        b"[" * 100_000,
        b"[[" + b"[" * 500 + b"]" * 500 + b"],{},{}]",
        b'[["' + b"x" * messages.MAX_BYTES + b'"],{},{}]',
        b'[[{"id":"p1","x":{"__type__":"uuid","__value__":"1"}}],{},{}]',
        b'[[{"id":"p1","x":[{"__\\u0074ype__":"uuid","__value__":"1"}]}],{},{}]',
    ],
)
def test_wrong_bodies_are_refused_with_a_remedy(body: bytes) -> None:
    found = refused(body)
    assert found.field == "(body)"
    assert ";" in found.error


def test_a_key_that_only_looks_reserved_is_taken() -> None:
    post = {"id": "p1", "__type__": "x", "n": "\\u0041"}
    assert isinstance(opened(json.dumps([[post], {}, {}]).encode()), Envelope)


def test_a_message_without_an_id_has_the_same_one_at_each_delivery() -> None:
    first, again, other = (refused(body, headers={}) for body in (b"a", b"a", b"b"))
    assert first.task_id == again.task_id != other.task_id


def test_a_refusal_holds_what_arrived_as_text() -> None:
    assert refused(b"\xe6\x9c\x8d\xff\x00", headers={}).text == "服\\xff\\x00"


def test_what_the_library_cannot_read_is_refused_too() -> None:
    found = messages.unreadable({"id": "t1"}, None, ValueError("bad zip"))
    assert (found.task_id, found.field) == ("t1", "(message)")
    assert "bad zip" in found.error


@pytest.mark.parametrize("payload", [None, "x", 7, True, [], [POST]])
def test_a_payload_is_one_object(payload: object) -> None:
    with pytest.raises(PostError) as caught:
        messages.read_post(payload)
    assert caught.value.field == "(payload)"


def test_a_payload_is_validated_as_a_post() -> None:
    assert messages.read_post(POST).title == "招聘服务员"
    with pytest.raises(PostError) as caught:
        messages.read_post({"id": "p1", "title": 7})
    assert caught.value.field == "title"


@pytest.mark.parametrize(
    ("payload", "found"),
    [
        (POST, "p1"),
        ({"id": 7}, None),
        ({"id": "x" * 201}, None),
        ({"id": "a\x00"}, None),
        ([], None),
    ],
)
def test_the_id_of_a_refused_payload(payload: object, found: str | None) -> None:
    assert messages.post_id_of(payload) == found


def test_any_payload_becomes_text() -> None:
    assert messages.to_text(POST) == '{"id": "p1", "title": "招聘服务员"}'
    assert messages.to_text({"a": "\ud800\x00"}) == '{"a": "\\ud800\\u0000"}'


LIST_ITEM: dict[str, Any] = {
    "body": "W10=",
    "headers": {},
    "content-type": "application/json",
    "content-encoding": "utf-8",
    "properties": {
        "delivery_tag": "t",
        "body_encoding": "base64",
        "delivery_info": {"exchange": "", "routing_key": "q"},
    },
}


def test_a_list_item_as_documented_is_opened() -> None:
    assert messages.list_problem(LIST_ITEM, "q") is None
    plain = {**LIST_ITEM["properties"], "body_encoding": None}
    assert messages.list_problem({**LIST_ITEM, "properties": plain}, "q") is None


def info(**change: Any) -> dict[str, Any]:
    found = {**LIST_ITEM["properties"]["delivery_info"], **change}
    return {"properties": {**LIST_ITEM["properties"], "delivery_info": found}}


@pytest.mark.parametrize(
    "change",
    [
        {"properties": None},
        {"properties": {}},
        {"properties": {"delivery_tag": "t"}},
        info(routing_key="other"),
        info(routing_key=["q"]),
        info(exchange="amq.x"),
        {"properties": {**LIST_ITEM["properties"], "delivery_tag": 7}},
        {"properties": {**LIST_ITEM["properties"], "body_encoding": "rot13"}},
        {"headers": None},
        {"body": None},
        {"body": "W10"},
    ],
)
def test_list_items_that_would_stop_the_consumer_are_told(change: dict[str, Any]) -> None:
    assert messages.list_problem({**LIST_ITEM, **change}, "q")


@pytest.mark.parametrize("item", [None, "", [], 7, {}])
def test_list_items_that_are_no_envelope_are_told(item: object) -> None:
    assert messages.list_problem(item, "q")
