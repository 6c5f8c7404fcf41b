"""Elasticsearch's side of `bench/knn.py`: the product's own mapping under each vector option."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from elasticsearch import Elasticsearch

from bench.knn_data import Filter, Vectors
from bench.knn_figures import Built, Floats, Row, Speed, encoded, recall
from search.schema import mapping, settings, vector_field, vector_name

SPACE = "bench"
BULK = 500
WARM_UP = 200


@dataclass(frozen=True)
class Asked:
    """One way to ask: the nearest ``k`` of ``candidates``, rescored where ``oversample`` is set."""

    k: int
    candidates: int
    oversample: float | None = None


@dataclass(frozen=True)
class Option:
    """One way to index vectors, and the ways to ask it."""

    name: str
    index: Mapping[str, Any]
    asked: Sequence[Asked] = field(default_factory=tuple)


def graph(kind: str, m: int = 16, ef: int = 100, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return ``index_options``."""
    return {"type": kind, "m": m, "ef_construction": ef, **more}


def ways(candidates: Sequence[int], oversamples: Sequence[float | None]) -> list[Asked]:
    """Return ten nearest of each number of candidates, each rescored in every way."""
    return [Asked(10, number, over) for over in oversamples for number in candidates]


OPTIONS = (
    Option("hnsw 16/100", graph("hnsw"), ways((100, 200, 400), (None,))),
    Option("hnsw 32/200", graph("hnsw", 32, 200), ways((100, 200, 400), (None,))),
    Option("int8 16/100", graph("int8_hnsw"), ways((100, 200, 400), (None, 1.5, 3.0))),
    Option("int8 32/200", graph("int8_hnsw", 32, 200), ways((100, 200), (1.5, 3.0))),
    Option("int4 16/100", graph("int4_hnsw"), ways((100, 200, 400), (2.0, 3.0))),
    Option("bbq 16/100", graph("bbq_hnsw"), ways((100, 200, 400), (3.0, 5.0))),
    Option("bbq 32/200", graph("bbq_hnsw", 32, 200), ways((100, 200, 400), (5.0,))),
)


class Measured:
    """One index with the vectors, until it is closed."""

    def __init__(self, client: Elasticsearch, name: str, option: Option, vectors: Vectors) -> None:
        """Load, merge to one segment and say what it cost (``built``)."""
        self._client, self._name, self._option, self._vectors = client, name, option, vectors
        client.indices.delete(index=name, ignore_unavailable=True)
        given = settings(shards=1, replicas=0)
        given["index"]["refresh_interval"] = "-1"
        length = vectors.posts.shape[1]
        client.indices.create(
            index=name, settings=given, mappings=mapping(SPACE, length, option.index)
        )
        began = time.perf_counter()
        for operations in _bulks(vectors):
            answer = client.bulk(index=name, operations=operations)
            if answer["errors"]:
                raise RuntimeError(f"{name}: {answer['items'][0]}")
        client.indices.refresh(index=name)
        loaded = time.perf_counter()
        client.options(request_timeout=1800).indices.forcemerge(index=name, max_num_segments=1)
        client.indices.refresh(index=name)
        self.built = self._cost(loaded - began, time.perf_counter() - loaded)

    def close(self) -> None:
        """Remove the index."""
        self._client.indices.delete(index=self._name)

    def row(self, asked: Asked, chosen: Filter, *, open_only: bool = False) -> Row:
        """Ask every query once, alone, after a warm-up."""
        queries = self._vectors.queries
        for query in queries[:WARM_UP]:
            self._ask(asked, query, chosen, open_only)
        times, took, found = [], [], []
        for query in queries:
            began = time.perf_counter()
            answer = self._ask(asked, query, chosen, open_only)
            times.append((time.perf_counter() - began) * 1000)
            took.append(float(answer["took"]))
            found.append([int(hit["_id"]) for hit in answer["hits"]["hits"]])
        right = recall(
            self._vectors.posts, queries, found, self._vectors.bars(chosen, asked.k), asked.k
        )
        return Row(
            "es",
            self._option.name,
            asked.k,
            asked.candidates,
            asked.oversample,
            "open" if open_only else chosen.name,
            float(np.mean(right)),
            min(right),
            Speed.of(times, took),
        )

    def _ask(self, asked: Asked, query: Floats, chosen: Filter, open_only: bool) -> Any:  # noqa: ANN401
        knn: dict[str, Any] = {
            "field": vector_field(SPACE),
            "query_vector": encoded(query),
            "k": asked.k,
            "num_candidates": asked.candidates,
        }
        if asked.oversample is not None:
            knn["rescore_vector"] = {"oversample": asked.oversample}
        terms = [{"term": {f"filter.{chosen.field}": chosen.value}}] if chosen.field else []
        terms += [{"term": {"state": "open"}}] if open_only else []
        if terms:
            knn["filter"] = terms
        return self._client.search(
            index=self._name, knn=knn, size=asked.k, source=False, track_total_hits=False
        )

    def _cost(self, load_s: float, merge_s: float) -> Built:
        stats = self._client.indices.stats(index=self._name, metric="dense_vector,store,segments")
        whole = stats["indices"][self._name]["primaries"]
        if (segments := whole["segments"]["count"]) != 1:
            raise RuntimeError(f"{self._name} has {segments} segments after the merge, not one")
        sizes = whole["dense_vector"]["off_heap"]
        raw = sizes["total_vec_size_bytes"]
        hot = sizes["total_size_bytes"] - raw
        quantised = sizes["total_veq_size_bytes"] + sizes["total_veb_size_bytes"]
        if not quantised:
            hot, raw = hot + raw, 0
        return Built(load_s, merge_s, whole["store"]["size_in_bytes"], hot, raw)


def _bulks(vectors: Vectors) -> Iterator[list[dict[str, Any]]]:
    for start in range(0, len(vectors.posts), BULK):
        operations: list[dict[str, Any]] = []
        for at in range(start, min(start + BULK, len(vectors.posts))):
            operations.append({"index": {"_id": str(at)}})
            operations.append({
                "id": str(at),
                "state": "open",
                "match": {vector_name(SPACE): encoded(vectors.posts[at])},
                "filter": {name: values[at] for name, values in vectors.fields.items()},
            })  # fmt: skip
        yield operations
