"""The table of head queries: of every name of the taxonomy the names nearest to it.

It is computed once, by ``hirelens train rewrite``, with faiss over all names, so that what people
mostly type costs a look-up. The same file holds all vectors, product-quantised (Jegou et al. 2011,
"Product quantization for nearest neighbor search"), for words that are no name of the taxonomy.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from search.rewrite.encoder import Array, NameEncoder

SHIPPED = Path(__file__).parent / "artefacts" / "head.npz"
FORMAT = 1
NEAREST = 20
_CODE_BYTES = 48
_FEWEST_QUANTISED = 10_000
"""Below so many names the vectors are kept as they are: there is too little to learn codes of."""
_REMEDY = "build it again with 'hirelens train rewrite-table'"

Near = tuple[tuple[str, float], ...]
Bytes = np.ndarray[Any, np.dtype[np.uint8]]


class HeadTableError(ValueError):
    """A table is missing or broken; the message names the file and the remedy."""


@dataclass(frozen=True)
class HeadTable:
    """Nearest names by name; ``taxonomy`` and ``encoder`` are the digests it was computed from.

    ``forms`` are sorted; row i of ``places`` and ``shares`` has the numbers of the forms nearest
    to form i, the best first, and their probabilities in 255ths; ``index`` is faiss's own form.
    """

    forms: tuple[str, ...]
    places: np.ndarray[Any, np.dtype[np.uint32]]
    shares: Bytes
    index: Bytes
    slope: float
    shift: float
    taxonomy: str
    encoder: str

    @classmethod
    def load(cls, path: Path = SHIPPED) -> HeadTable:
        """Load a table.

        Raises:
            HeadTableError: the file is missing, damaged or of another format.
        """
        try:
            with np.load(path, allow_pickle=False) as data:
                about = json.loads(data["about"].tobytes())
                if about["format"] != FORMAT:
                    raise ValueError(f"is of format {about['format']}, not {FORMAT}")
                return cls(
                    tuple(data["forms"].tobytes().decode().split("\n")),
                    _columns(data["places"]),
                    data["shares"].T,
                    data["index"],
                    about["slope"],
                    about["shift"],
                    about["taxonomy"],
                    about["encoder"],
                )
        except Exception as error:  # numpy and zipfile raise nothing narrower in common
            raise HeadTableError(f"{path}: cannot be read ({error}); {_REMEDY}") from error

    def save(self, path: Path) -> None:
        """Write the table, compressed."""
        about = {
            "format": FORMAT,
            "slope": self.slope,
            "shift": self.shift,
            "taxonomy": self.taxonomy,
            "encoder": self.encoder,
        }
        # Columns lie together, the low bytes apart from the high ones: a tenth smaller.
        places = np.ascontiguousarray(self.places.T, "<u4").view(np.uint8).reshape(-1, 4).T
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(
            path,
            about=np.frombuffer(json.dumps(about, sort_keys=True).encode(), np.uint8),
            forms=np.frombuffer("\n".join(self.forms).encode(), np.uint8),
            places=places.reshape(4, self.places.shape[1], -1),
            shares=self.shares.T,
            index=self.index,
        )

    def __contains__(self, form: object) -> bool:
        return form in self._number

    def near(self, form: str) -> Near:
        """Return the names nearest to a name of the taxonomy (in normalised spelling).

        Each with the probability that it may stand for the other; nothing for an unknown name.
        """
        number = self._number.get(form)
        if number is None:
            return ()
        return tuple(
            (self.forms[place], round(share / 255, 4))
            for place, share in zip(
                self.places[number].tolist(), self.shares[number].tolist(), strict=True
            )
        )

    def nearest(self, vector: Array, limit: int = NEAREST) -> Near:
        """Return the names nearest to a vector, with probabilities that are nearly exact."""
        cosines, places = self._faiss.search(vector.reshape(1, -1), min(limit, len(self.forms)))
        return tuple(
            (self.forms[place], round(float(share), 4))
            for place, share in zip(places[0].tolist(), self._probability(cosines[0]), strict=True)
            if place >= 0
        )

    def stale(self, taxonomy: str, encoder: str) -> str | None:
        """Say what the table does not fit; None where it fits."""
        for what, own, other in (
            ("taxonomy", self.taxonomy, taxonomy),
            ("encoder", self.encoder, encoder),
        ):
            if own != other:
                return f"the table of nearest names is of {what} {own}, not {other}; {_REMEDY}"
        return None

    def _probability(self, cosines: Array) -> Array:
        return np.asarray(1 / (1 + np.exp(-(self.slope * cosines + self.shift))))

    @cached_property
    def _number(self) -> dict[str, int]:
        return {form: number for number, form in enumerate(self.forms)}

    @cached_property
    def _faiss(self) -> Any:  # noqa: ANN401 - the library ships no types
        import faiss

        return faiss.deserialize_index(self.index)


def build_table(
    forms: Sequence[str],
    taxonomy: str,
    encoder: NameEncoder,
    advance: Callable[[int], None] = lambda _: None,
) -> HeadTable:
    """Compute the table of all forms; ``advance`` is told how many more are done.

    ``taxonomy``: the digest of the taxonomy that the forms are of.
    """
    import faiss

    ordered = sorted(forms)
    vectors = np.zeros((len(ordered), encoder.width), dtype=np.float32)
    for at in range(0, len(ordered), 1000):
        part = ordered[at : at + 1000]
        vectors[at : at + 1000] = encoder.encode(part)
        advance(len(part))
    exact = faiss.IndexFlatIP(encoder.width)
    exact.add(vectors)
    limit = min(NEAREST + 1, len(ordered))
    cosines, places = exact.search(vectors, limit)
    columns = [_others(row, number)[: limit - 1] for number, row in enumerate(places)]
    kept = np.array(columns, dtype=np.int64)
    shares = encoder.probability(np.take_along_axis(cosines, kept, axis=1))
    return HeadTable(
        tuple(ordered),
        np.take_along_axis(places, kept, axis=1).astype(np.uint32),
        np.round(shares * 255).astype(np.uint8),
        faiss.serialize_index(_compact(vectors, exact)),
        encoder.slope,
        encoder.shift,
        taxonomy,
        encoder.digest,
    )


def _others(row: np.ndarray[Any, np.dtype[np.int64]], number: int) -> list[int]:
    """Return the columns of a row that hold another name than the row's own."""
    return [column for column, place in enumerate(row.tolist()) if place != number]


def _compact(vectors: Array, exact: Any) -> Any:  # noqa: ANN401 - the library ships no types
    import faiss

    if len(vectors) < _FEWEST_QUANTISED:
        return exact
    index = faiss.IndexPQ(vectors.shape[1], _CODE_BYTES, 8, faiss.METRIC_INNER_PRODUCT)
    index.pq.cp.seed = 1
    index.pq.cp.max_points_per_centroid = 64
    index.train(vectors)
    index.add(vectors)
    return index


def _columns(places: Bytes) -> np.ndarray[Any, np.dtype[np.uint32]]:
    """Return the numbers, a row for each form, from the bytes apart."""
    joined = np.ascontiguousarray(places.reshape(4, -1).T).view("<u4").reshape(places.shape[1], -1)
    return np.asarray(joined.T, dtype=np.uint32)
