"""The watcher sees what goes back, and tells it from a search that lags."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from search.embedded.database import IndexFileError
from search.index import ACTIVATIONS, Document, Stamp
from tests.crash.indexes import embedded
from tests.crash.watcher import Fall, Watcher, judged


def stamp(id_: str, version: int, state: str = "open") -> Stamp:
    return Stamp(id_, version, state, "recipe")  # type: ignore[arg-type]


class Lagging:
    """A search shows ``found``; by id there is ``stored``."""

    def __init__(self, found: Sequence[Stamp], stored: Sequence[Stamp] | None = None) -> None:
        self.found = found
        self.stored = {s.id: s for s in (found if stored is None else stored)}

    def scan(self, limit: int) -> Iterator[Stamp]:
        return iter(self.found[:limit])

    def get(self, ids: Sequence[str], *, match: bool) -> dict[str, Document]:
        assert not match
        stamps = [self.stored[id_] for id_ in ids if id_ in self.stored]
        return {s.id: Document(s.id, s.version, s.state, s.recipe, "digest") for s in stamps}


BEFORE = [stamp("a", 2), stamp("b", 9)]


def falls(*after: Lagging) -> list[Fall]:
    watcher = Watcher(embedded("none"))
    for index in (Lagging(BEFORE), *after):
        watcher.look(index)  # type: ignore[arg-type]
    assert watcher.rounds == 1 + len(after)
    return watcher.falls


@pytest.mark.parametrize(
    ("after", "told"),
    [
        ([stamp("a", 2), stamp("b", 9)], []),
        ([stamp("a", 3), stamp("b", 9), stamp("c", 1)], []),
        (
            [stamp("a", 1), stamp("b", 9)],
            ["a went back to version 1, it was open at version 2"],
        ),
        ([stamp("b", 9)], ["a disappeared, it was open at version 2"]),
        (
            [stamp("a", 2, "closed"), stamp("b", 9)],
            ["a became closed under one version, it was open at version 2"],
        ),
    ],
)
def test_what_goes_back_is_seen(after: list[Stamp], told: list[str]) -> None:
    assert [str(fall) for fall in falls(Lagging(after))] == told


def test_a_search_that_lags_is_no_fall() -> None:
    behind = Lagging([stamp("b", 8)], [stamp("a", 2), stamp("b", 10)])
    assert falls(behind) == []
    assert len(falls(behind, Lagging([stamp("a", 2), stamp("b", 9)]))) == 1, "b was at 10 by id"


def test_a_watcher_that_could_not_look_says_so(tmp_path: Path) -> None:
    file = tmp_path / "index.db"
    file.write_text("no index")
    watcher = Watcher(embedded(file))
    watcher.start()
    with pytest.raises(IndexFileError):
        watcher.stop()


def test_only_what_was_acknowledged_before_can_fall() -> None:
    version = 5 * ACTIVATIONS + 1
    fall = Fall(stamp("a", version), stamp("a", version - ACTIVATIONS), at=1000)
    assert judged([fall], {"a": [(5, 900)]}) == ([str(fall)], 0)
    assert judged([fall], {"a": [(6, 900)]}) == ([str(fall)], 0)
    assert judged([fall], {"a": [(4, 900), (5, 1001)]}) == ([], 1)
    assert judged([fall], {}) == ([], 1)
