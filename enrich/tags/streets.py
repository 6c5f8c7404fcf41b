"""Streets, towns and townships: full names, and stems right behind the place they lie in.

虎门镇 is a place wherever it stands; 虎门 alone only behind its own city or county: 东莞虎门.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from enrich.tags.spans import Found
from enrich.tags.tables import Finder, rows

SUFFIXES = {"streets": "街道", "towns": "镇", "townships": "乡"}
"""The columns that hold stems, and the suffix that makes a full name of a stem."""

NONE = "-"
_LONGEST = 10
_SHORTEST = 2
_GAPS = ("", " ", "-", "·", "市", "区", "县", "(", ":")
"""What may stand between a place and a stem in it: 东莞虎门, 东莞-虎门, 东莞(虎门)."""

_SUFFIX = re.compile(
    r"街道|镇(?![定静痛店压])|(?<!城)乡(?![村镇下亲间愁民])|(?<=城)乡(?![村镇建规结居一融统医户])"
)


@dataclass(frozen=True, slots=True)
class Streets:
    """Every division below the county."""

    full: frozenset[str]
    within: dict[str, tuple[tuple[str, str, str], ...]]
    """Stem -> the province, city and county of each division of that name."""

    other: Finder


@cache
def load() -> Streets:
    """Return the divisions of ``streets.tsv``; its forms stand there in normalised spelling."""
    ordinary = {row["form"] for row in rows("street_words.tsv")}
    full: set[str] = set()
    within: defaultdict[str, list[tuple[str, str, str]]] = defaultdict(list)
    other: dict[str, str] = {}
    for row in rows("streets.tsv"):
        above = (row["province"], row["city"], row["district"])
        for column, suffix in SUFFIXES.items():
            for stem in cell(row[column]):
                if len(stem) < _SHORTEST:
                    continue
                full.add(stem + suffix)
                if stem not in ordinary:
                    within[stem].append(above)
        other.update(dict.fromkeys(cell(row["other"]), ""))
    return Streets(frozenset(full), {k: tuple(v) for k, v in within.items()}, Finder(other))


def cell(text: str) -> list[str]:
    """Return the names in one cell."""
    return [] if text == NONE else text.split("|")


def full_names(text: str) -> Iterator[Found]:
    """Yield the divisions that a normalised text names with their suffix."""
    streets = load()
    for match in _SUFFIX.finditer(text):
        end = match.end()
        # The longest name that ends here: 永定门外街道, not 门外街道.
        for start in range(max(0, end - _LONGEST), match.start() - _SHORTEST + 1):
            if text[start:end] in streets.full:
                yield Found(start, end, text[start:end])
                break
    for start, end, _ in streets.other.longest(text):
        yield Found(start, end, text[start:end])


def stems_behind(text: str, places: Iterable[Found]) -> Iterator[Found]:
    """Yield the bare names that stand right behind a place they lie in."""
    for place in places:
        name = text[place.start : place.end]
        for gap in _GAPS:
            if text.startswith(gap, place.end) and (
                found := _stem_at(text, place.end + len(gap), name)
            ):
                yield found
                break


def _stem_at(text: str, start: int, above: str) -> Found | None:
    within = load().within
    for length in range(min(_LONGEST, len(text) - start), _SHORTEST - 1, -1):
        stem = text[start : start + length]
        if any(name.startswith(above) for names in within.get(stem, ()) for name in names):
            return Found(start, start + length, stem)
    return None
