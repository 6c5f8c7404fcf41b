"""Load the demo posts and what is true of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

QUERIES = ("服务员", "产品经理", "仓库管理员", "保安", "会计")


@dataclass(frozen=True, slots=True)
class Truth:
    """What its author knows of one demo post.

    ``hired``: short standard names, empty where nobody is hired (a shop for sale).
    ``kind``: ``honest``, or the annotation guide's reason of the chief deceit (``N:compare``);
    wrong tags, categories and titles are ``N:bait``.
    ``right``: those of ``QUERIES`` for which the post is a right result.
    """

    id: str
    hired: tuple[str, ...]
    kind: str
    right: frozenset[str]


def load_posts() -> list[dict[str, Any]]:
    """Return the demo posts as decoded JSON, in their order."""
    return list(_rows("posts.jsonl"))


def load_truth() -> dict[str, Truth]:
    """Return the truth by post id."""
    return {
        row["id"]: Truth(
            id=row["id"],
            hired=tuple(row["hired"]),
            kind=row["kind"],
            right=frozenset(row["right"]),
        )
        for row in _rows("truth.jsonl")
    }


def _rows(name: str) -> Iterator[dict[str, Any]]:
    text = files("hirelens.demo").joinpath(name).read_text(encoding="utf-8")
    # Not str.splitlines(): it also cuts at U+2028 and its like, which JSON strings may hold.
    return (json.loads(line) for line in text.split("\n") if line)
