"""The relay: wakes workers for rows that are due, and sweeps what nobody else looks at.

A hint holds no data: losing or doubling one changes only when something happens. Several relays
at once send more hints than are needed, nothing else.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa
from kombu import Connection
from kombu.exceptions import OperationalError

from worker import backlog, metrics, retry
from worker.backlog import Backlog
from worker.broker import Broker
from worker.config import WorkerConfig
from worker.log import LogEvent, emit
from worker.outbox import LANES, Lane

MAX_HINTS = 64
"""Of one lane at the broker; workers find more than these only after the next look."""
SWEEP_S = 10.0
_MAX_PAUSE_S = 10.0


def hints_needed(rows: Backlog, batch: int, waiting: int) -> int:
    """Return how many hints to send: one for each batch, those that wait already left out.

    A row whose lease was lost is claimed alone: it is a batch of its own.
    """
    batches = -(-(rows.due - rows.suspects) // batch) + rows.suspects
    return max(min(batches, MAX_HINTS) - waiting, 0)


@dataclass(slots=True)
class _Outage:
    """One peer that cannot be reached."""

    since: float
    pause: float


class Relay:
    """One relay; ``step`` looks and wakes once, ``run`` does it until it is told to stop."""

    def __init__(
        self,
        config: WorkerConfig,
        engine: sa.Engine,
        connect: Callable[[], Connection] | None = None,
    ) -> None:
        """Keep what is needed; nothing is connected yet.

        Args:
            config: the settings.
            engine: the database, migrated.
            connect: opens the broker; by the settings when None.
        """
        self._config = config
        self._engine = engine
        self._broker = Broker(config, connect)
        self._outages: dict[str, _Outage] = {}
        self._next_sweep = 0.0

    def step(self) -> dict[Lane, int]:
        """Send the hints that are missing, live ones first; returns how many by lane.

        Raises:
            kombu.exceptions.OperationalError: the broker cannot be reached.
            sqlalchemy.exc.SQLAlchemyError: the database cannot be reached.
        """
        rows = retry.run(self._engine, lambda s: backlog.read(s, self._config.batch * MAX_HINTS))
        sent: dict[Lane, int] = {}
        for lane in LANES:
            found = rows[lane]
            metrics.due(lane, found.due, found.oldest_s)
            sent[lane] = self._wake(lane, found)
        if time.monotonic() >= self._next_sweep:
            self.sweep()
            self._next_sweep = time.monotonic() + SWEEP_S
        return sent

    def sweep(self) -> None:
        """Do what is due once in a while: dead messages become rejects, old counts go."""
        self._broker.empty_dead_queue(self._engine)
        metrics.ingest_waiting(self._broker.ingest_waiting())
        metrics.dead_open(retry.run(self._engine, backlog.sweep))

    def run(self, stop: threading.Event) -> None:
        """Step until ``stop`` is set; a broker or database that is away is waited for."""
        emit(LogEvent.STARTED, role="relay")
        while not stop.is_set():
            stop.wait(self._guarded_step())
        self.close()
        emit(LogEvent.STOPPED, role="relay", reason="asked to")

    def close(self) -> None:
        """Close the connection to the broker."""
        self._broker.close()

    def _wake(self, lane: Lane, rows: Backlog) -> int:
        if not rows.due:
            return 0
        waiting = self._broker.waiting(lane)
        count = hints_needed(rows, self._config.batch, waiting)
        for _ in range(count):
            self._broker.hint(lane)
        if count:
            metrics.hints(lane, count)
            emit(LogEvent.HINTED, lane=lane, hints=count, waiting=rows.due, oldest_s=rows.oldest_s)
        return count

    def _guarded_step(self) -> float:
        """Step once; returns for how long to wait then."""
        try:
            self.step()
        except OperationalError as error:
            return self._lost("broker", error)
        except sa.exc.SQLAlchemyError as error:
            if not retry.is_transient(error):
                raise
            return self._lost("database", error)
        for peer in list(self._outages):
            outage = self._outages.pop(peer)
            seconds = time.monotonic() - outage.since
            emit(LogEvent.CONNECTION_BACK, peer=peer, role="relay", seconds=seconds)
        return self._config.poll_s

    def _lost(self, peer: str, error: Exception) -> float:
        self._broker.close()
        now = time.monotonic()
        outage = self._outages.setdefault(peer, _Outage(now, self._config.poll_s))
        wait = outage.pause * random.uniform(0.5, 1.0)  # noqa: S311 - no secret
        outage.pause = min(outage.pause * 2, _MAX_PAUSE_S)
        emit(LogEvent.CONNECTION_LOST, peer=peer, role="relay", error=str(error), wait_s=wait)
        return wait
