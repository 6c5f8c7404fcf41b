"""Vectors: how they are stored, and the faiss cache that follows other processes' writes."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.embedded.snapshot import Found, Mask

_TIES = 64
"""So many more neighbours are asked for, to see whether others are as near as the last one."""
_NOTHING = Found(np.empty(0, dtype=np.int64), np.empty(0))


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
        self,
        connection: sqlite3.Connection,
        vector: Sequence[float],
        floor: float,
        depth: int,
        allowed: Mask,
    ) -> Found:
        """Return the cosines of the nearest ``depth`` vectors at or above ``floor``.

        Of those that are as near as the last one all are returned: ids decide between them.

        Args:
            connection: in a transaction.
            vector: whose neighbours are wanted.
            floor: the least cosine.
            depth: how many.
            allowed: the rows that count.
        """
        with self._lock:
            self._follow(connection)
            if self._index is None or not self._index.ntotal:
                return _NOTHING
            query = _unit(np.asarray([vector], dtype=np.float32))
            return _nearest(self._index, query, np.float32(floor), depth, allowed)

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


def _nearest(
    index: Any,  # noqa: ANN401 - the library ships no types
    query: NDArray[np.float32],
    floor: np.float32,
    depth: int,
    allowed: Mask,
) -> Found:
    import faiss

    library: Any = faiss  # its types know none of what Python adds
    bits = np.packbits(allowed, bitorder="little")
    chosen = library.SearchParameters(sel=library.IDSelectorBitmap(bits))
    wanted = min(depth + _TIES, index.ntotal)
    while True:
        scores, rows = (found[0] for found in index.search(query, wanted, params=chosen))
        scores, rows = scores[rows >= 0], rows[rows >= 0]
        if len(rows) < wanted or wanted == index.ntotal or scores[-1] < scores[depth - 1]:
            break
        wanted = min(4 * wanted, index.ntotal)  # more of them are as near as the last one
    kept = scores >= floor
    return Found(rows[kept], scores[kept].astype(np.float64))


def _unit(matrix: NDArray[np.float32]) -> NDArray[np.float32]:
    lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
    return np.asarray(matrix / np.where(lengths == 0, 1, lengths), dtype=np.float32)
