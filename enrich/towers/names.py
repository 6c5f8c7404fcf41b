"""A vector for each position: the mean of its names', as queries are encoded.

A query that names a position by one of its names means all of them: 跑堂 is near to what 服务员 and
堂倌 are near to. The mean with the query's own vector is Rocchio's expansion (Rocchio, "Relevance
feedback in information retrieval", 1971), with names instead of judged posts.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from enrich.taxonomy import Taxonomy
from enrich.text import normalize_query

Vectors = np.ndarray[Any, np.dtype[np.float32]]
Encode = Callable[[Sequence[str]], Sequence[Sequence[float]] | Vectors]
Progress = Callable[[str, int], AbstractContextManager[Callable[[int], None]]]
FILE = "names.npz"
_BATCH = 512
_REMEDY = "make it anew: hirelens train towers-names"


@dataclass(frozen=True, slots=True)
class NameVectors:
    """Unit vectors, shape (positions, dimensions), by the ids of positions."""

    vectors: Vectors = field(default_factory=lambda: np.zeros((0, 0), dtype=np.float32))
    rows: Mapping[str, int] = field(default_factory=dict)

    def of(self, position: str) -> tuple[float, ...] | None:
        """Return the vector of a position; None for one that the towers were not told of."""
        row = self.rows.get(position)
        return None if row is None else tuple(self.vectors[row].tolist())


def name_vectors(taxonomy: Taxonomy, encode: Encode, progress: Progress) -> NameVectors:
    """Return the vectors of a taxonomy's positions.

    Args:
        taxonomy: positions and their names.
        encode: returns the unit vectors of normalised queries.
        progress: is opened with a label and the number of names, then told how many more are done.
    """
    ids = sorted(taxonomy.positions)
    names = {id_: [normalize_query(form) for form in taxonomy.forms_of(id_)] for id_ in ids}
    every = sorted({name for some in names.values() for name in some})
    place = {name: row for row, name in enumerate(every)}
    parts = []
    with progress("names", len(every)) as advance:
        for at in range(0, len(every), _BATCH):
            parts.append(np.asarray(encode(every[at : at + _BATCH]), dtype=np.float32))
            advance(len(parts[-1]))
    encoded = np.concatenate(parts)
    means = np.stack([encoded[[place[name] for name in names[id_]]].mean(axis=0) for id_ in ids])
    units = means / np.linalg.norm(means, axis=1, keepdims=True)
    return NameVectors(units.astype(np.float32), {id_: row for row, id_ in enumerate(ids)})


def save_names(folder: Path, names: NameVectors, space: str) -> None:
    """Write vectors into the bundle of a vector space, in half precision."""
    new = folder / f"{FILE}.new"
    with new.open("wb") as file:
        np.savez_compressed(
            file,
            ids=np.array(list(names.rows), dtype=np.str_),
            vectors=names.vectors.astype(np.float16),
            space=np.array(space),
        )
    new.replace(folder / FILE)  # a run that is killed leaves the old ones, whole


def load_names(folder: Path, space: str) -> NameVectors:
    """Read the vectors of the bundle of a vector space; none where it holds none.

    Raises:
        ValueError: the file is broken, or of another space.
    """
    path = folder / FILE
    if not path.is_file():
        return NameVectors()
    try:
        with np.load(path) as found:
            ids, vectors = found["ids"].tolist(), found["vectors"].astype(np.float32)
            own = str(found["space"])
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise ValueError(f"{path} is no file of vectors; {_REMEDY}") from error
    if own != space or vectors.ndim != 2 or len(ids) != len(vectors):
        raise ValueError(f"{path} is of other towers; {_REMEDY}")
    return NameVectors(vectors, {id_: row for row, id_ in enumerate(ids)})
