"""What `bench/knn.py` computes of its answers: exact neighbours, recall, percentiles, a table."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
EQUAL = 1e-6
"""Cosines that differ by less are a tie: either document is right."""


def encoded(vector: Floats) -> str:
    """Return a vector as Elasticsearch takes it fastest: base64 of big-endian 32-bit floats."""
    return base64.b64encode(vector.astype(">f4").tobytes()).decode("ascii")


def nearest_share(values: Sequence[str], wanted: float) -> str:
    """Return the value whose share of all entries is nearest to ``wanted``; "" never counts.

    Raises:
        ValueError: every value is empty.
    """
    counts = Counter(value for value in values if value)
    if not counts:
        raise ValueError("no entry has a value; the posts need a city and a category")
    return min(sorted(counts), key=lambda value: abs(counts[value] / len(values) - wanted))


def exact(vectors: Floats, queries: Floats, k: int, passing: NDArray[np.bool_] | None) -> Floats:
    """Return the k-th best cosine of each query among the vectors that pass the filter.

    A document at or above it is a true neighbour, however ties are broken.

    Raises:
        ValueError: fewer than k pass.
    """
    kept = vectors if passing is None else vectors[passing]
    if len(kept) < k:
        raise ValueError(f"only {len(kept)} vectors pass the filter; {k} are needed")
    bars = [
        np.partition(some @ kept.T, len(kept) - k, axis=1)[:, len(kept) - k]
        for some in np.array_split(queries, max(1, len(queries) // 100))
    ]
    return np.asarray(np.concatenate(bars), dtype=np.float32)


def recall(
    vectors: Floats, queries: Floats, found: Sequence[Sequence[int]], bars: Floats, k: int
) -> list[float]:
    """Return, for each query, the share of the k true neighbours among the first k found rows.

    A row counts by its own exact cosine, never by the score that an index gave it, and once.
    """
    shares = []
    for query, rows, bar in zip(queries, found, bars, strict=True):
        some = list(dict.fromkeys(rows[:k]))
        true = int(np.count_nonzero(vectors[some] @ query >= bar - EQUAL)) if some else 0
        shares.append(true / k)
    return shares


def percentile(values: Sequence[float], share: float) -> float:
    """Return a percentile by nearest rank; ``share`` is between 0 and 100."""
    return float(np.percentile(np.asarray(values), share, method="inverted_cdf"))


@dataclass(frozen=True)
class Speed:
    """Latency of one query at a time: at the client, and what the server says of itself; ms."""

    p50: float
    p99: float
    took: float

    @classmethod
    def of(cls, times: Sequence[float], took: Sequence[float]) -> Speed:
        """Summarise times in milliseconds."""
        return cls(percentile(times, 50), percentile(times, 99), float(np.mean(took or [0])))


@dataclass(frozen=True)
class Built:
    """What building one index cost: seconds to load and to merge, bytes on disk and read hot.

    ``hot``: what a search walks through (graph, and the vectors that it compares); ``raw``: whole
    vectors that only rescoring reads.
    """

    load_s: float
    merge_s: float
    disk: int
    hot: int
    raw: int


@dataclass(frozen=True)
class Row:
    """One way to ask one index, under one filter.

    ``recall``: of the ten nearest, on average; ``worst``: of the worst query; ``deep``: of all k.
    """

    engine: str
    index: str
    k: int
    candidates: int | None
    oversample: float | None
    filter: str
    recall: float
    worst: float
    deep: float
    speed: Speed


def passes(rows: Sequence[Row], bar: float) -> bool:
    """Tell whether recall reaches the bar under every filter."""
    return bool(rows) and all(row.recall >= bar for row in rows)


def groups(rows: Sequence[Row]) -> dict[tuple[Any, ...], list[Row]]:
    """Return the rows of each way to ask, in order."""
    found: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        way = (row.engine, row.index, row.k, row.candidates, row.oversample)
        found.setdefault(way, []).append(row)
    return found


def table(rows: Sequence[Row], bar: float) -> str:
    """Return Markdown: one line a way to ask, recall and times for each filter.

    ``p99`` and ``inside``, the mean that the server says of itself, are those of the first filter.
    """
    names = list(dict.fromkeys(row.filter for row in rows))
    head = ["index", "k", "candidates", "oversample", *(f"recall {name}" for name in names), "bar"]
    head += [*(f"p50 {name}" for name in names), "p99", "inside"]
    lines = [head]
    for (engine, index, k, candidates, oversample), some in groups(rows).items():
        by_name = {row.filter: row for row in some}
        speed = some[0].speed
        lines.append([
            f"{engine} {index}", str(k), _plain(candidates), _plain(oversample),
            *(f"{by_name[name].recall:.4f}" if name in by_name else "" for name in names),
            "yes" if passes(some, bar) else "no",
            *(f"{by_name[name].speed.p50:.1f}" if name in by_name else "" for name in names),
            f"{speed.p99:.1f}", f"{speed.took:.1f}",
        ])  # fmt: skip
    return _markdown(lines)


def costs(built: Mapping[str, Built], count: int) -> str:
    """Return Markdown: what each index cost to build, on disk and in memory."""
    lines = [["index", "documents/s", "merge s", "MB on disk", "MB hot", "MB read by rescoring"]]
    lines += [
        [
            name,
            f"{count / cost.load_s:,.0f}",
            f"{cost.merge_s:.0f}",
            *(f"{size / 1e6:.0f}" for size in (cost.disk, cost.hot, cost.raw)),
        ]
        for name, cost in built.items()
    ]
    return _markdown(lines)


def _markdown(lines: Sequence[Sequence[str]]) -> str:
    ruled = [lines[0], ["---"] * len(lines[0]), *lines[1:]]
    return "\n".join("| " + " | ".join(line) + " |" for line in ruled)


def _plain(value: float | None) -> str:
    return "" if value is None else f"{value:g}"
