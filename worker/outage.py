"""The index cannot be used: for how long a process leaves it alone, and what it tells meanwhile."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from typing import Any

from search.index import IndexUnavailableError, Trouble
from worker import metrics
from worker.log import LogEvent, emit

FIRST_PAUSE_S = 0.5
MAX_PAUSE_S = 30.0
TELL_EVERY_S = 60.0
"""The same reason is told again after so long, also where others were told in between."""


def tell_standby(_what: str, fields: Mapping[str, Any]) -> None:
    """Log what only the standby generation refuses; see ``search.elastic.writer``."""
    emit(
        LogEvent.STANDBY_REFUSED,
        index=fields["index"],
        count=fields["count"],
        post=fields["post"],
        error=fields["error"],
    )


class Outage:
    """What one process knows of the index; at the start that it can be used."""

    def __init__(self, role: str, clock: Callable[[], float] = time.monotonic) -> None:
        """Keep who tells, and what measures seconds."""
        self._role = role
        self._clock = clock
        self._since: float | None = None
        self._pause = FIRST_PAUSE_S
        self._until = 0.0
        self._told: dict[Trouble, float] = {}

    @property
    def lasts(self) -> bool:
        """Tell whether the last try was in vain."""
        return self._since is not None

    @property
    def left_s(self) -> float:
        """For how many seconds the index is still to be left alone; 0: it may be tried."""
        return max(self._until - self._clock(), 0.0) if self.lasts else 0.0

    def failed(self, error: IndexUnavailableError) -> float:
        """Note one more try in vain; returns for how many seconds to leave the index alone."""
        now = self._clock()
        self._since = now if self._since is None else self._since
        # Half of it random: many processes must not come back as one herd.
        wait = self._pause * random.uniform(0.5, 1.0)  # noqa: S311 - no secret
        self._pause = min(self._pause * 2, MAX_PAUSE_S)
        self._until = now + wait
        metrics.index_unavailable(error.reason.value, now - self._since)
        if self._is_news(error.reason, now):
            self._told[error.reason] = now
            emit(
                LogEvent.INDEX_UNAVAILABLE,
                role=self._role,
                reason=error.reason.value,
                error=str(error),
                wait_s=wait,
            )
        return wait

    def succeeded(self) -> None:
        """Note that the index was used; the first time after an outage is told."""
        if self._since is None:
            return
        seconds = self._clock() - self._since
        self._since, self._pause, self._told = None, FIRST_PAUSE_S, {}
        metrics.index_back()
        emit(LogEvent.INDEX_BACK, role=self._role, seconds=seconds)

    def _is_news(self, reason: Trouble, now: float) -> bool:
        told = self._told.get(reason)
        return told is None or now - told >= TELL_EVERY_S
