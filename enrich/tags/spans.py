"""Statements found in normalised text, before they become marks of the original."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from enrich.post import Polarity
from enrich.text import is_border

Value = str | dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Found:
    """One statement at ``[start, end)`` of the normalised text."""

    start: int
    end: int
    value: Value
    polarity: Polarity = "+"

    def trimmed(self, text: str) -> Found:
        """Return the statement without blanks at its borders."""
        start, end = self.start, self.end
        while end > start and text[end - 1].isspace():
            end -= 1
        while start < end and text[start].isspace():
            start += 1
        return replace(self, start=start, end=end)


def longest_first(found: Iterable[Found]) -> list[Found]:
    """Return statements in text order; of overlapping ones the first and longest stays."""
    kept: list[Found] = []
    for item in sorted(found, key=lambda f: (f.start, -f.end)):
        if item.start < item.end and (not kept or item.start >= kept[-1].end):
            kept.append(item)
    return kept


def first_wins(groups: Iterable[Iterable[Found]]) -> list[Found]:
    """Return statements in text order; of overlapping ones the earlier group's stays."""
    taken: set[int] = set()
    kept: list[Found] = []
    for group in groups:
        for item in group:
            places = range(item.start, item.end)
            if places and taken.isdisjoint(places):
                taken.update(places)
                kept.append(item)
    return sorted(kept, key=lambda f: f.start)


def clause_start(text: str, at: int, reach: int = 24) -> int:
    """Return where the clause that holds ``at`` begins, at most ``reach`` characters back."""
    start = max(0, at - reach)
    for match in _border().finditer(text, start, at):
        start = match.end()
    return start


def clause_end(text: str, at: int, reach: int = 24) -> int:
    """Return where the clause that holds ``at`` ends, at most ``reach`` characters on."""
    high = min(len(text), at + reach)
    match = _border().search(text, at, high)
    return match.start() if match else high


def near(
    pattern: re.Pattern[str], text: str, cue: re.Pattern[str], back: int, ahead: int
) -> Iterator[re.Match[str]]:
    """Match a slow pattern only around the places where a fast one matches."""
    start = end = -1
    for match in cue.finditer(text):
        if match.start() - back > end:
            if end > 0:
                yield from pattern.finditer(text, start, end)
            start = max(match.start() - back, end, 0)
        end = min(len(text), match.end() + ahead)
    if end > 0:
        yield from pattern.finditer(text, start, end)


@cache
def _border() -> re.Pattern[str]:
    """Return what ``enrich.text.is_border`` tells, as one pattern."""
    signs = "".join(c for c in map(chr, range(0x3100)) if c not in ",:" and is_border(c, 0, c))
    return re.compile(rf"[{re.escape(signs)}]|[,:](?!\d)|(?<!\d)[,:]")
