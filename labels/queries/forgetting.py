"""Which known words a query is read without, so that the tagger meets them as unknown ones."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping

from labels.queries.model import JudgedQuery

CHANCES: Mapping[str, float] = {
    "position": 0.35,
    "company": 0.45,
    "workplace": 0.35,
    "location": 0.3,
    "benefit": 0.15,
    "job_type": 0.12,
    "generic": 0.4,
}
"""How often a named piece of each attribute is forgotten."""


def forgotten(query: JudgedQuery, rng: random.Random) -> frozenset[str]:
    """Return the words of a query that are forgotten, in normalised spelling, without blanks."""
    return frozenset(_forgotten(query, rng))


def _forgotten(query: JudgedQuery, rng: random.Random) -> Iterator[str]:
    for piece in query.pieces:
        if piece.named and rng.random() < CHANCES.get(piece.attribute, 0.0):
            yield "".join(piece.text.split())
