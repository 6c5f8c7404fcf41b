"""Vectors: how they are stored, and the faiss cache that follows other processes' writes."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


def to_blob(vector: Sequence[float]) -> bytes:
    """Return a vector as little-endian 32-bit floats."""
    return np.asarray(vector, dtype="<f4").tobytes()


def from_blob(blob: bytes) -> tuple[float, ...]:
    """Return the vector of a blob."""
    return tuple(np.frombuffer(blob, dtype="<f4").tolist())


class VectorCache:
    """A flat faiss index over the stored vectors; ``docs.seq`` tells what it has not seen."""

    def __init__(self) -> None:
        """Start empty; the first search fills it."""
        self._lock = threading.Lock()
        self._instance: str | None = None
        self._seq = 0
        self._index: Any = None

    def search(
        self, connection: sqlite3.Connection, vector: Sequence[float], floor: float
    ) -> dict[int, float]:
        """Return the cosine of every stored vector at or above ``floor``, by row."""
        with self._lock:
            self._follow(connection)
            if self._index is None or not self._index.ntotal:
                return {}
            query = _unit(np.asarray([vector], dtype=np.float32))
            below = float(np.nextafter(np.float32(floor), np.float32(-2)))
            _, scores, rows = self._index.range_search(query, below)
            return dict(zip(rows.tolist(), scores.tolist(), strict=True))

    def _follow(self, connection: sqlite3.Connection) -> None:
        """Take over what was written since; the caller's transaction makes it one snapshot."""
        meta = dict(connection.execute("SELECT name, value FROM meta"))
        if meta["instance"] != self._instance:
            self._instance, self._seq, self._index = meta["instance"], 0, None
        if int(meta["seq"]) == self._seq:
            return
        changed = connection.execute(
            "SELECT d.row, v.vector FROM docs d LEFT JOIN vectors v USING (row) WHERE d.seq > ?",
            (self._seq,),
        ).fetchall()
        if self._index is not None and self._index.ntotal:
            self._index.remove_ids(np.asarray([row for row, _ in changed], dtype=np.int64))
        self._add([(row, blob) for row, blob in changed if blob is not None])
        self._seq = int(meta["seq"])

    def _add(self, stored: list[tuple[int, bytes]]) -> None:
        import faiss

        if not stored:
            return
        matrix = np.stack([np.frombuffer(blob, dtype="<f4") for _, blob in stored])
        if self._index is None:
            self._index = faiss.IndexIDMap(faiss.IndexFlatIP(matrix.shape[1]))
        rows = np.asarray([row for row, _ in stored], dtype=np.int64)
        self._index.add_with_ids(_unit(matrix.astype(np.float32)), rows)


def _unit(matrix: NDArray[np.float32]) -> NDArray[np.float32]:
    lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
    return np.asarray(matrix / np.where(lengths == 0, 1, lengths), dtype=np.float32)
