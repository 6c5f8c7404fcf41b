"""How much of judged posts and queries a taxonomy knows, and how often it finds something else.

The judged files are those of the shared data: posts with ``mentions`` and ``hired``, queries with
``intents``.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from enrich.lexicon import Lexicon
from enrich.reading import read
from enrich.taxonomy import Taxonomy
from enrich.text import normalize_query

MISSED_SHOWN = 50

_ASIDE = re.compile(r"[(\[].*?[)\]]")


class GoldError(ValueError):
    """A judged file cannot be read; names the line and the remedy."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """Things of one kind: how many there are, how many are a form, how many are found in place.

    A thing is ``known`` where it is a form as it stands, ``found`` where the lexicon finds a form
    that it ends with or that lies over its end: 高级java工程师 is found as java工程师.
    """

    total: int
    known: int
    found: int
    missed: tuple[tuple[str, int], ...]

    @property
    def share(self) -> float:
        """Share of the things that are found."""
        return self.found / self.total if self.total else 1.0


@dataclass(frozen=True, slots=True)
class Finds:
    """What the lexicon finds in judged posts: marked by a judge (H, N or X), or not marked."""

    total: int
    positions: int  # a judge marked H or N there
    fields: int  # a judge marked X there
    unmarked: tuple[tuple[str, int], ...]

    @property
    def unmarked_total(self) -> int:
        """Number of finds that no judge marked."""
        return self.total - self.positions - self.fields


class _Tally:
    def __init__(self) -> None:
        self.total = self.known = self.found = 0
        self.missed: Counter[str] = Counter()

    def add(self, word: str, *, known: bool, found: bool) -> None:
        self.total += 1
        self.known += known
        self.found += found
        if not found:
            self.missed[word] += 1

    def coverage(self) -> Coverage:
        missed = tuple(self.missed.most_common(MISSED_SHOWN))
        return Coverage(self.total, self.known, self.found, missed)


def of_posts(gold: Path, taxonomy: Taxonomy) -> tuple[dict[str, Coverage], Coverage, Finds]:
    """Return coverage of the mentions by label, of the hired names, and what else is found.

    Raises:
        GoldError: the file is no JSONL of judged posts.
    """
    lexicon = Lexicon(taxonomy)
    by_label: dict[str, _Tally] = {}
    hired = _Tally()
    found: Counter[str] = Counter()
    unmarked: Counter[str] = Counter()

    def take(post: dict[str, Any]) -> None:
        for name in post.get("hired", ()):
            word = normalize_query(_ASIDE.sub("", name))
            known = bool(taxonomy.senses(word))
            hired.add(word, known=known, found=known or _ends_with_form(word, lexicon))
        for field in ("title", "body"):
            marks = [mark for mark in post["mentions"] if mark["field"] == field]
            finds = _finds(post.get(field) or "", lexicon)
            for mark in marks:
                word = normalize_query(mark["text"])
                at_end = any(start < mark["end"] <= end for start, end, _ in finds)
                tally = by_label.setdefault(mark["label"][:1], _Tally())
                tally.add(word, known=bool(taxonomy.senses(word)), found=at_end)
            for start, end, form in finds:
                labels = {m["label"][:1] for m in marks if m["start"] < end and m["end"] > start}
                kind = "position" if labels & {"H", "N"} else "field" if labels else "unmarked"
                found[kind] += 1
                if kind == "unmarked":
                    unmarked[form] += 1

    _each(gold, "a judged post", '"mentions", each with "field", "end" and "label"', take)
    finds = Finds(
        found.total(),
        found["position"],
        found["field"],
        tuple(unmarked.most_common(MISSED_SHOWN)),
    )
    labels = {label: by_label[label].coverage() for label in sorted(by_label)}
    return labels, hired.coverage(), finds


def of_queries(gold: Path, taxonomy: Taxonomy) -> tuple[Coverage, Coverage]:
    """Return coverage of the position parts of judged queries, as typed and as meant.

    What is meant is the judged ``value``; typed ones hold slips, which are not the taxonomy's to
    know. Forms that only queries use count.

    Raises:
        GoldError: the file is no JSONL of judged queries.
    """
    lexicon = Lexicon(taxonomy)
    typed, meant = _Tally(), _Tally()

    def take(query: dict[str, Any]) -> None:
        for intent in query["intents"]:
            if intent["attribute"] != "position":
                continue
            for tally, text in ((typed, intent["text"]), (meant, intent["value"])):
                word = normalize_query(text)
                known = bool(taxonomy.senses(word))
                tally.add(word, known=known, found=known or _ends_with_form(word, lexicon))

    _each(gold, "a judged query", '"intents", each with "attribute", "text" and "value"', take)
    return typed.coverage(), meant.coverage()


def _finds(text: str, lexicon: Lexicon) -> list[tuple[int, int, str]]:
    """Return start and end in the original text, and the form, of what the lexicon finds."""
    reading = read(text, lexicon)
    spans = []
    for match in reading.matches:
        start, end = reading.normalized.span(match.start, match.end)
        spans.append((start, end, match.form))
    return spans


def _ends_with_form(word: str, lexicon: Lexicon) -> bool:
    found = lexicon.find(word)
    return bool(found) and found[-1].end == len(word)


def _each(gold: Path, kind: str, holds: str, take: Callable[[dict[str, Any]], None]) -> None:
    for number, line in _lines(gold):
        try:
            take(json.loads(line))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise GoldError(
                f"{gold}:{number}: is not {kind} ({error!r}); "
                f"write one JSON object a line with {holds}"
            ) from None


def _lines(gold: Path) -> Iterator[tuple[int, str]]:
    with gold.open(encoding="utf-8", newline="\n") as file:
        for number, line in enumerate(file, start=1):
            if line.strip():
                yield number, line
