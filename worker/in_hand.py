"""What a long run is reading now, kept in the database: what it died of is read alone next time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from search.parts import parts_of
from worker import cursors, retry
from worker.engine import reading

BATCH = 32


class Hand:
    """What is being read, kept in the database: what a process died of is read alone next time."""

    def __init__(self, engine: sa.Engine, name: str) -> None:
        self._engine = engine
        self._name = name
        with reading(engine) as session:
            found = cursors.load(session, name) or {}
        self._kills: dict[str, int] = dict(found.get("kills", {}))
        hand = found.get("hand", ())
        self._suspects = set(hand)
        if found.get("alone"):
            self._kills[hand[0]] = self._kills.get(hand[0], 0) + 1

    def parts(self, ids: Sequence[str]) -> Iterator[tuple[Sequence[str], bool]]:
        """Yield batches, those suspected of having killed a process each alone."""
        bad = self._suspects | self._kills.keys()
        yield from ((part, False) for part in parts_of([i for i in ids if i not in bad], BATCH))
        yield from (([id_], True) for id_ in ids if id_ in bad)

    def kills(self, id_: str) -> int:
        """Return how many processes have died while they read this post alone."""
        return self._kills.get(id_, 0)

    def take(self, ids: Sequence[str], *, alone: bool) -> None:
        """Note what is read now."""
        self._save({"hand": list(ids), "alone": alone, "kills": self._kills})

    def close(self) -> None:
        """Note that nothing is being read."""
        self._save({"kills": self._kills} if self._kills else None)

    def _save(self, value: dict[str, Any] | None) -> None:
        def write(session: Session) -> None:
            if value is None:
                cursors.forget(session, self._name)
            else:
                cursors.save(session, self._name, value)

        retry.run(self._engine, write)
