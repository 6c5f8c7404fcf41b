"""Writing weak labels to a file that a later run goes on with where this one was cut off."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from enrich.post import Post
from labels.weak.apply import BATCH, Labeller

PART = ".part"
"""Ending of the file while it is unfinished."""


class WritingError(ValueError):
    """Weak labels cannot be written; names the file and the remedy."""


@dataclass(frozen=True, slots=True)
class Written:
    """What a run wrote; ``before``: posts that an earlier run had written already."""

    posts: int
    before: int
    mentions: int
    labels: dict[str, int]

    def to_mapping(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "posts": self.posts,
            "before": self.before,
            "mentions": self.mentions,
            "labels": self.labels,
        }


def write(
    labeller: Labeller, posts: Iterable[Post], out: Path, done: Callable[[int], None]
) -> Written:
    """Write the weak labels of posts to ``out``, one row a post; closed posts are left out.

    Until the end the file is called ``out`` and ``.part``; one that is there is gone on with. A
    post whose id stands in it is not written again. Memory: the ids, and one batch of posts.

    Raises:
        WritingError: ``out`` is there, or the unfinished file is of another label model.
    """
    if out.exists():
        raise WritingError(f"{out}: is there already; remove it or choose another name")
    part = out.with_name(out.name + PART)
    known = _known(part, labeller.mark)
    before = len(known)
    with part.open("ab") as file:
        for row in labeller.rows(_new(posts, known)):
            _put(file, row)
            done(1)
            if labeller.counts.posts % BATCH == 0:
                file.flush()
        file.flush()
        os.fsync(file.fileno())
    part.replace(out)
    counts = labeller.counts
    return Written(counts.posts, before, counts.mentions, dict(sorted(counts.labels.items())))


def _put(file: BinaryIO, row: dict[str, Any]) -> None:
    file.write(json.dumps(row, ensure_ascii=False).encode() + b"\n")


def _new(posts: Iterable[Post], known: set[str]) -> Iterator[Post]:
    for post in posts:
        if post.id not in known and not post.deleted:
            known.add(post.id)
            yield post


def _known(part: Path, mark: str) -> set[str]:
    """Return the ids in an unfinished file, and cut off a last line that is not whole."""
    if not part.exists():
        return set()
    known: set[str] = set()
    whole = 0
    with part.open("rb+") as file:
        for line in file:
            if not line.endswith(b"\n"):
                break
            known.add(_id(line, part, mark))
            whole += len(line)
        file.truncate(whole)
    return known


def _id(line: bytes, part: Path, mark: str) -> str:
    try:
        row = json.loads(line)
        id_, other = str(row["id"]), row["weak"]
    except (ValueError, KeyError, TypeError):
        raise WritingError(f"{part}: holds no weak labels; remove it") from None
    if other != mark:
        raise WritingError(
            f"{part}: was begun with another label model or --sure; remove it to begin anew"
        )
    return id_
