"""One state of the embedded index as arrays by row: ids, numbers, who fulfils a condition.

Answering from these costs microseconds where SQL would walk over every document. They are made
when a query first needs them and forgotten when something is written.
"""

from __future__ import annotations

import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
"""Which rows of ``docs``; as long as the snapshot's ``size``."""
Rows = NDArray[np.int64]
Scores = NDArray[np.float64]

NUMBER_COLUMNS = {
    name: "pay" if name == "pay" else f"json_extract(filter, '$.{name}')"
    for name in ("pay", "salary_min", "age_min", "age_max", "education", "experience")
}
"""What can be compared, as the file's index ``docs_numbers`` has it."""
MOST_BYTES = 64 << 20
"""What one snapshot keeps of conditions and words."""
_SNAPSHOTS = 3
"""States that are kept: a query may have begun before the last write."""


@dataclass(frozen=True, slots=True)
class Found:
    """Documents by row, each once, with their scores."""

    rows: Rows
    scores: Scores


class _Kept:
    """Arrays by key, up to ``MOST_BYTES``; then it begins anew."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._making: dict[Hashable, threading.Lock] = {}
        self._kept: dict[Hashable, NDArray[Any]] = {}
        self._bytes = 0

    def get(self, key: Hashable, make: Callable[[], NDArray[Any]]) -> NDArray[Any]:
        found = self._kept.get(key)
        if found is not None:
            return found
        with self._lock:
            making = self._making.setdefault(key, threading.Lock())
        with making:
            found = self._kept.get(key)
            if found is None:
                found = make()
                with self._lock:
                    self._put(key, found)
        return found

    def _put(self, key: Hashable, made: NDArray[Any]) -> None:
        if self._bytes + made.nbytes > MOST_BYTES:
            self._kept.clear()
            self._bytes = 0
        self._kept[key] = made
        self._bytes += made.nbytes
        self._making.pop(key, None)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The state behind ``seq``.

    ``ids`` by row; ``open``: the documents that can be found; ``numbers``: what documents state,
    by field, NaN where they state nothing; empty until one is asked for.
    """

    seq: int
    ids: NDArray[np.object_]
    open: Mask
    numbers: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    _kept: _Kept = field(default_factory=_Kept)

    @property
    def size(self) -> int:
        """Rows, those that hold nothing included."""
        return len(self.open)

    def keep(self, key: Hashable, make: Callable[[], NDArray[Any]]) -> NDArray[Any]:
        """Return what was made for a key, which must not be changed; make it where it was not.

        Several threads that ask for one thing at once wait for the one that makes it.
        """
        return self._kept.get(key, make)

    def number(self, connection: sqlite3.Connection, name: str) -> NDArray[np.float64]:
        """Return what each document states of a number; all are read the first time."""
        if not self.numbers:
            found = {one: np.full(self.size, np.nan) for one in NUMBER_COLUMNS}
            _read_numbers(connection, found, 0)
            self.numbers.update(found)
        return self.numbers[name]

    def mask(self, rows: Iterable[int] | Rows) -> Mask:
        """Return rows as a mask."""
        found = np.zeros(self.size, dtype=np.bool_)
        found[rows if isinstance(rows, np.ndarray) else np.fromiter(rows, np.int64)] = True
        return found


class Snapshots:
    """The last states of a file, brought up to date with what was written since."""

    def __init__(self) -> None:
        """Start empty; the first query reads every id."""
        self._lock = threading.Lock()
        self._instance: str | None = None
        self._known: OrderedDict[int, Snapshot] = OrderedDict()

    def of(self, connection: sqlite3.Connection) -> Snapshot:
        """Return the state that the caller's transaction sees."""
        meta = dict(connection.execute("SELECT name, value FROM meta"))
        seq = int(meta["seq"])
        with self._lock:
            if meta["instance"] != self._instance:
                self._instance = meta["instance"]
                self._known.clear()
            found = self._known.get(seq)
            if found is None:
                found = _after(connection, self._before(seq), seq)
                self._known[seq] = found
                while len(self._known) > _SNAPSHOTS:
                    self._known.popitem(last=False)
            return found

    def _before(self, seq: int) -> Snapshot:
        earlier = [one for one in self._known if one < seq]
        if earlier:
            return self._known[max(earlier)]
        return Snapshot(0, np.empty(0, dtype=np.object_), np.zeros(0, dtype=np.bool_))


def integers(found: Iterable[tuple[int, ...]]) -> Rows:
    """Return the single column of some rows."""
    return np.fromiter(chain.from_iterable(found), np.int64)


def pairs(found: Iterable[tuple[float, float]]) -> Found:
    """Return two columns of numbers, the first of which are rows."""
    both = np.fromiter(chain.from_iterable(found), np.float64).reshape(-1, 2)
    return Found(both[:, 0].astype(np.int64), both[:, 1])


def _after(connection: sqlite3.Connection, before: Snapshot, seq: int) -> Snapshot:
    changed = connection.execute(
        "SELECT row, id, state = 'open' FROM docs WHERE seq > ?", (before.seq,)
    ).fetchall()
    rows = np.fromiter((row for row, _, _ in changed), np.int64, len(changed))
    size = max(before.size, int(rows.max(initial=0)) + 1)
    ids = np.full(size, None, dtype=np.object_)
    ids[: before.size] = before.ids
    found = np.zeros(size, dtype=np.bool_)
    found[: before.size] = before.open
    for row, id_, is_open in changed:
        ids[row] = id_
        found[row] = is_open
    numbers: dict[str, NDArray[np.float64]] = {}
    for name, values in list(before.numbers.items()):
        numbers[name] = np.full(size, np.nan)
        numbers[name][: before.size] = values
    if numbers:
        _read_numbers(connection, numbers, before.seq)
    return Snapshot(seq, ids, found, numbers)


def _read_numbers(
    connection: sqlite3.Connection, into: Mapping[str, NDArray[np.float64]], after: int
) -> None:
    columns = ", ".join(NUMBER_COLUMNS.values())
    found = connection.execute(
        f"SELECT row, {columns} FROM docs WHERE seq > ?",  # noqa: S608
        (after,),
    ).fetchall()
    rows = np.array([row[0] for row in found], dtype=np.int64)
    values = np.array([row[1:] for row in found], dtype=np.float64).reshape(len(rows), -1)
    for place, name in enumerate(NUMBER_COLUMNS):
        into[name][rows] = values[:, place]
