"""A circuit breaker: while the cluster is gone, calls fail at once instead of each waiting."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from search.index import IndexUnavailableError, Trouble

_COUNTED = (Trouble.DOWN, Trouble.SLOW)


class BreakerOpenError(IndexUnavailableError):
    """Nothing was sent: the cluster did not answer lately and is left alone for a while."""


class Breaker:
    """Closed, open or half open; shared by all who use one cluster, and by their threads.

    Closed: calls pass. After ``threshold`` failures in a row it opens: calls fail at once. When
    the open time is over, one call passes as a probe (half open): where it succeeds the breaker
    closes, else it opens again for twice as long.
    """

    def __init__(
        self,
        *,
        threshold: int = 5,
        first_s: float = 1.0,
        most_s: float = 10.0,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """Start closed.

        Args:
            threshold: failures in a row that open it.
            first_s: seconds that it stays open at first; doubled with each failed probe.
            most_s: most seconds that it stays open.
            clock: seconds that never go back.
            chance: a number from 0 to 1; up to a quarter is added to the open time, so that
                processes do not all probe at once.
        """
        self._threshold = threshold
        self._first_s = first_s
        self._most_s = most_s
        self._clock = clock
        self._chance = chance
        self._lock = threading.Lock()
        self._failures = 0
        self._since = 0.0  # when the first of these failures was seen
        self._open_s = 0.0  # 0: closed
        self._until = 0.0
        self._probing = False
        self._last: IndexUnavailableError | None = None

    @property
    def is_open(self) -> bool:
        """Whether calls fail at once now; False also when the next call would be a probe."""
        with self._lock:
            return self._refuses()

    @contextmanager
    def guard(self) -> Iterator[None]:
        """Let one call to the cluster pass, and learn from how it ends.

        An ``IndexUnavailableError`` that says down or slow counts as a failure, another one means
        that the cluster answered. Any other exception tells nothing of the cluster.

        Raises:
            BreakerOpenError: the call must not be made now.
        """
        probe = self._enter()
        try:
            yield
        except IndexUnavailableError as error:
            self._end(failed=error.reason in _COUNTED, probe=probe, error=error)
            raise
        except BaseException:
            self._abandon(probe=probe)
            raise
        self._end(failed=False, probe=probe)

    def _enter(self) -> bool:
        with self._lock:
            if self._refuses():
                raise self._refusal()
            self._probing = self._open_s > 0
            return self._probing

    def _refuses(self) -> bool:
        return self._open_s > 0 and (self._probing or self._clock() < self._until)

    def _refusal(self) -> BreakerOpenError:
        now = self._clock()
        following = "being tried now"
        if not self._probing:
            following = f"tried again in {self._until - now:.1f} s"
        last = self._last
        return BreakerOpenError(
            Trouble.DOWN if last is None else last.reason,
            f"Elasticsearch has not answered for {now - self._since:.0f} s and is {following}",
            "nothing was sent" if last is None else f"at last: {last}",
        )

    def _end(
        self, *, failed: bool, probe: bool, error: IndexUnavailableError | None = None
    ) -> None:
        with self._lock:
            self._last = error if failed else None
            if probe:
                self._probing = False
            if not failed:
                self._failures, self._open_s = 0, 0.0
                return
            if self._failures == 0:
                self._since = self._clock()
            self._failures += 1
            # Late failures of calls that began before it opened do not prolong the open time.
            if probe or (self._open_s == 0 and self._failures >= self._threshold):
                self._open_s = min(self._most_s, self._open_s * 2 or self._first_s)
                self._until = self._clock() + self._open_s * (1 + self._chance() / 4)

    def _abandon(self, *, probe: bool) -> None:
        if probe:
            with self._lock:
                self._probing = False
