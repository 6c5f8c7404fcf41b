"""Judged posts as training examples: normalised text, mention spans and their classes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from enrich.encoder import CLASSES
from enrich.text import normalize
from enrich.windows import MarkedText

WRITTEN = tuple(sorted((Path(__file__).parent / "posts").glob("*.jsonl")))
"""Judged posts of the project's own, written to teach; those that measure are with the tests."""
_CLASS_NUMBER = {name: number for number, name in enumerate(CLASSES)}
IGNORED = -1
_AUTHORED = re.compile(r"([a-z]{2})\d{3}")
"""Ids of written posts begin with their author's two letters (``tg014``)."""


class GoldError(ValueError):
    """A judged file is malformed; the message names file, line and remedy."""


@dataclass(frozen=True, slots=True)
class Example:
    """One judged post; ``classes`` follow title mentions, then body mentions (-1: undecided).

    ``group``: the employer, of a written post its author; never parted between training and
    measuring. ``hired``: what the post hires for in the judge's words. ``source``: its file's name.
    """

    id: str
    group: str
    title: MarkedText
    body: MarkedText
    classes: tuple[int, ...]
    authored: bool = False
    hired: tuple[str, ...] = ()
    source: str = ""

    @property
    def mentions(self) -> list[tuple[str, int]]:
        """Word and class of every mention, in the order of ``classes``."""
        words = [f.text[s:e] for f in (self.title, self.body) for s, e in f.spans]
        return list(zip(words, self.classes, strict=True))


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
                examples.append(_example(json.loads(line), path.name))
            except (KeyError, TypeError, ValueError) as error:
                raise GoldError(f"{path}:{number}: no judged post ({error!r})") from None
    return examples


def texts(examples: Iterable[Example]) -> Iterator[str]:
    """Yield every normalised text, for the vocabulary."""
    for example in examples:
        yield example.title.text
        yield example.body.text


def _example(row: dict[str, object], source: str) -> Example:
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
    group, authored = _group(row)
    hired = row.get("hired")
    names = tuple(map(str, hired)) if isinstance(hired, list) else ()
    return Example(
        str(row["id"]),
        group,
        fields["title"],
        fields["body"],
        tuple(classes),
        authored,
        names,
        source,
    )


def _group(row: dict[str, object]) -> tuple[str, bool]:
    """Return the author or employer of a post, else its id, and whether it is an author."""
    written = _AUTHORED.fullmatch(str(row["id"]))
    author = row.get("author") or (written and not row.get("company") and written[1])
    return (str(author), True) if author else (str(row.get("company") or row["id"]), False)
