"""What one does as the position: 卖手机, 修家电; a verb, a thing, and the taxonomy's name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

from search.intent.dictionaries import data_rows
from search.intent.model import Candidate
from search.intent.names import Names

SOURCE = "rule:activity"
_WEIGHT = 0.9
_LONGEST = 4
"""Characters of the thing."""


def find_activities(text: str, names: Names) -> Iterator[Candidate]:
    """Yield a verb with the thing behind it where the taxonomy has a position of that name.

    A thing that is a position itself stays one: 做会计 asks for 会计.
    """
    for verb, patterns in _verbs().items():
        at = text.find(verb)
        while at >= 0:
            first = at + len(verb)
            for end in range(first + 1, min(first + _LONGEST, len(text)) + 1):
                thing = text[first:end]
                if not thing.isalnum():
                    break
                meant = _meant(thing, patterns, names)
                if meant:
                    yield Candidate(at, end, "position", meant, SOURCE, _WEIGHT)
            at = text.find(verb, at + 1)


def _meant(thing: str, patterns: tuple[str, ...], names: Names) -> str | None:
    if names.names_surely(thing):
        return None
    return next((word for one in patterns if names.names_same(word := one.format(thing))), None)


@cache
def _verbs() -> Mapping[str, tuple[str, ...]]:
    return {row["verb"]: tuple(row["names"].split()) for row in data_rows("activities.tsv")}
