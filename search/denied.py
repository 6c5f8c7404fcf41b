"""What a post says it has not (不包住, 不招学徒), so that nearness does not find it for that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain

from search.facets import Tags, words
from search.needs import FULFILLED, KINDS

DENIABLE = ("benefit", "job_type")
"""Attributes whose denials count; posts and queries say 日结 as either, so values stand alone."""
_ALSO = (
    *((kind, ("学生工", "短期", "临时工")) for kind in ("寒假工", "暑假工", "假期工")),
    *((kind, ("倒班",)) for kind in ("两班倒", "三班倒")),
    ("六险一金", ("五险一金",)),
)
"""What is asked, with what a post denies that has not this either."""


def denied(tags: Tags) -> tuple[str, ...]:
    """Return what is denied and nowhere stated, with all that is not there then, in stable order.

    没有五险一金 denies 社保 too, 没有五险一金，交社保 does not.
    """
    said = {word for name in DENIABLE for word in words(tags, name, "-")}
    stated = {word for name in DENIABLE for word in words(tags, name)}
    return tuple(sorted(_with(said, _DENIES) - _with(stated, _FULFILS)))


def _with(some: set[str], implied: Mapping[str, set[str]]) -> set[str]:
    return some.union(*(implied.get(word, ()) for word in some))


def _by_way(asked: Iterable[tuple[str, Iterable[str]]]) -> dict[str, set[str]]:
    """Return, by each way to fulfil something, all that it is a way to."""
    found: dict[str, set[str]] = {}
    for wanted, ways in asked:
        for way in ways:
            found.setdefault(way, set()).add(wanted)
    return found


_ALONE = ((asked, groups[0]) for asked, groups in FULFILLED.items() if len(groups) == 1)
_FULFILS = _by_way((*_ALONE, *KINDS.items()))
"""By what is stated, all that it fulfils by itself."""
_PARTS = ((asked, chain(*groups)) for asked, groups in FULFILLED.items())
_DENIES = _by_way((*_PARTS, *KINDS.items(), *_ALSO))
"""By what is denied, all that it would have helped to fulfil."""
