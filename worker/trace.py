"""One id for the way of a post from its write to the index, through queues and processes."""

from __future__ import annotations

import re
import uuid

_ID = re.compile(r"[0-9a-f]{32}")
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")
_NOTHING = "0" * 32


def new_trace(given: str | None = None) -> str:
    """Return 32 lower-case hexadecimal digits.

    Args:
        given: a trace id, or a W3C ``traceparent`` header whose trace id is taken over, so that
            a post's way continues a request's. Anything else leads to a new id: a wrong header
            is no reason to refuse a post.
    """
    text = (given or "").strip().lower()
    found = _TRACEPARENT.fullmatch(text)
    candidate = found.group(1) if found else text
    if _ID.fullmatch(candidate) and candidate != _NOTHING:
        return candidate
    return uuid.uuid4().hex
