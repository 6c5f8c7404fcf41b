"""Faiss's side of `bench/knn.py`: the flat index and HNSW over the same vectors."""

from __future__ import annotations

import time
from typing import Any

import faiss
import numpy as np

from bench.knn_data import Filter, Vectors
from bench.knn_figures import Built, Row, Speed

WARM_UP = 50
LINKS, CONSTRUCTION = 16, 100


class Flat:
    """Every vector is compared: exact."""

    name = "flat"

    def __init__(self, vectors: Vectors) -> None:
        """Build and say what it cost."""
        began = time.perf_counter()
        self.index: Any = faiss.IndexFlatIP(vectors.posts.shape[1])
        self.index.add(vectors.posts)
        size = vectors.posts.nbytes
        self.built = Built(time.perf_counter() - began, 0.0, size, size, 0)

    def parameters(self, candidates: int | None, selector: Any) -> Any:  # noqa: ANN401
        """Return what a search is given; None where that is nothing."""
        del candidates
        return selector and faiss.SearchParameters(sel=selector)


class Graph:
    """HNSW over whole vectors, as Elasticsearch's ``hnsw`` is."""

    name = f"hnsw {LINKS}/{CONSTRUCTION}"

    def __init__(self, vectors: Vectors) -> None:
        """Build on all cores and say what it cost."""
        began = time.perf_counter()
        length = vectors.posts.shape[1]
        self.index: Any = faiss.IndexHNSWFlat(length, LINKS, faiss.METRIC_INNER_PRODUCT)
        self.index.hnsw.efConstruction = CONSTRUCTION
        self.index.add(vectors.posts)
        taken = time.perf_counter() - began
        size = len(faiss.serialize_index(self.index))
        self.built = Built(taken, 0.0, size, size, 0)

    def parameters(self, candidates: int | None, selector: Any) -> Any:  # noqa: ANN401
        """Return what a search is given."""
        return faiss.SearchParametersHNSW(efSearch=candidates or 16, sel=selector)


def row(
    engine: Flat | Graph, vectors: Vectors, k: int, candidates: int | None, chosen: Filter
) -> Row:
    """Ask every query once, alone and on one core, after a warm-up."""
    passing = vectors.passing(chosen)
    bits = None if passing is None else np.packbits(passing, bitorder="little")
    selector = None if bits is None else faiss.IDSelectorBitmap(bits)
    given = engine.parameters(candidates, selector)
    cores = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    times, found = [], []
    try:
        for query in vectors.queries[:WARM_UP]:
            engine.index.search(query[None], k, params=given)
        for query in vectors.queries:
            began = time.perf_counter()
            _, rows = engine.index.search(query[None], k, params=given)
            times.append((time.perf_counter() - began) * 1000)
            found.append([int(one) for one in rows[0] if one >= 0])
    finally:
        faiss.omp_set_num_threads(cores)
    return Row(
        engine="faiss",
        index=engine.name,
        k=k,
        candidates=candidates,
        oversample=None,
        filter=chosen.name,
        **vectors.judged(found, chosen, k),
        speed=Speed.of(times, ()),
    )
