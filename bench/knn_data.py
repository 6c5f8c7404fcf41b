"""The vectors, queries and filters of one run of `bench/knn.py`, with what is exactly right."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.knn_figures import Floats, exact, nearest_share, recall
from search.index import Filters


class MissingVectorsError(Exception):
    """There are no vectors; says how to make them."""


@dataclass(frozen=True)
class Filter:
    """A hard condition: a ``field`` of section ``filter`` has ``value``; no field means all."""

    name: str
    field: str = ""
    value: str = ""

    @property
    def condition(self) -> Filters | None:
        """As the index protocol says it."""
        if not self.field:
            return None
        return Filters(**{self.field: (self.value,) if self.field == "benefit" else self.value})


@dataclass(frozen=True)
class Vectors:
    """Unit vectors of posts and of queries, and the fields that filters read, a list each."""

    posts: Floats
    queries: Floats
    fields: dict[str, list[str]]

    @classmethod
    def load(cls, folder: Path, count: int | None = None) -> Vectors:
        """Read a folder; its posts lie in random order, so the first ``count`` are a sample.

        Raises:
            MissingVectorsError: the folder does not hold them.
        """
        files = [folder / name for name in ("vectors.npy", "queries.npy", "meta.jsonl")]
        if missing := [str(file) for file in files if not file.is_file()]:
            raise MissingVectorsError(
                f"no vectors: {', '.join(missing)} missing; make them from posts (JSON lines), "
                f"some 30 minutes for 120,000: bench/knn.py vectors --posts FILE --out {folder}"
            )
        posts, queries = (_units(np.load(file)[:count]) for file in files[:2])
        with files[2].open(encoding="utf-8") as lines:
            meta = [json.loads(line) for line in lines][: len(posts)]
        fields = {name: [str(entry[name]) for entry in meta] for name in ("category", "city")}
        for name, parts in (("job_type", 10), ("benefit", 100)):  # by chance, whatever they hold
            fields[name] = [str(int(entry["digest"][:8], 16) % parts) for entry in meta]
        return cls(posts, queries, fields)

    @cached_property
    def filters(self) -> tuple[Filter, ...]:
        """Nothing; about a tenth and a hundredth by chance; the same shares by a real field."""
        category = nearest_share(self.fields["category"], 0.1)
        city = nearest_share(self.fields["city"], 0.01)
        return (
            Filter("all"),
            Filter("10 %", "job_type", "3"),
            Filter("1 %", "benefit", "7"),
            Filter("category", "category", category),
            Filter("city", "city", city),
        )

    def passing(self, chosen: Filter) -> NDArray[np.bool_] | None:
        """Return which posts pass; None where all do."""
        if not chosen.field:
            return None
        return np.asarray([value == chosen.value for value in self.fields[chosen.field]])

    def share(self, chosen: Filter) -> float:
        """Return how much of the posts passes, between 0 and 1."""
        passing = self.passing(chosen)
        return 1.0 if passing is None else float(passing.mean())

    def bars(self, chosen: Filter, k: int) -> Floats:
        """Return each query's k-th best cosine."""
        key = (chosen, k)
        if key not in self._bars:
            self._bars[key] = exact(self.posts, self.queries, k, self.passing(chosen))
        return self._bars[key]

    def judged(self, found: Sequence[Sequence[int]], chosen: Filter, k: int) -> dict[str, float]:
        """Return recall of the ten nearest, its worst query, and recall of as many as were asked.

        Where fewer than k pass the filter, all of these are asked for.
        """
        passing = self.passing(chosen)
        reachable = min(k, len(self.posts) if passing is None else int(passing.sum()))
        first = min(10, reachable)
        shares = recall(self.posts, self.queries, found, self.bars(chosen, first), first)
        deep = recall(self.posts, self.queries, found, self.bars(chosen, reachable), reachable)
        return {
            "recall": float(np.mean(shares)),
            "worst": min(shares),
            "deep": float(np.mean(deep)),
        }

    @cached_property
    def _bars(self) -> dict[tuple[Filter, int], Floats]:
        return {}


def _units(matrix: Floats) -> Floats:
    lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
    return np.asarray(matrix / lengths, dtype=np.float32)
