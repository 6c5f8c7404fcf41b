"""Texts as every database and every JSON reader can keep them."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from enum import Enum
from typing import Any

MAX_LABEL = 64
"""Characters of a session or a bucket."""
MARK = "~"
"""What the digest begins with that stands for a session or bucket which cannot be kept as it is."""
MAX_NESTING = 20
_REPLACED = "\N{REPLACEMENT CHARACTER}"


def clean(text: str) -> str:
    """Return a text without NUL and lone surrogates; nothing else is changed."""
    if text.isascii() and "\x00" not in text:
        return text
    return text.replace("\x00", _REPLACED).encode("utf-8", "replace").decode("utf-8")


def opaque(text: str) -> str:
    """Return a name that is kept as it is, or a digest of it; different texts stay different.

    A digest stands for what is longer than ``MAX_LABEL``, holds blanks or unprintable characters
    (databases compare these in their own ways) or begins with ``MARK``.
    """
    plain = text.isprintable() and not any(char.isspace() for char in text)
    if plain and 0 < len(text) <= MAX_LABEL and not text.startswith(MARK):
        return text
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return MARK + digest[: MAX_LABEL - len(MARK)]


def label(text: str) -> str:
    """Return a bucket's name as it is kept: empty for none, else as ``opaque`` does."""
    return opaque(text) if text else ""


def plain(value: object, nesting: int = 0) -> Any:  # noqa: ANN401 - any JSON value
    """Return a value as JSON can hold it; what is no JSON becomes its text, endless depth None."""
    if isinstance(value, Enum):
        value = value.value
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return finite(value)
    if isinstance(value, str):
        return clean(value)
    if nesting >= MAX_NESTING:
        return None
    if isinstance(value, Mapping):
        return {clean(str(name)): plain(one, nesting + 1) for name, one in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return [plain(one, nesting + 1) for one in value]
    if isinstance(value, AbstractSet):
        return sorted((plain(one, nesting + 1) for one in value), key=str)
    return clean(str(value))


def finite(number: float | None) -> float | None:
    """Return a number, None where it is none that JSON knows."""
    return None if number is None or not math.isfinite(number) else float(number)
