"""What stands in one message of a queue, read without trusting it; pure functions.

``docs/ingest.md`` says what a producer sends. Whatever else arrives becomes a refusal that is
kept: a message must neither stop a worker nor get lost.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

from enrich.post import Post, PostError
from worker.trace import new_trace

INGEST = "hirelens.ingest"
DRAIN = "hirelens.drain"
REFUSE = "hirelens.refuse"
"""Inside a worker a message that is no task becomes this one, so that a child stores it."""

MAX_BYTES = 1_000_000
"""Of one message's body, as of one line of JSONL."""
KEPT_CHARS = 4_000_000
"""Of a refused payload; a database would not take any length."""
_JSON = "application/json"
_ENCODINGS = frozenset({None, "", "utf-8", "utf8", "binary"})
_MAX_ID = 255
_MAX_DEPTH = 100
# kombu turns an object with just these keys into another type while it decodes.
_RESERVED = frozenset({"__type__", "__value__"})


@dataclass(frozen=True, slots=True)
class Envelope:
    """A well-formed message: the task, its id, the trace id and the arguments."""

    task: str
    id: str
    trace: str
    args: list[Any]
    kwargs: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a message or payload is not taken; ``text`` is what arrived."""

    task_id: str
    trace: str
    field: str | None
    error: str
    text: str


def open_envelope(
    headers: object, body: object, content_type: str | None, encoding: str | None
) -> Envelope | Refusal:
    """Read headers and body of one message."""
    known = headers if isinstance(headers, Mapping) else {}
    raw = _bytes(body)
    task_id, trace = _ids(known, raw)
    try:
        task = _task(known, content_type, encoding)
        args, kwargs = _arguments(raw, task)
    except _Refused as refused:
        return Refusal(task_id, trace, refused.field, refused.problem, readable(raw))
    return Envelope(task, task_id, trace, args, kwargs)


def unreadable(headers: object, body: object, error: BaseException) -> Refusal:
    """Return the refusal of a message that the broker library itself could not read."""
    raw = _bytes(body)
    task_id, trace = _ids(headers if isinstance(headers, Mapping) else {}, raw)
    return Refusal(task_id, trace, "(message)", f"cannot be read: {error}", readable(raw))


def read_post(payload: object) -> Post:
    """Validate the payload of one ingest message.

    Raises:
        PostError: it is no post; names the first wrong field and the remedy.
    """
    if not isinstance(payload, dict):
        kind = "null" if payload is None else type(payload).__name__
        raise PostError("(payload)", f"is a JSON {kind}", "send the post as one JSON object")
    return Post.from_mapping(payload)


def post_id_of(payload: object) -> str | None:
    """Return the id that a refused payload gives, where a database can hold it."""
    found = payload.get("id") if isinstance(payload, dict) else None
    if not isinstance(found, str) or not 0 < len(found) <= 200 or not found.isprintable():
        return None
    return found


def to_text(payload: object) -> str:
    """Return a decoded payload as JSON text that every database can hold."""
    text = json.dumps(payload, ensure_ascii=False, default=str)
    if any("\ud800" <= char <= "\udfff" for char in text):
        text = json.dumps(payload, default=str)
    return text


def readable(raw: bytes) -> str:
    """Return bytes as text; what is no UTF-8, and NUL, is written as an escape."""
    return raw.decode("utf-8", "backslashreplace").replace("\x00", "\\x00")


def list_problem(envelope: object, queue: str) -> str | None:
    """Say why a decoded item of a Redis list is no envelope, None where kombu can open it.

    Args:
        envelope: the item, decoded from JSON.
        queue: the list that it was taken from, where it must be able to go back to.
    """
    match envelope:
        case {
            "body": str() as body,
            "headers": dict(),
            "properties": {
                "delivery_tag": str(),
                "delivery_info": {"exchange": "", "routing_key": str() as key},
            } as properties,
        } if key == queue:
            return _body_problem(body, properties.get("body_encoding"))
    return (
        "is no envelope with 'body', 'headers', 'properties.delivery_tag' and "
        f"'properties.delivery_info' of exchange '' and routing_key {queue!r}"
    )


def _body_problem(body: str, encoding: object) -> str | None:
    if encoding is None:
        return None
    if encoding != "base64":
        return "has a 'properties.body_encoding' other than 'base64'"
    try:
        base64.b64decode(body)
    except ValueError:
        return "has a 'body' that is no base64"
    return None


class _Refused(Exception):  # noqa: N818 - never leaves this module
    def __init__(self, field: str, problem: str) -> None:
        super().__init__(field, problem)
        self.field = field
        self.problem = problem


def _task(headers: Mapping[str, Any], content_type: str | None, encoding: str | None) -> str:
    if content_type != _JSON or (encoding or "").lower() not in _ENCODINGS:
        shown = f"{content_type!r} in {encoding!r}"
        raise _Refused("content_type", f"is {shown}; send '{_JSON}' in 'utf-8'")
    task = headers.get("task")
    if not isinstance(task, str) or task not in {INGEST, DRAIN, REFUSE}:
        raise _Refused("task", f"header is {_shown(task)}; send {INGEST!r}")
    if not _is_id(headers.get("id")):
        problem = f"header is no text of 1 to {_MAX_ID} characters; send a new UUID"
        raise _Refused("id", problem)
    return task


def _arguments(raw: bytes, task: str) -> tuple[list[Any], dict[str, Any]]:
    # A refusal was made here, of something that may have been long.
    if len(raw) > MAX_BYTES and task != REFUSE:
        raise _Refused("(body)", f"is {len(raw)} bytes; send at most {MAX_BYTES}")
    args, kwargs = _parts(_decoded(raw))
    if task == INGEST and (len(args) != 1 or kwargs):
        raise _Refused("(body)", "has not exactly one argument; send [[POST], {}, {}]")
    if task == INGEST and _is_converted(raw, args[0]):
        raise _Refused("(body)", f"holds an object of {sorted(_RESERVED)} only; rename one")
    return args, kwargs


def _decoded(raw: bytes) -> object:
    try:
        value = json.loads(raw.decode("utf-8"), parse_constant=_refuse_constant)
    except UnicodeDecodeError as error:
        raise _Refused("(body)", f"is not UTF-8 ({error.reason}); send UTF-8") from None
    except (ValueError, RecursionError) as error:
        raise _Refused("(body)", f"is not JSON ({error}); send [[POST], {{}}, {{}}]") from None
    if _is_deep(raw, value):
        raise _Refused("(body)", f"is nested deeper than {_MAX_DEPTH}; flatten it")
    return value


def _is_deep(raw: bytes, value: object) -> bool:
    """Tell whether another decoder could run out of stack where this one did not."""
    if raw.count(b"[") + raw.count(b"{") <= _MAX_DEPTH:
        return False
    level = [value]
    for _ in range(_MAX_DEPTH):
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
    return bool(level)


def _ids(headers: Mapping[str, Any], raw: bytes) -> tuple[str, str]:
    given = headers.get("id")
    # A message without an id gets one of its content, equal at every delivery.
    task_id = given if _is_id(given) else hashlib.sha256(raw).hexdigest()[:32]
    wanted = headers.get("trace") or headers.get("traceparent")
    trace = wanted if isinstance(wanted, str) else task_id.replace("-", "")
    return task_id, new_trace(trace)


def _parts(value: object) -> tuple[list[Any], dict[str, Any]]:
    match value:
        case [list() as args, dict() as kwargs, None | dict()]:
            return args, kwargs
    raise _Refused("(body)", "is no list of arguments, options, rest; send [[POST], {}, {}]")


def _is_converted(raw: bytes, value: object) -> bool:
    # Almost no post holds such an object: its bytes tell it at once, but for escapes.
    if b"__type__" not in raw and b"\\u00" not in raw:
        return False
    waiting = [value]
    while waiting:
        found = waiting.pop()
        if isinstance(found, dict):
            if found.keys() == _RESERVED:
                return True
            waiting += found.values()
        elif isinstance(found, list):
            waiting += found
    return False


def _is_id(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and 0 < len(value) <= _MAX_ID and value.isprintable()


def _bytes(body: object) -> bytes:
    if isinstance(body, str):
        return body.encode("utf-8", "surrogatepass")
    return bytes(body) if isinstance(body, bytes | bytearray | memoryview) else repr(body).encode()


def _shown(value: object) -> str:
    return "missing" if value is None else repr(value)[:100]


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")
