"""The index as one batch uses it: what it answered, and whether it is what stopped the batch."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from search.index import (
    Document,
    Index,
    IndexUnavailableError,
    Outcome,
    Trouble,
    WriteOutcome,
)
from worker.timelimit import OutOfTime


def of_another_space(held: str, space: str) -> IndexUnavailableError:
    """Return the trouble of an index that is of another model than the active recipe's."""
    return IndexUnavailableError(
        Trouble.FOREIGN,
        f"the index holds vectors of space {held}, and the active recipe gives {space}",
        "finish an interrupted switch (hirelens index switch), build an index for it (hirelens "
        "index create; embedded: put the posts into a new home), or go back (hirelens recipe "
        "rollback); hirelens doctor says which",
    )


class Watched:
    """Hands calls on to an index, and keeps what they tell of it."""

    def __init__(self, index: Index) -> None:
        """Begin to watch."""
        self._index = index
        self._began = time.monotonic()
        self._spent = 0.0
        self._took_one = False
        self._refused: IndexUnavailableError | None = None

    @property
    def stalled(self) -> IndexUnavailableError | None:
        """Why not one document was taken; None where one was, or none was to be written."""
        return None if self._took_one else self._refused

    def check_space(self, space: str) -> None:
        """Find out that the index is of another model before anything is inferred for it.

        Raises:
            IndexUnavailableError: it holds vectors of another space.
        """
        with self._timed():
            held = self._index.vector_space
        if held != space:
            raise of_another_space(held, space)

    def get(self, ids: Sequence[str]) -> dict[str, Document]:
        """Return the heads of the stored documents."""
        with self._timed():
            return self._index.get(ids, match=False)

    def write(self, documents: Sequence[Document]) -> list[WriteOutcome]:
        """Write documents; see ``stalled``."""
        with self._timed():
            outcomes = self._index.write(documents)
        for outcome in outcomes:
            if outcome.outcome is not Outcome.RETRY:
                self._took_one = True
            elif outcome.trouble is not None:
                self._refused = _as_error(outcome.trouble, outcome.error)
        return outcomes

    def cause(self, error: BaseException) -> BaseException:
        """Return what stopped the batch: the index where it is what took the batch's time."""
        if not isinstance(error, OutOfTime):
            return error
        if self._spent < (time.monotonic() - self._began) / 2:
            return error
        return IndexUnavailableError(
            Trouble.SLOW,
            f"the index took {self._spent:.0f} s of a batch's time limit",
            "see what it is busy with; lower HIRELENS_INDEX_TIMEOUT_S or HIRELENS_INDEX_RETRIES "
            "where they add up to more than HIRELENS_SOFT_LIMIT_S",
        )

    @contextmanager
    def _timed(self) -> Iterator[None]:
        began = time.monotonic()
        try:
            yield
        finally:
            self._spent += time.monotonic() - began


def _as_error(trouble: Trouble, told: str | None) -> IndexUnavailableError:
    problem, _, remedy = (told or f"the index is {trouble.value}").partition("; ")
    return IndexUnavailableError(trouble, problem, remedy or "see: hirelens doctor")
