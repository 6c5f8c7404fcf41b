"""Letting live posts go first: a producer of backfill rows pauses while they wait."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa

from worker import backlog, log
from worker.backlog import Backlog
from worker.engine import reading

POLL_S = 0.5


@dataclass(frozen=True, slots=True)
class Limits:
    """Pause while the oldest due live row is older, or so many backfill rows wait."""

    live_delay_s: float = 5.0
    max_waiting: int = 2_000

    def excess(self, live: Backlog, backfill: Backlog) -> str | None:
        """Say why more work must not be asked for now; None: go on."""
        if live.due and live.oldest_s > self.live_delay_s:
            return "live"
        return "backfill" if backfill.due >= self.max_waiting else None


@dataclass(slots=True)
class Throttle:
    """Waits until there is room; ``relieve`` does the waiting work where no worker runs."""

    engine: sa.Engine
    limits: Limits
    relieve: Callable[[], object] | None = None
    sleep: Callable[[float], object] = time.sleep

    def wait(self) -> float:
        """Return when there is room; returns for how many seconds it paused."""
        waited = 0.0
        while True:
            live, backfill = self._backlogs()
            if self.limits.excess(live, backfill) is None:
                return waited
            if self.relieve is not None:
                self.relieve()
                return waited
            if waited == 0:
                log.emit(log.LogEvent.THROTTLED, oldest_s=live.oldest_s, wait_s=POLL_S)
            self.sleep(POLL_S)
            waited += POLL_S

    def _backlogs(self) -> tuple[Backlog, Backlog]:
        with reading(self.engine) as session:
            most = self.limits.max_waiting
            return backlog.of(session, "live", most), backlog.of(session, "backfill", most)
