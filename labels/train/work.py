"""Manual or office work, by the sector of the taxonomy that a post's hired positions stand in."""

from __future__ import annotations

from collections import Counter
from typing import Literal

from enrich.taxonomy import Taxonomy
from enrich.text import normalize_query
from labels.train.data import Example

Work = Literal["manual", "office", "unknown"]

MANUAL = frozenset({
    "cat-agriculture", "cat-beauty", "cat-catering", "cat-construction", "cat-delivery",
    "cat-domestic", "cat-driving", "cat-energy-mining", "cat-entertainment", "cat-hotel",
    "cat-light", "cat-metalworking", "cat-production", "cat-property", "cat-retail",
    "cat-security", "cat-sport", "cat-vehicle",
})  # fmt: skip
"""Sectors of work with hands, on the road or at a counter; all others are office work."""

_NEITHER = frozenset({"cat-generic", "cat-parttime"})
"""Sectors that say nothing of the kind of work."""


def work_of(example: Example, taxonomy: Taxonomy) -> Work:
    """Return the kind of work of most hired positions: those the judge lists, else the words."""
    words = [word for word, label in example.mentions if label == 0]
    for names in (example.hired, words):
        kinds = Counter(sector in MANUAL for name in names for sector in _sectors(name, taxonomy))
        if kinds:
            return "manual" if kinds[True] >= kinds[False] else "office"
    return "unknown"


def _sectors(name: str, taxonomy: Taxonomy) -> set[str]:
    senses = taxonomy.senses(normalize_query(name))
    return {taxonomy.path(sense.position)[0].id for sense in senses} - _NEITHER
