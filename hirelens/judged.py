"""Judged posts put into a temporary home, so that the product's whole path is measured."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from enrich.post import Post, PostError
from hirelens.errors import ForeseenError
from hirelens.inputs import Given, Refusal
from hirelens.putting import put
from hirelens.temporary import temporary_place
from hirelens.wiring import Workplace

_POST_FIELDS = ("id", "title", "body", "company", "city", "salary", "category")


class GoldError(ForeseenError):
    """A judged file is malformed; names file, line and remedy."""


def read_rows(paths: Sequence[Path], key: str = "id") -> list[dict[str, Any]]:
    """Read judged JSONL files; what ``key`` names must differ between lines (ids, queries).

    Raises:
        GoldError: a line is no JSON object with that field, or one stands twice.
    """
    rows: dict[str, dict[str, Any]] = {}
    for path in paths:
        for number, line in enumerate(path.read_bytes().split(b"\n"), start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except ValueError as error:
                raise GoldError(f"{path}:{number}: is not JSON ({error}); correct it") from None
            if not isinstance(row, dict) or not isinstance(row.get(key), str):
                article = "an" if key == "id" else "a"
                raise GoldError(
                    f"{path}:{number}: is no object with {article} {key}; name a judged file"
                )
            if row[key] in rows:
                raise GoldError(f"{path}:{number}: {key} {row[key]!r} stands twice; remove one")
            rows[row[key]] = row
    if not rows:
        kind = "post" if key == "id" else key
        raise GoldError(f"{', '.join(map(str, paths))}: no judged {kind}; name a judged file")
    return list(rows.values())


def need(rows: Sequence[dict[str, Any]], field: str, key: str = "id") -> None:
    """Refuse rows without a list of judgements.

    Raises:
        GoldError: a row lacks the field.
    """
    for row in rows:
        if not isinstance(row.get(field), list):
            kind = "post" if key == "id" else key
            raise GoldError(f"{kind} {row[key]!r}: has no list {field!r}; name a judged file")


def posts_of(rows: Sequence[dict[str, Any]], *, tags: bool = False) -> list[Post]:
    """Return the posts of judged rows, judgements left out.

    ``tags`` keeps the list ``tags``, which only some sets use for the poster's own tags.

    Raises:
        GoldError: a row is no post.
    """
    found: list[Post] = []
    for row in rows:
        data = {name: row[name] for name in _POST_FIELDS if row.get(name) is not None}
        if tags and isinstance(row.get("tags"), list):
            data["tags"] = row["tags"]
        try:
            found.append(Post.from_mapping(data))
        except PostError as error:
            raise GoldError(f"post {row['id']!r}: {error}") from None
    return found


@contextmanager
def temporary_home(place: Workplace, posts: Sequence[Post]) -> Iterator[Workplace]:
    """Put posts into a home that is removed afterwards; model and settings are the caller's.

    Raises:
        GoldError: a post could not be put.
    """

    def refuse(refusal: Refusal) -> None:
        raise GoldError(str(refusal))

    with temporary_place(place) as measured:
        items = (Given("judged", n, post, b"") for n, post in enumerate(posts, start=1))
        report = put(measured, items, refuse)
        if not report.complete:
            raise GoldError(f"not every post was indexed: {report.to_mapping()}")
        yield measured
