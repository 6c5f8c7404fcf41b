"""Waiting after the last fault until nothing is left to do."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import sqlalchemy as sa

from tests.crash import broker
from tests.crash.children import Program
from tests.crash.setup import Setup
from worker.engine import reading
from worker.outbox import waiting

LONGEST_S = 240.0
TICK_S = 0.1


class Quiet:
    """``staff``: workers and relay; ``revive`` starts again what ended by itself."""

    def __init__(
        self, setup: Setup, engine: sa.Engine, staff: Sequence[Program], revive: Callable[[], bool]
    ) -> None:
        self._setup, self._engine, self._staff, self._revive = setup, engine, staff, revive
        self.disobeyed: list[str] = []

    def wait(self) -> tuple[float, dict[str, int]]:
        """Return the seconds that it took, and what is left at the broker; nobody runs then."""
        began = time.monotonic()
        while True:
            for program in self._staff:
                program.start()
            self._wait_until_idle(began + LONGEST_S)
            took = time.monotonic() - began
            # What a child still holds is counted only once it has been finished or given back.
            self._stop()
            left = self._left()
            if not any(left.values()) or took > LONGEST_S:
                left.pop("outbox")  # the checker counts it itself
                return took, left

    def _wait_until_idle(self, deadline: float) -> None:
        while time.monotonic() < deadline:
            self._revive()
            if not any(self._left().values()):
                return
            time.sleep(TICK_S)

    def _left(self) -> dict[str, int]:
        config = self._setup.config
        with reading(self._engine) as session:
            rows = waiting(session)["waiting"]
        queues = (config.ingest_queue, config.dead_queue)
        return {"outbox": rows, **{q: broker.ready(self._setup.broker_url, q) for q in queues}}

    def _stop(self) -> None:
        """End workers and relay as an operator would, and note who does not obey."""
        for program in self._staff:
            if not program.ends_on_request():
                self.disobeyed.append(f"{program.name} did not end on SIGTERM")
                program.kill()
