"""Keeping records without ever making an answer wait or fail: a bounded queue and one thread."""

from __future__ import annotations

import logging
import os
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from search.searchlog.model import SearchRecord
from search.searchlog.sink import Sink, SinkAwayError

CAPACITY = 2_000
"""Records that may wait: some 4 MB, and minutes of an outage at ten answers a second."""
BATCH = 100
LINGER_S = 0.5
"""For so long a record waits for others: one transaction for all of them."""
TELL_EVERY_S = 60.0
_FIRST_PAUSE_S = 0.5
_MAX_PAUSE_S = 30.0
_logger = logging.getLogger("hirelens.searchlog")


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of the records that were offered.

    ``dropped``: the queue was full, or the log was closed first; ``refused``: the sink would not
    take that one record; ``waiting``: the rest. ``why``: the sink's last error, if any.
    """

    offered: int
    kept: int
    dropped: int
    refused: int
    why: str = ""

    @property
    def waiting(self) -> int:
        """Records that are neither kept nor lost yet."""
        return self.offered - self.kept - self.lost

    @property
    def lost(self) -> int:
        """Records that will never be kept."""
        return self.dropped + self.refused


def warn(text: str) -> None:
    """Log a line that a person should see."""
    _logger.warning(text)


class SearchLog:
    """Takes records from any thread and hands them to a sink from its own; share one a process.

    A forked child begins with an empty queue: what its parent had in hand, the parent keeps.
    """

    def __init__(
        self,
        open_sink: Callable[[], Sink],
        *,
        capacity: int = CAPACITY,
        batch: int = BATCH,
        linger_s: float = LINGER_S,
        tell: Callable[[str], None] = warn,
    ) -> None:
        """Keep how the sink is opened; its thread does so with the first record.

        Args:
            open_sink: called in the thread, again after it failed.
            capacity: records that may wait; more are dropped and counted.
            batch: records that the sink is handed at once, at most.
            linger_s: for how long a record waits for others, in seconds.
            tell: is told of losses in one sentence, at most once a minute.
        """
        self._open = open_sink
        self._capacity = capacity
        self._batch = batch
        self._linger_s = linger_s
        self._tell = tell
        self._fresh()
        me = weakref.ref(self)
        os.register_at_fork(after_in_child=lambda: _forked(me))

    def _fresh(self) -> None:
        self._changed = threading.Condition()
        self._queue: deque[SearchRecord] = deque()
        self._thread: threading.Thread | None = None
        self._hurry = self._closing = False
        self._offered = self._kept = self._dropped = self._refused = 0
        self._why = ""
        self._told_at = float("-inf")
        self._told_lost = 0

    @property
    def counts(self) -> Counts:
        """What became of the records so far."""
        with self._changed:
            return Counts(self._offered, self._kept, self._dropped, self._refused, self._why)

    def offer(self, record: SearchRecord) -> None:
        """Take a record; returns at once, whatever the sink does. Never raises."""
        with self._changed:
            self._offered += 1
            full = self._closing or len(self._queue) >= self._capacity
            if full:
                self._dropped += 1
            else:
                self._queue.append(record)
                self._changed.notify_all()
                self._start()
        if full:
            self._tell_losses()

    def flush(self, timeout_s: float) -> bool:
        """Wait until nothing waits any more; tell whether that came true in time."""
        with self._changed:
            self._hurry = True
            self._changed.notify_all()
            done = self._changed.wait_for(self._is_settled, timeout_s)
            self._hurry = False
        return done

    def close(self, timeout_s: float = 5.0) -> Counts:
        """Flush and end the thread; what could not be kept in time is dropped, counted and told."""
        self.flush(timeout_s)
        with self._changed:
            self._closing = True
            self._dropped += self._offered - self._kept - self._dropped - self._refused
            self._queue.clear()
            self._changed.notify_all()
            thread = self._thread
        if thread is not None:
            thread.join(timeout=1.0)  # one that hangs in the sink ends with the process
        self._tell_losses(always=True)
        return self.counts

    def _is_settled(self) -> bool:
        return self._offered == self._kept + self._dropped + self._refused

    def _start(self) -> None:
        """Start the thread unless it runs; the lock is held."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="search log", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        sink: Sink | None = None
        while batch := self._take():
            sink = self._deliver(batch, sink)
        if sink is not None:
            sink.close()

    def _take(self) -> list[SearchRecord]:
        """Wait for records and return some; none once the log is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._queue or self._closing)
            self._changed.wait_for(
                lambda: self._hurry or self._closing or len(self._queue) >= self._batch,
                self._linger_s,
            )
            return [self._queue.popleft() for _ in range(min(self._batch, len(self._queue)))]

    def _deliver(self, batch: list[SearchRecord], sink: Sink | None) -> Sink | None:
        """Hand a batch over, again while the sink is away; return the sink as it is now."""
        pause_s = _FIRST_PAUSE_S
        while True:
            try:
                sink = sink or self._opened()
                sink.write(batch)
            except SinkAwayError as error:
                self._note(error)
                self._tell_losses()
                if self._paused(pause_s):
                    return sink
                pause_s = min(pause_s * 2, _MAX_PAUSE_S)
            except Exception as error:  # noqa: BLE001 - whatever is wrong, answers go on
                self._note(error)
                if len(batch) > 1:
                    # One record that cannot be kept must not take the others along.
                    for one in batch:
                        sink = self._deliver([one], sink)
                else:
                    self._settle(refused=1)
                    self._tell_losses()
                return sink
            else:
                self._settle(kept=len(batch))
                return sink

    def _opened(self) -> Sink:
        try:
            return self._open()
        except Exception as error:
            raise SinkAwayError(_said(error)) from error

    def _paused(self, seconds: float) -> bool:
        """Wait; tell whether the log was closed meanwhile."""
        with self._changed:
            return bool(self._changed.wait_for(lambda: self._closing, seconds))

    def _settle(self, kept: int = 0, refused: int = 0) -> None:
        with self._changed:
            if self._closing:
                # They were counted as dropped when waiting for them ended; now it is known better.
                self._dropped -= kept + refused
            self._kept += kept
            self._refused += refused
            self._changed.notify_all()

    def _note(self, error: Exception) -> None:
        with self._changed:
            self._why = _said(error)

    def _tell_losses(self, *, always: bool = False) -> None:
        with self._changed:
            counts = Counts(self._offered, self._kept, self._dropped, self._refused, self._why)
            due = always or time.monotonic() - self._told_at >= TELL_EVERY_S
            if counts.lost <= self._told_lost or not due:
                return
            self._told_at, self._told_lost = time.monotonic(), counts.lost
        why = counts.why or "the queue was full"
        self._tell(f"search log: {counts.lost} of {counts.offered} answers were not kept ({why})")


def _said(error: BaseException) -> str:
    lines = str(error).strip().split("\n")
    return f"{type(error).__name__}: {lines[0]}"[:300]


def _forked(log: weakref.ref[SearchLog]) -> None:
    found = log()
    if found is not None:
        found._fresh()
