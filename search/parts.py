"""Sequences in pieces of a bounded size, as requests and statements take them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")


def parts_of(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Yield the items, in order, in pieces of at most ``size``."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
