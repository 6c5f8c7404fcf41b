"""The bi-encoder as a source of rewrites: the table for head queries, the network for the tail."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from search.site.model import spelling

if TYPE_CHECKING:
    from search.rewrite.encoder import Array, NameEncoder
    from search.rewrite.head import HeadTable, Near

MOST = 20_000
"""Vectors that are kept; beyond, all are forgotten."""


class NearNames:
    """Tells which names are near; any number of threads may ask."""

    def __init__(self, encoder: Callable[[], NameEncoder], table: HeadTable | None) -> None:
        """Use a table of nearest names, and an encoder that is loaded by the first tail query."""
        self._load = encoder
        self._table = table
        self._vectors: dict[str, Array] = {}
        forms = table.forms if table else ()
        self._spaced = {spelling(form): form for form in forms if " " in form}

    def near(self, word: str) -> Near:
        """Return the names of the taxonomy nearest to a spelled word, with probabilities.

        A name of the taxonomy is looked up, any other word is encoded; nothing without a table.
        """
        if self._table is None:
            return ()
        form = self._spaced.get(word, word)
        if form in self._table:
            return self._table.near(form)
        return self._table.nearest(self._vector(word))

    def prepare(self, words: Sequence[str]) -> None:
        """Encode words together: a batch costs a fraction of its words one by one."""
        missing = [word for word in dict.fromkeys(words) if word not in self._vectors]
        if not missing:
            return
        self._keep(dict(zip(missing, self._encoder.encode(missing), strict=True)))

    def between(self, query: str, candidate: str) -> float | None:
        """Return the probability that two spelled words may stand for each other."""
        one, other = self._vector(query), self._vector(candidate)
        if not one.any() or not other.any():
            return None
        return float(self._encoder.probability(float(one @ other)))

    def _vector(self, word: str) -> Array:
        vector = self._vectors.get(word)
        if vector is None:
            vector = self._encoder.encode([word])[0]
            self._keep({word: vector})
        return vector

    def _keep(self, vectors: dict[str, Array]) -> None:
        if len(self._vectors) + len(vectors) > MOST:
            self._vectors = {}
        self._vectors.update(vectors)

    @cached_property
    def _encoder(self) -> NameEncoder:
        return self._load()


def open_near(
    taxonomy: str, bundle: Path | None = None, table: Path | None = None
) -> tuple[NearNames | None, tuple[str, ...]]:
    """Return the shipped encoder with its table, and what is amiss with them.

    A table that does not fit taxonomy or encoder is not used: names are only compared.

    Args:
        taxonomy: digest of the taxonomy whose names are asked for.
        bundle: folder of the encoder; the shipped one if left out.
        table: file of the table; the shipped one if left out.
    """
    from search.rewrite import encoder, head

    folder = bundle or encoder.SHIPPED
    try:
        digest = encoder.bundle_digest(folder)
    except encoder.NameEncoderError as error:
        return None, (f"rewriting goes without the encoder: {error}",)
    try:
        found = head.HeadTable.load(table or head.SHIPPED)
    except head.HeadTableError as error:
        told: str | None = str(error)
    else:
        told = found.stale(taxonomy, digest)
    if told is not None:
        notes = (f"rewriting goes without the table of nearest names: {told}",)
        return NearNames(lambda: encoder.NameEncoder.load(folder), None), notes
    return NearNames(lambda: encoder.NameEncoder.load(folder), found), ()
