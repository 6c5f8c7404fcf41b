"""What has been done to processes and servers, and has to be undone when."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

AGAIN_S = 0.5
LONGEST_S = 120.0

Deed = Callable[[], object]


@dataclass(frozen=True, slots=True)
class _Item:
    at: float
    what: str
    deed: Deed


class Undo:
    """One list for all faults: what is down already is not hit again."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._items: list[_Item] = []
        self._running: dict[str, Future[object]] = {}
        self._pool = ThreadPoolExecutor(max_workers=4)

    def later(self, span: tuple[float, float], what: str, deed: Deed) -> None:
        """Undo it after a random time; where that fails with ``OSError``, again a little later."""
        self._items.append(_Item(time.monotonic() + self._chance.uniform(*span), what, deed))

    def aside(self, what: str, deed: Deed) -> None:
        """Do something slow, as starting a big server, while the run goes on."""
        self._running[what] = self._pool.submit(deed)

    @property
    def down(self) -> set[str]:
        """What is down now, by name."""
        return {item.what for item in self._items} | self._running.keys()

    def tend(self) -> None:
        """Undo what has lasted long enough.

        Raises:
            Exception: what something done aside has raised.
        """
        for what in [what for what, doing in self._running.items() if doing.done()]:
            self._running.pop(what).result()
        now = time.monotonic()
        for item in [item for item in self._items if item.at <= now]:
            self._items.remove(item)
            try:
                item.deed()
            except OSError:
                self._items.append(_Item(now + AGAIN_S, item.what, item.deed))

    def end(self) -> None:
        """Undo everything, and return when it is undone.

        Raises:
            TimeoutError: something cannot be undone.
        """
        deadline = time.monotonic() + LONGEST_S
        self._items = [_Item(0.0, item.what, item.deed) for item in self._items]
        while self.down:
            self.tend()
            if time.monotonic() > deadline:
                raise TimeoutError(f"cannot be undone: {', '.join(sorted(self.down))}")
            time.sleep(0.02)
