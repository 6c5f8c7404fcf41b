"""Vectors of queries: made once for each text, the last ones kept."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from math import hypot, isfinite

from enrich.text import normalize_query

Encode = Callable[[str], Sequence[float]]
Names = Callable[[str], Sequence[float] | None]
"""Returns the unit vector of all names of a position, None where it has none."""
NAMED = 0.5
"""How much of a query's vector is what else its positions are called."""
MOST = 2000
"""Vectors that are kept: some 20 MB of 256 dimensions."""


class EncoderMissingError(RuntimeError):
    """There is no model to encode queries with, or it cannot be loaded; says why."""


class EncoderFailedError(RuntimeError):
    """The model gave no usable vector; says what it gave."""


class QueryVectors:
    """The query tower behind a cache by vector space and normalised text; for many threads."""

    def __init__(
        self, encode: Encode | None, space: str, names: Names | None = None, most: int = MOST
    ) -> None:
        """Use a tower whose vectors mean ``space`` (None: there is none), and those of names."""
        self._encode = encode
        self._names = names or (lambda _position: None)
        self._space = space
        self._most = most
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, str], tuple[float, ...]] = OrderedDict()
        self._has_answered = False

    @property
    def space(self) -> str:
        """What the vectors mean."""
        return self._space

    @property
    def exists(self) -> bool:
        """Tell whether there is a tower."""
        return self._encode is not None

    @property
    def has_answered(self) -> bool:
        """Tell whether the tower has given a vector: it is loaded then."""
        return self._has_answered

    def kept(self, text: str, positions: Sequence[str] = ()) -> tuple[float, ...] | None:
        """Return the vector of a text where it was made before; see ``of``."""
        vector = self._text(text)
        return None if vector is None else self._named(vector, positions)

    def of(self, text: str, positions: Sequence[str] = ()) -> tuple[float, ...]:
        """Return the unit vector of a text, drawn half-way to what its positions are called.

        Raises:
            EncoderMissingError: there is no tower.
            EncoderFailedError: its vector is empty, or holds what is no number.
        """
        if self._encode is None:
            raise EncoderMissingError("no model is loaded")
        vector = self._text(text)
        if vector is not None:
            return self._named(vector, positions)
        key = self._space, normalize_query(text)
        # Not under the lock: two may encode the same text, none waits for another's.
        vector = tuple(float(value) for value in self._encode(key[1]))
        if not vector or not all(map(isfinite, vector)):
            raise EncoderFailedError(
                f"the query's vector has {len(vector)} values, not all numbers"
            )
        with self._lock:
            self._has_answered = True
            self._kept[key] = vector
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return self._named(vector, positions)

    def _text(self, text: str) -> tuple[float, ...] | None:
        key = self._space, normalize_query(text)
        with self._lock:
            vector = self._kept.get(key)
            if vector is not None:
                self._kept.move_to_end(key)
        return vector

    def _named(self, vector: tuple[float, ...], positions: Sequence[str]) -> tuple[float, ...]:
        names = [found for id_ in positions if (found := self._names(id_)) is not None]
        if not names:
            return vector
        mean = _unit([sum(values) for values in zip(*names, strict=True)])
        pairs = zip(vector, mean, strict=True)
        return tuple(_unit([(1 - NAMED) * own + NAMED * other for own, other in pairs]))


def _unit(vector: Sequence[float]) -> list[float]:
    length = hypot(*vector)
    return [value / length for value in vector] if length else list(vector)
