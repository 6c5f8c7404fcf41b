"""Work in other threads that is waited for only so long; what hangs takes nothing else along."""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from queue import SimpleQueue
from time import perf_counter
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Job(Generic[T]):
    """Work that was begun, and what it gave."""

    def __init__(self, work: Callable[[], T], state: _State | None = None) -> None:
        """Keep the work, and the threads that do it; None: the caller's."""
        self._work: Callable[[], T] | None = work
        self._state = state
        self._start = perf_counter()
        self._end: float | None = None
        self.future: Future[T] = Future()

    @property
    def seconds(self) -> float:
        """What it took, or takes so far, since it was begun."""
        return (self._end or perf_counter()) - self._start

    def result(self, seconds: float | None) -> T:
        """Return what the work gave, or raise what it raised.

        Args:
            seconds: since the work was begun; None waits for ever.

        Raises:
            TimeoutError: it takes longer; it goes on, and nobody waits for it.
        """
        left = None if seconds is None else max(self._start + seconds - perf_counter(), 0.0)
        try:
            return self.future.result(left)
        except TimeoutError:
            if self._state is not None and not self.future.done() and not self.future.cancel():
                self._state.give_up(self.future)
            raise

    def do(self) -> None:
        """Do the work in this thread."""
        work, self._work = self._work, None
        if work is None or not self.future.set_running_or_notify_cancel():
            return
        try:
            found = work()
        except Exception as error:  # noqa: BLE001 - it is raised where it is waited for
            self._end = perf_counter()
            self.future.set_exception(error)
        else:
            self._end = perf_counter()
            self.future.set_result(found)


def at_once(work: Callable[[], T]) -> Job[T]:
    """Do work in this thread, now; what it raises is raised by ``result``."""
    job = Job(work)
    job.do()
    return job


@dataclass(slots=True)
class _State:
    """What the threads of one process share; they never hold the crew itself."""

    pid: int = field(default_factory=os.getpid)
    lock: threading.Lock = field(default_factory=threading.Lock)
    jobs: SimpleQueue[Job[Any] | None] = field(default_factory=SimpleQueue)
    threads: list[threading.Thread] = field(default_factory=list)
    waiting: int = 0
    late: set[Future[Any]] = field(default_factory=set)

    def give_up(self, future: Future[Any]) -> None:
        """Count work that nobody waits for any more as long as it holds its thread."""
        with self.lock:
            if not future.done():
                self.late.add(future)

    def work(self) -> None:
        """Do job after job; one thread's life."""
        while (job := self.jobs.get()) is not None:
            job.do()
            with self.lock:
                self.waiting -= 1
                self.late.discard(job.future)
            del job  # an idle thread keeps nobody's answer

    def end(self) -> None:
        """Let each thread end when it is idle."""
        for _ in self.threads:
            self.jobs.put(None)


class Crew:
    """A few threads for one kind of work, started when they are needed.

    While all of them are held by work that is late, more is refused at once: what hangs costs a
    query its time limit ``most`` times, not every time. Every thread has its own connections;
    ``close`` ends those that are idle. A forked child has threads of its own.
    """

    def __init__(self, name: str, most: int) -> None:
        """Have at most so many threads; none is started yet."""
        self._name = name
        self._most = most
        self._renew()

    def _renew(self) -> None:
        self._state = _State()
        self._ending = weakref.finalize(self, self._state.end)
        self._ending.atexit = False  # they are daemons

    def begin(self, work: Callable[[], T]) -> Job[T]:
        """Begin work; refused (``result`` raises at once) while late work holds all threads."""
        if self._state.pid != os.getpid():
            self._ending.detach()
            self._renew()
        state = self._state
        job = Job(work, state)
        with state.lock:
            if len(state.late) >= self._most:
                job.future.set_exception(TimeoutError("earlier questions are not answered yet"))
                return job
            state.waiting += 1
            if len(state.threads) < min(state.waiting, self._most):
                name = f"{self._name}-{len(state.threads) + 1}"
                thread = threading.Thread(target=state.work, name=name, daemon=True)
                state.threads.append(thread)
                thread.start()
            state.jobs.put(job)
        return job

    def close(self, seconds: float = 1.0) -> None:
        """End the threads; one that is at work is waited for a moment, then left."""
        state = self._state
        self._ending.detach()
        self._renew()
        if state.pid != os.getpid():
            return
        state.end()
        until = perf_counter() + seconds
        for thread in state.threads:
            thread.join(max(until - perf_counter(), 0.0))
