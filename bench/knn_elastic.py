"""Elasticsearch's side of `bench/knn.py`: the product's own mapping under each vector option."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from elasticsearch import Elasticsearch

from bench.knn_data import Filter, Vectors
from bench.knn_figures import Built, Floats, Row, Speed, encoded
from search.elastic.queries import knn_clause
from search.index import VectorQuery
from search.schema import mapping, settings, vector_field, vector_name

SPACE = "bench"
BULK = 500
WARM_UP = 100
SERVERS_OWN = {"hnsw_filter_heuristic": "acorn", "hnsw_enable_early_termination": True}
"""How the server walks a graph where an index says nothing."""
WHOLE_WALK = {"hnsw_filter_heuristic": "fanout", "hnsw_enable_early_termination": False}


@dataclass(frozen=True)
class Asked:
    """One way to ask: the nearest ``k`` of ``candidates``, rescored where ``oversample`` is set.

    ``early``: with the server's own walk through the graph instead of the whole one.
    """

    k: int
    candidates: int
    oversample: float | None = None
    early: bool = False


@dataclass(frozen=True)
class Option:
    """One way to index vectors, and the ways to ask it."""

    name: str
    index: Mapping[str, Any]
    asked: Sequence[Asked] = ()


def graph(kind: str, m: int = 16, ef: int = 100) -> dict[str, Any]:
    """Return ``index_options``."""
    return {"type": kind, "m": m, "ef_construction": ef}


def ways(candidates: Sequence[int], oversamples: Sequence[float | None]) -> list[Asked]:
    """Return ten nearest of each number of candidates, each rescored in every way."""
    return [Asked(10, number, over) for over in oversamples for number in candidates]


OPTIONS = (
    Option(
        "hnsw 16/100",
        graph("hnsw"),
        [
            *(Asked(10, number, early=True) for number in (200, 400)),
            *ways((100, 200, 400), (None,)),
            Asked(200, 400),
        ],
    ),
    Option("hnsw 32/200", graph("hnsw", 32, 200), ways((100, 200, 400), (None,))),
    Option(
        "int8 16/100",
        graph("int8_hnsw"),
        [Asked(10, 400), *ways((200, 400), (1.5, 3)), Asked(200, 400, 3)],
    ),
    Option("int8 32/200", graph("int8_hnsw", 32, 200), ways((200,), (3,))),
    Option("int4 16/100", graph("int4_hnsw"), ways((400,), (3, 5))),
    Option("bbq 16/100", graph("bbq_hnsw"), ways((400,), (5, 10))),
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

    def walk(self, asked: Asked) -> None:
        """Set how graphs are walked."""
        walk = {"dense_vector": SERVERS_OWN if asked.early else WHOLE_WALK}
        self._client.indices.put_settings(index=self._name, settings=walk)

    def row(self, asked: Asked, chosen: Filter, *, as_product: bool = False) -> Row:
        """Ask every query once, alone, after a warm-up.

        Args:
            asked: how.
            chosen: the filter.
            as_product: ask exactly as the product does, which decides on candidates by itself.
        """
        queries = self._vectors.queries
        clauses = [self._clause(asked, query, chosen, as_product) for query in queries]
        for clause in clauses[:WARM_UP]:
            self._ask(asked.k, clause)
        times, took, found = [], [], []
        for clause in clauses:
            began = time.perf_counter()
            answer = self._ask(asked.k, clause)
            times.append((time.perf_counter() - began) * 1000)
            took.append(float(answer["took"]))
            found.append([int(hit["_id"]) for hit in answer["hits"]["hits"]])
        return Row(
            engine="es",
            index=self._option.name + (" (server's walk)" if asked.early else ""),
            k=asked.k,
            candidates=clauses[0]["num_candidates"],
            oversample=clauses[0].get("rescore_vector", {}).get("oversample"),
            filter=chosen.name,
            **self._vectors.judged(found, chosen, asked.k),
            speed=Speed.of(times, took),
        )

    def _clause(
        self, asked: Asked, query: Floats, chosen: Filter, as_product: bool
    ) -> dict[str, Any]:
        wanted = VectorQuery(tuple(query.tolist()), SPACE, floor=0.0, depth=asked.k)
        clause = knn_clause(wanted, chosen.condition, vector_field(SPACE))
        if as_product:
            return clause
        clause.pop("rescore_vector", None)
        clause["num_candidates"] = asked.candidates
        if asked.oversample is not None:
            clause["rescore_vector"] = {"oversample": asked.oversample}
        return clause

    def _ask(self, k: int, clause: dict[str, Any]) -> Any:  # noqa: ANN401
        return self._client.search(
            index=self._name, knn=clause, size=k, source=False, track_total_hits=False
        )

    def _cost(self, load_s: float, merge_s: float) -> Built:
        stats = self._client.indices.stats(index=self._name, metric="dense_vector,store,segments")
        whole = stats["indices"][self._name]["primaries"]
        if (segments := whole["segments"]["count"]) != 1:
            raise RuntimeError(f"{self._name} has {segments} segments after the merge, not one")
        sizes = whole["dense_vector"]["off_heap"]
        every, raw = sizes["total_size_bytes"], sizes["total_vec_size_bytes"]
        if not sizes["total_veq_size_bytes"] + sizes["total_veb_size_bytes"]:
            raw = 0  # the whole vectors are what a search compares
        return Built(load_s, merge_s, whole["store"]["size_in_bytes"], every - raw, raw)


def _bulks(vectors: Vectors) -> Iterator[list[dict[str, Any]]]:
    for start in range(0, len(vectors.posts), BULK):
        operations: list[dict[str, Any]] = []
        for at in range(start, min(start + BULK, len(vectors.posts))):
            operations += [
                {"index": {"_id": str(at)}},
                {
                    "id": str(at),
                    "state": "open",
                    "match": {vector_name(SPACE): encoded(vectors.posts[at])},
                    "filter": {name: values[at] for name, values in vectors.fields.items()},
                },
            ]
        yield operations
