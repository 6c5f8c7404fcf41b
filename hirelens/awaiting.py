"""Waiting for workers to index the posts that a command has written, and for no others."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from hirelens.progress import Advance, progress

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from worker.posts import WriteResult

CHUNK = 500
FIRST_PAUSE_S = 0.1
MAX_PAUSE_S = 1.0


class Awaited:
    """Posts by id, each at the revision that was written; nothing else is kept of them."""

    def __init__(self, engine: Engine) -> None:
        """Wait for nothing yet."""
        self._engine = engine
        self._revisions: dict[str, int] = {}

    def __len__(self) -> int:
        """Return how many posts are waited for."""
        return len(self._revisions)

    def add(self, results: Sequence[WriteResult]) -> None:
        """Wait for what was written, and for what was there already but is not indexed yet."""
        waiting = self._waiting([result.id for result in results if result.outcome == "unchanged"])
        for result in results:
            if result.outcome == "written" or result.id in waiting:
                self._revisions[result.id] = result.revision

    def wait(self) -> int:
        """Return when none waits at its revision any more; says how many were given up.

        A keystroke ends the waiting, not the work.
        """
        ids = sorted(self._revisions)
        given_up = 0
        with progress("done by workers", len(ids)) as advance:
            # All have to be done in the end: of many posts one chunk at a time is looked at.
            for start in range(0, len(ids), CHUNK):
                given_up += self._wait_for(ids[start : start + CHUNK], advance)
        return given_up

    def _wait_for(self, ids: Sequence[str], advance: Advance) -> int:
        given_up = 0
        pause = FIRST_PAUSE_S
        while True:
            waiting = self._waiting(ids)
            # Where a newer revision waits, this one is not going to be indexed.
            left = [i for i in ids if i in waiting and waiting[i] <= self._revisions[i]]
            given_up += self._given_up(sorted(set(ids) - set(left)))
            advance(len(ids) - len(left))
            if not left:
                return given_up
            ids = left
            time.sleep(pause)
            pause = min(pause * 1.5, MAX_PAUSE_S)

    def _waiting(self, ids: Sequence[str]) -> dict[str, int]:
        """Return the revisions that wait for those ids."""
        from sqlalchemy import select

        from worker.engine import reading
        from worker.tables import outbox

        query = select(outbox.c.post_id, outbox.c.revision).where(outbox.c.post_id.in_(ids))
        with reading(self._engine) as session:
            return {row.post_id: row.revision for row in session.execute(query)} if ids else {}

    def _given_up(self, ids: Sequence[str]) -> int:
        """Count the posts that became dead letters at their revision."""
        from sqlalchemy import select

        from worker.engine import reading
        from worker.tables import dead_letters

        columns = dead_letters.c
        query = select(columns.post_id, columns.revision).where(
            columns.post_id.in_(ids), columns.state == "open"
        )
        with reading(self._engine) as session:
            found = session.execute(query).all() if ids else []
        return sum(row.revision >= self._revisions[row.post_id] for row in found)
