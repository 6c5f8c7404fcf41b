"""What two position names are to each other, as the taxonomy tells it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np

from enrich.taxonomy import Taxonomy

Table = np.ndarray[Any, np.dtype[np.uint8]]

GENERIC = ("cat-generic-titles", "cat-generic-heads", "cat-parttime-trainee")
"""Groups of words that only end a name (经理, 店员): to share one says nothing of two jobs."""


class Kin(IntEnum):
    """From no kin at all to the same; of an ``UNCLEAR`` pair nothing is learnt."""

    NONE = 0
    UNCLEAR = 1
    RELATED = 2
    SAME = 3


@dataclass(frozen=True, slots=True)
class Kinship:
    """``table[i, j]``: what the positions ``ids[i]`` and ``ids[j]`` are to each other."""

    ids: tuple[str, ...]
    table: Table

    @property
    def place(self) -> Mapping[str, int]:
        """Return the row of each position."""
        return {id_: row for row, id_ in enumerate(self.ids)}


def kinship(taxonomy: Taxonomy) -> Kinship:
    """Return what all positions are to each other.

    Related: a position and its kinds (but not under a generic title), near ones, an assistant and
    who is assisted. Unclear: a senior, two steps of which one is near, ancestors and descendants
    farther off. None: everything else, siblings too, unless they are near: 英语老师, 日语老师.
    """
    ids = tuple(sorted(taxonomy.positions))
    place = {id_: row for row, id_ in enumerate(ids)}
    near = _both_ways(
        (place[first], place[second])
        for first, kind, second in taxonomy.relations
        if kind != "senior-of"
    )
    kinds = _both_ways(
        (row, place[broader])
        for id_, row in place.items()
        for broader in taxonomy.positions[id_].broader
        if taxonomy.positions[broader].group not in GENERIC
    )
    table = np.zeros((len(ids), len(ids)), dtype=np.uint8)
    for id_, row in place.items():
        _raise(table, row, [place[a] for a in taxonomy.ancestors(id_)], Kin.UNCLEAR)
        for other in near[row]:
            _raise(table, row, near[other] | kinds[other], Kin.UNCLEAR)
    for first, kind, second in taxonomy.relations:
        if kind == "senior-of":
            _raise(table, place[first], [place[second]], Kin.UNCLEAR)
    for row in place.values():
        _raise(table, row, near[row] | kinds[row], Kin.RELATED)
    table = np.maximum(table, table.T)
    np.fill_diagonal(table, Kin.SAME)
    return Kinship(ids, table)


def _both_ways(pairs: Iterable[tuple[int, int]]) -> defaultdict[int, set[int]]:
    found: defaultdict[int, set[int]] = defaultdict(set)
    for first, second in pairs:
        found[first].add(second)
        found[second].add(first)
    return found


def _raise(table: Table, row: int, others: Collection[int], level: Kin) -> None:
    columns = sorted(others)
    table[row, columns] = np.maximum(table[row, columns], level)
