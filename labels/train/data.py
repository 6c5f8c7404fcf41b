"""Judged posts as training examples: normalised text, mention spans and their classes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from enrich.encoder import CLASSES
from enrich.text import normalize
from enrich.windows import MarkedText

_CLASS_NUMBER = {name: number for number, name in enumerate(CLASSES)}
IGNORED = -1


class GoldError(ValueError):
    """A judged file is malformed; the message names file, line and remedy."""


@dataclass(frozen=True, slots=True)
class Example:
    """One judged post; ``classes`` follow title mentions, then body mentions (-1: undecided)."""

    id: str
    group: str
    title: MarkedText
    body: MarkedText
    classes: tuple[int, ...]


def read_gold(paths: Sequence[Path]) -> list[Example]:
    """Read judged JSONL files.

    Raises:
        GoldError: a line is no judged post.
    """
    examples: list[Example] = []
    for path in paths:
        if not path.is_file():
            raise GoldError(f"{path} does not exist; name a JSONL file of judged posts")
        for number, line in enumerate(path.read_text("utf-8").split("\n"), 1):
            if not line.strip():
                continue
            try:
                examples.append(_example(json.loads(line)))
            except (KeyError, TypeError, ValueError) as error:
                raise GoldError(f"{path}:{number}: no judged post ({error!r})") from None
    return examples


def split(examples: Iterable[Example], share: float) -> tuple[list[Example], list[Example]]:
    """Split off about ``share`` of the groups (employers, else single posts) by their digest."""
    kept: list[Example] = []
    held: list[Example] = []
    for example in examples:
        place = int(hashlib.sha256(example.group.encode()).hexdigest()[:8], 16) / 2**32
        (held if place < share else kept).append(example)
    return kept, held


def texts(examples: Iterable[Example]) -> Iterator[str]:
    """Yield every normalised text, for the vocabulary."""
    for example in examples:
        yield example.title.text
        yield example.body.text


def _example(row: dict[str, object]) -> Example:
    fields: dict[str, MarkedText] = {}
    classes: list[int] = []
    mentions = row["mentions"]
    if not isinstance(mentions, list):
        raise TypeError("mentions is no list")
    for name in ("title", "body"):
        normalized = normalize(str(row[name]))
        spans: list[tuple[int, int]] = []
        for mention in sorted(
            (m for m in mentions if m["field"] == name), key=lambda m: int(m["start"])
        ):
            start, end = normalized.inner(mention["start"], mention["end"])
            if start >= end or (spans and start < spans[-1][1]):
                continue
            spans.append((start, end))
            classes.append(_CLASS_NUMBER.get(mention["label"], IGNORED))
        fields[name] = MarkedText(normalized.text, tuple(spans))
    group = str(row.get("company") or row["id"])
    return Example(str(row["id"]), group, fields["title"], fields["body"], tuple(classes))
