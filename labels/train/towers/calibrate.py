"""The floor: the least cosine of a match."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from enrich.text import normalize_query
from labels.evaluate.relevance import RIGHT, GradedQuery
from labels.train.towers.examples import Makes
from labels.train.towers.measure import Encode, Near
from labels.train.towers.posts import ReadPost
from labels.train.towers.reading import key_of

KEPT = 0.99
"""Share of the right posts that the floor lets through."""


def floor_of(
    queries: Sequence[GradedQuery], read: Mapping[str, ReadPost], makes: Makes, encode: Encode
) -> float:
    """Return the cosine that 99 of 100 right posts reach; 0 where none are judged.

    Below it there is next to nothing that anybody would miss.
    """
    cosines = []
    for one in queries:
        right = [post for post in one.posts if post.grade == RIGHT]
        query = encode([normalize_query(one.query)], "query")[0]
        near = Near([makes.texts(read[key_of(p.title, p.body)]) for p in right], encode)
        cosines += near.to(query).tolist()
    return round(float(np.quantile(cosines, 1 - KEPT)), 3) if cosines else 0.0
