"""How documents of one post on two indices can differ: pure decisions, and both sides by page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from search.index import ACTIVATIONS, Document, Index, Stamp, document_version

LIMIT = 1000
"""Ids of either side that one page holds."""
CLOSE = 1e-5
"""How far apart numbers of equal vectors may be."""


class Kind(StrEnum):
    """How a post's document in the standby can differ from the current one."""

    MISSING = "missing"  # only the current index has it
    EXTRA = "extra"  # only the standby has it
    OLDER = "older"
    NEWER = "newer"
    DIFFERS = "differs"  # equal version, another state, recipe or content
    BEHIND = "behind"  # of another recipe than the standby's: it waits to be read again
    RENUMBERED = "renumbered"  # right, but under an activation before the one to come


LACKS = frozenset({Kind.MISSING, Kind.OLDER, Kind.BEHIND})
"""What the standby does not have yet."""


@dataclass(frozen=True, slots=True)
class Target:
    """Of a standby of another recipe: its digest, and the first activation that is right."""

    recipe: str
    since: int


@dataclass(frozen=True, slots=True)
class Pair:
    """One id with its stamps on both sides; never both None."""

    id: str
    current: Stamp | None
    standby: Stamp | None


@dataclass(frozen=True, slots=True)
class Difference:
    """One post that differs."""

    id: str
    kind: Kind
    current: int | None
    standby: int | None


def judge(current: Stamp | None, standby: Stamp | None, target: Target | None) -> Kind | None:
    """Say how one post's documents differ; ``target`` is None where versions must be equal."""
    if standby is None:
        return Kind.MISSING if current is not None else None
    if current is None:
        return Kind.EXTRA
    here, there = _place(current, target), _place(standby, target)
    if there != here:
        return Kind.OLDER if there < here else Kind.NEWER
    if current.state != standby.state:
        return Kind.DIFFERS
    if target is None:
        return None if current.recipe == standby.recipe else Kind.DIFFERS
    if standby.recipe != target.recipe:
        # A tombstone has nothing that another recipe would read otherwise.
        return Kind.BEHIND if standby.state == "open" else Kind.RENUMBERED
    oldest = document_version(there, target.since)
    return Kind.RENUMBERED if standby.version < oldest else None


def pages(
    current: Index, standby: Index, limit: int = LIMIT, after: str = ""
) -> Iterator[tuple[Pair, ...]]:
    """Yield both sides' stamps, page by page, in the order of ids.

    The standby is read first: what is written meanwhile looks too old there at worst.
    """
    place: str | None = after
    while place is not None:
        there = list(standby.scan(place, limit))
        here = list(current.scan(place, limit))
        # Where a side's page is full, nothing is known of its ids behind the page's last one.
        ends = [side[-1].id for side in (here, there) if len(side) >= limit]
        end = min(ends) if ends else None
        yield _merged(here, there, end)
        place = end


def same_document(current: Document, standby: Document, target: Target | None) -> bool:
    """Tell whether two documents of one post agree.

    Of one vector space they are equal but for the vector's last bits; of another recipe they show
    the same post.
    """
    if target is not None:
        return (current.state, current.display) == (standby.state, standby.display)
    if (current.match is None) != (standby.match is None):
        return False
    here, there = _vector(current), _vector(standby)
    if len(here) != len(there) or any(abs(a - b) > CLOSE for a, b in zip(here, there, strict=True)):
        return False
    return _without_vector(current) == _without_vector(standby)


def _merged(here: Iterable[Stamp], there: Iterable[Stamp], end: str | None) -> tuple[Pair, ...]:
    left, right = {one.id: one for one in here}, {one.id: one for one in there}
    ids = sorted(left.keys() | right.keys())
    return tuple(Pair(i, left.get(i), right.get(i)) for i in ids if end is None or i <= end)


def _place(stamp: Stamp, target: Target | None) -> int:
    """Return what decides which document is newer: another recipe has other activations."""
    return stamp.version if target is None else stamp.version // ACTIVATIONS


def _vector(document: Document) -> tuple[float, ...]:
    return () if document.match is None else document.match.vector


def _without_vector(document: Document) -> Document:
    return replace(document, match=document.match and replace(document.match, vector=()))
