"""Looks at the index all the time: a version never falls, a document never disappears."""

from __future__ import annotations

import threading
from pathlib import Path

from search.embedded import EmbeddedIndex
from search.index import Stamp
from tests.crash.encoder import RECIPE

PAUSE_S = 0.5
MOST = 1_000_000


class Watcher:
    """A thread with an index of its own; ``went_back`` names what it saw."""

    def __init__(self, index_file: Path) -> None:
        self._file = index_file
        self._stop = threading.Event()
        self._seen: dict[str, Stamp] = {}
        self._thread = threading.Thread(target=self._run, name="watcher", daemon=True)
        self.rounds = 0
        self.went_back: list[str] = []

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Look once more and end."""
        self._stop.set()
        self._thread.join()

    def look(self, stamps: list[Stamp]) -> None:
        """Compare with what was seen before."""
        now = {stamp.id: stamp for stamp in stamps}
        for id_, before in self._seen.items():
            after = now.get(id_)
            was = f"it was {before.state} at version {before.version}"
            if after is None:
                self.went_back.append(f"{id_} disappeared, {was}")
            elif after.version < before.version:
                self.went_back.append(f"{id_} went back to version {after.version}, {was}")
            elif after.version == before.version and after.state != before.state:
                self.went_back.append(f"{id_} became {after.state} under one version, {was}")
        self._seen = {**self._seen, **now}
        self.rounds += 1

    def _run(self) -> None:
        index = EmbeddedIndex(self._file, RECIPE.vector_space)
        while True:
            last = self._stop.wait(PAUSE_S)
            self.look(list(index.scan(limit=MOST)))
            if last:
                index.close()
                return
