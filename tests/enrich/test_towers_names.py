"""Vectors of what positions are called, and their file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from enrich.taxonomy import Taxonomy
from enrich.text import normalize_query
from enrich.towers.bundle import SHIPPED, load_towers, towers_digest
from enrich.towers.names import FILE, load_names, name_vectors, save_names


def letters(texts: Sequence[str]) -> list[list[float]]:
    """Return unit vectors that tell texts by their first character."""
    turns = [ord(text[0]) % 7 for text in texts]
    return [[float(np.cos(turn)), float(np.sin(turn))] for turn in turns]


@contextmanager
def unseen(label: str, total: int) -> Iterator[Callable[[int], None]]:
    """Count to the total that was announced."""
    done: list[int] = []
    yield done.append
    assert (label, sum(done)) == ("names", total)


@pytest.fixture(scope="module")
def taxonomy() -> Taxonomy:
    return Taxonomy.load()


def test_a_position_is_the_mean_of_its_names(taxonomy: Taxonomy, tmp_path: Path) -> None:
    names = name_vectors(taxonomy, letters, unseen)
    id_ = next(id_ for id_ in taxonomy.positions if len(taxonomy.forms_of(id_)) > 2)
    mean = np.mean(letters(taxonomy.forms_of(id_)), axis=0)
    found = names.of(id_)
    assert found is not None
    assert found == pytest.approx(mean / np.linalg.norm(mean), abs=1e-5)
    save_names(tmp_path, names, "space")
    kept = load_names(tmp_path, "space")
    assert list(kept.rows) == sorted(taxonomy.positions)
    np.testing.assert_allclose(kept.vectors, names.vectors, atol=1e-3)


def test_a_position_that_is_not_known_has_none(tmp_path: Path) -> None:
    assert load_names(tmp_path, "space").of("waiter") is None


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"PK no archive")
    with pytest.raises(ValueError, match=FILE):
        load_names(tmp_path, "space")


def test_vectors_of_other_towers_are_refused(taxonomy: Taxonomy, tmp_path: Path) -> None:
    save_names(tmp_path, name_vectors(taxonomy, letters, unseen), "other")
    with pytest.raises(ValueError, match="hirelens train towers-names"):
        load_names(tmp_path, "space")


def test_the_shipped_towers_know_the_shipped_positions(taxonomy: Taxonomy) -> None:
    """Where this fails: hirelens train towers-names."""
    assert set(load_names(SHIPPED, towers_digest()).rows) == set(taxonomy.positions)


def test_the_shipped_vectors_are_of_todays_names(taxonomy: Taxonomy) -> None:
    """Where this fails: hirelens train towers-names."""
    towers = load_towers()
    ids = sorted(taxonomy.positions)[::400]
    for id_ in ids:
        names = [normalize_query(form) for form in taxonomy.forms_of(id_)]
        mean = np.mean(towers.encode(names, "query"), axis=0)
        found = towers.names.of(id_)
        assert found is not None
        assert np.dot(found, mean) / np.linalg.norm(mean) > 0.999, id_
