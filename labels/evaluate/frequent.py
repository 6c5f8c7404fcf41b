"""How many of the first posts of a frequent query are right: hired for what it asks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from enrich.taxonomy import Taxonomy
from enrich.text import normalize_query
from labels.evaluate.bootstrap import Array

FIRST = 60


@dataclass(frozen=True, slots=True)
class Among:
    """So many right posts among the first sixty, of so many that were returned there."""

    right: int
    returned: int

    def __str__(self) -> str:
        """Write the right ones, and how many there were where the page was not full."""
        return str(self.right) if self.returned == FIRST else f"{self.right} of {self.returned}"


def most_hired(hired: Iterable[Collection[str]], taxonomy: Taxonomy, most: int = 10) -> list[str]:
    """Return the names of the positions that most posts hire for, the most frequent first."""
    counts = Counter(id_ for ids in hired for id_ in {taxonomy.current(one) for one in ids})
    order = sorted(counts, key=lambda id_: (-counts[id_], id_))
    return [taxonomy.position(id_).name for id_ in order if id_ in taxonomy.positions][:most]


def positions_of(query: str, taxonomy: Taxonomy) -> frozenset[str]:
    """Return the positions that a query names as a whole, with what is narrower."""
    ids = {sense.position for sense in taxonomy.senses(normalize_query(query))}
    return frozenset(ids.union(*(taxonomy.descendants(id_) for id_ in ids)))


def among_first(
    ranking: Sequence[str], hired: Mapping[str, Collection[str]], wanted: Collection[str]
) -> Among:
    """Count the right ones of the first sixty posts; posts that ``hired`` lacks are passed over."""
    first = [id_ for id_ in ranking if id_ in hired][:FIRST]
    return Among(sum(not set(wanted).isdisjoint(hired[id_]) for id_ in first), len(first))


def as_counts(found: Sequence[Among]) -> Array:
    """Return right posts and places by query, shape (queries, 2)."""
    return np.array([(one.right, FIRST) for one in found], dtype=float).reshape(-1, 2)
