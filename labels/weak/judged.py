"""Judged files read for measuring labelling functions, and their split by employer."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from labels.weak.reader import GoldError, JudgedPost, Reader
from labels.weak.seen import SeenMention
from labels.weak.votes import CLASSES, class_of

if TYPE_CHECKING:
    import numpy.typing as npt

_MIDDLE = 128


def read_judged(paths: Sequence[Path], reader: Reader) -> Iterator[JudgedPost]:
    """Yield the posts of judged JSONL files.

    Raises:
        GoldError: a line is no judged post; names file, line and remedy.
    """
    for path in paths:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    yield reader.read_judged(_row(line, f"{path}:{number}"), f"{path}:{number}")


def _row(line: str, place: str) -> dict[str, object]:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise GoldError(f"{place}: is not JSON ({error}); correct it") from None
    if not isinstance(row, dict):
        raise GoldError(f"{place}: is no JSON object; name a file of judged posts")
    return row


def decided(posts: Iterable[JudgedPost]) -> Iterator[tuple[SeenMention, str]]:
    """Yield the mentions that are judged with a class, and their labels."""
    for post in posts:
        for mention, label in zip(post.read.seen.mentions, post.labels, strict=True):
            if class_of(label) is not None:
                yield mention, label


def truth_of(labels: Iterable[str]) -> npt.NDArray[np.int8]:
    """Return the numbers of the classes of decided labels."""
    return np.array([CLASSES.index(label[0]) for label in labels], dtype=np.int8)


def halves(posts: Iterable[JudgedPost]) -> tuple[list[JudgedPost], list[JudgedPost]]:
    """Split posts by the digest of their employer into a half to fit on and one held out.

    No employer stands in both. The labelling functions were improved on the first half's errors.
    """
    kept: list[JudgedPost] = []
    held: list[JudgedPost] = []
    for post in posts:
        first = hashlib.sha256(post.group.encode()).digest()[0] < _MIDDLE
        (held if first else kept).append(post)
    return kept, held
