"""Reading one field: normalised text with decorated words joined, and its lexicon matches.

服 务 员 and 服*务*员 are joined only where the joined form is a lexicon match, so that nothing
else of the text changes.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

from enrich.text import Normalized, normalize


class Match(Protocol):
    """A lexicon match ``[start, end)`` on normalised text."""

    @property
    def start(self) -> int:
        """First character."""
        ...

    @property
    def end(self) -> int:
        """Behind the last character."""
        ...

    @property
    def form(self) -> str:
        """The surface form in normalised spelling."""
        ...


class Finder(Protocol):
    """What is used of a lexicon."""

    def find(self, text: str) -> Sequence[Match]:
        """Return non-overlapping matches, longest first from left to right."""
        ...


@dataclass(frozen=True, slots=True)
class Reading:
    """A field's text, every decorated position word joined, and its position matches."""

    normalized: Normalized
    matches: tuple[Match, ...]

    @property
    def spans(self) -> tuple[tuple[int, int], ...]:
        """The matches as spans."""
        return tuple((match.start, match.end) for match in self.matches)


_SEPARATORS = frozenset(" *·.-_^'\"`~•‧・。=+#@&|/\\、,")
_STRONG = frozenset("*·_^'\"`~•‧・=#@&")
_LONGEST_GAP = 3


def read(text: str, lexicon: Finder) -> Reading:
    """Normalise a field, join its decorated position words, and find its positions."""
    normalized = normalize(text)
    joined = normalized.without(_decoration(normalized.text, lexicon))
    return Reading(joined, tuple(lexicon.find(joined.text)))


def _decoration(text: str, lexicon: Finder) -> set[int]:
    """Return the places of decoration inside words that are lexicon matches without it."""
    kept = [i for i, char in enumerate(text) if not _is_decoration(char)]
    if len(kept) == len(text):
        return set()
    drop: set[int] = set()
    skeleton = "".join(text[i] for i in kept)
    for match in lexicon.find(skeleton):
        places = kept[match.start : match.end]
        gaps = [text[a + 1 : b] for a, b in pairwise(places)]
        if any(gaps) and _is_decorated(match.form, gaps, lexicon):
            drop.update(i for a, b in pairwise(places) for i in range(a + 1, b))
    return drop


def _is_decoration(char: str) -> bool:
    return char in _SEPARATORS or unicodedata.category(char) in {"So", "Sk"}


def _is_decorated(form: str, gaps: list[str], lexicon: Finder) -> bool:
    """Tell decoration from the blank or comma that merely stands between two words."""
    if any(len(gap) > _LONGEST_GAP for gap in gaps):
        return False
    if all(gaps):
        return len(set(gaps)) == 1 and (len(form) > 2 or set(gaps[0]) <= _STRONG | {" ", "."})
    inner = [
        gap
        for index, gap in enumerate(gaps)
        if gap and not (gap == " " and _changes_script(form, index))
    ]
    # 厨师·长沙 is no 厨师长: where a form ends at the gap, the gap ends the word.
    parts = [
        p for i, gap in enumerate(gaps) if gap in inner for p in (form[: i + 1], form[i + 1 :])
    ]
    return (
        len(form) > 2
        and all(all(char in _STRONG or char not in _SEPARATORS for char in gap) for gap in inner)
        and not any(_is_form(part, lexicon) for part in parts)
    )


def _is_form(text: str, lexicon: Finder) -> bool:
    return any(match.end - match.start == len(text) for match in lexicon.find(text))


def _changes_script(form: str, index: int) -> bool:
    return form[index].isascii() != form[index + 1].isascii()
