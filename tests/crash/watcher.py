"""Looks at the index all the time: a version never falls, a document never disappears."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from search.index import ACTIVATIONS, Index, IndexUnavailableError, Stamp
from tests.crash.indexes import Where

PAUSE_S = 0.5
MOST = 1_000_000


@dataclass(frozen=True, slots=True)
class Fall:
    """What one look saw: a post that had been further before; ``at`` in milliseconds since 1970."""

    before: Stamp
    after: Stamp | None
    at: int

    def __str__(self) -> str:
        was = f"it was {self.before.state} at version {self.before.version}"
        if self.after is None:
            return f"{self.before.id} disappeared, {was}"
        if self.after.version < self.before.version:
            return f"{self.before.id} went back to version {self.after.version}, {was}"
        return f"{self.before.id} became {self.after.state} under one version, {was}"


class Watcher:
    """A thread with an index of its own; ``falls`` are what it saw, ``blind`` its looks in vain."""

    def __init__(self, where: Where) -> None:
        self._where = where
        self._stop = threading.Event()
        self._seen: dict[str, Stamp] = {}
        self._thread = threading.Thread(target=self._run, name="watcher", daemon=True)
        self.rounds = 0
        self.blind = 0
        self._error: Exception | None = None
        self.falls: list[Fall] = []

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Look once more and end.

        Raises:
            Exception: what ended it before; a watcher that saw nothing must not be believed.
        """
        self._stop.set()
        self._thread.join()
        if self._error is not None:
            raise self._error

    def look(self, index: Index) -> None:
        """Compare with what was seen before; a search may lag, what is read by id does not."""
        at = time.time_ns() // 1_000_000
        stamps = {stamp.id: stamp for stamp in index.scan(limit=MOST)}
        doubted = [id_ for id_, before in self._seen.items() if _fell(before, stamps.get(id_))]
        if doubted:
            stamps = {k: s for k, s in stamps.items() if k not in doubted}
            found = index.get(doubted, match=False)
            stamps |= {k: Stamp(k, d.version, d.state, d.recipe) for k, d in found.items()}
            self.falls += [
                Fall(before, stamps.get(id_), at)
                for id_ in doubted
                if _fell(before := self._seen[id_], stamps.get(id_))
            ]
        self._seen |= stamps
        self.rounds += 1

    def _run(self) -> None:
        try:
            self._watch()
        except Exception as error:  # noqa: BLE001 - a thread's; ``stop`` raises it
            self._error = error

    def _watch(self) -> None:
        index = self._where.open()
        while True:
            last = self._stop.wait(PAUSE_S)
            try:
                self.look(index)
            except IndexUnavailableError:
                self.blind += 1
                index.close()
                index = self._where.open()  # a new one does not leave the nodes alone for long
                if last:
                    time.sleep(PAUSE_S)
                    continue
            if last:
                index.close()
                return


def _fell(before: Stamp, after: Stamp | None) -> bool:
    if after is None or after.version < before.version:
        return True
    return after.version == before.version and after.state != before.state


def judged(
    falls: Iterable[Fall], settled: Mapping[str, Sequence[tuple[int, int]]]
) -> tuple[list[str], int]:
    """Tell real falls from what a node of Elasticsearch lost before it had acknowledged it.

    Args:
        falls: what was seen.
        settled: by post, the revisions whose write was acknowledged, with the time of each.

    Returns:
        The real falls, and the number of the others: a search may show what a node has taken and
        not yet answered for, and when the node dies that is gone; it is written again.
    """
    real, lost = [], 0
    for fall in falls:
        revision = fall.before.version // ACTIVATIONS
        known = settled.get(fall.before.id, ())
        if any(rev >= revision and at < fall.at for rev, at in known):
            real.append(str(fall))
        else:
            lost += 1
    return real, lost
