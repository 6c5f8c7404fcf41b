"""What one does as the position: 卖手机, 修家电; a verb, a thing, and the taxonomy's name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from search.intent.dictionaries import Entry, data_rows
from search.intent.model import Candidate
from search.intent.names import Names

SOURCE = "rule:activity"
_WEIGHT = 0.9
_LONGEST = 4
"""Characters of the thing."""
_ANY = "做"
"""A verb of anything: 做日结, 做仓库 ask for what stands behind it."""
_APART = frozenset({"job_type", "workplace", "company", "gender", "benefit"})
_RANKS = frozenset("大小中老新男女")


def find_activities(
    text: str, names: Names, known: Mapping[str, Sequence[Entry]]
) -> Iterator[Candidate]:
    """Yield a verb with the thing behind it where the taxonomy has a position of that name.

    A thing that is a position itself stays one: 做会计 asks for 会计.

    Args:
        text: the normalised query.
        names: the names of positions.
        known: every word of the vocabulary with what it is.
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
                if meant and not (verb == _ANY and _stays(thing, known)):
                    yield Candidate(at, end, "position", meant, SOURCE, _WEIGHT)
            at = text.find(verb, at + 1)


def _stays(thing: str, known: Mapping[str, Sequence[Entry]]) -> bool:
    return thing in _RANKS or any(entry.attribute in _APART for entry in known.get(thing, ()))


def _meant(thing: str, patterns: tuple[str, ...], names: Names) -> str | None:
    if names.names_surely(thing):
        return None
    return next((word for one in patterns if names.names_same(word := one.format(thing))), None)


@cache
def _verbs() -> Mapping[str, tuple[str, ...]]:
    return {row["verb"]: tuple(row["names"].split()) for row in data_rows("activities.tsv")}
