"""Work that is waited for only so long."""

from __future__ import annotations

import gc
import os
import threading
import time

import pytest

from search.crew import Crew, at_once


def threads(name: str) -> list[threading.Thread]:
    return [one for one in threading.enumerate() if one.name.startswith(f"{name}-")]


def gone(name: str, seconds: float = 5.0) -> bool:
    until = time.monotonic() + seconds
    while threads(name) and time.monotonic() < until:
        time.sleep(0.01)
    return not threads(name)


def test_work_gives_its_result_or_its_error() -> None:
    crew = Crew("gives", 2)
    assert crew.begin(lambda: 3).result(5) == 3
    with pytest.raises(ZeroDivisionError):
        crew.begin(lambda: 1 // 0).result(5)
    assert at_once(lambda: 4).result(None) == 4
    with pytest.raises(ZeroDivisionError):
        at_once(lambda: 1 // 0).result(None)
    crew.close()


def test_work_runs_elsewhere_and_threads_are_used_again() -> None:
    crew = Crew("again", 3)
    names = {crew.begin(lambda: threading.current_thread().name).result(5) for _ in range(20)}
    assert names == {"again-1"}
    crew.close()
    assert gone("again")
    # A closed crew begins anew.
    assert crew.begin(lambda: 1).result(5) == 1
    crew.close()


def test_late_work_is_not_waited_for_and_holds_only_itself() -> None:
    crew, gate = Crew("late", 2), threading.Event()
    job = crew.begin(gate.wait)
    start = time.perf_counter()
    with pytest.raises(TimeoutError):
        job.result(0.02)
    assert time.perf_counter() - start < 2
    assert crew.begin(lambda: 1).result(5) == 1
    gate.set()
    crew.close()


def test_while_all_threads_are_late_more_is_refused_at_once() -> None:
    crew, gate = Crew("full", 2), threading.Event()
    jobs = [crew.begin(gate.wait) for _ in range(2)]
    for job in jobs:
        with pytest.raises(TimeoutError):
            job.result(0.02)
    with pytest.raises(TimeoutError, match="not answered yet"):
        crew.begin(lambda: 1).result(60)
    gate.set()
    until = time.monotonic() + 5
    while time.monotonic() < until:
        try:
            assert crew.begin(lambda: 1).result(5) == 1
            break
        except TimeoutError:
            time.sleep(0.01)
    else:
        pytest.fail("the crew never recovered")
    crew.close()


def test_work_that_waits_is_taken_back_when_nobody_waits() -> None:
    crew, gate, done = Crew("queue", 1), threading.Event(), []
    crew.begin(gate.wait)
    waiting = crew.begin(lambda: done.append(1))
    with pytest.raises(TimeoutError):
        waiting.result(0.02)
    gate.set()
    assert crew.begin(lambda: 1).result(5) == 1
    assert done == []
    crew.close()


def test_a_timeout_of_the_work_itself_is_an_error_like_others() -> None:
    def late() -> None:
        raise TimeoutError("the socket")

    crew = Crew("own", 1)
    with pytest.raises(TimeoutError, match="the socket"):
        crew.begin(late).result(5)
    assert crew.begin(lambda: 1).result(5) == 1
    crew.close()


def test_nobodys_crew_ends_its_threads() -> None:
    crew = Crew("nobody", 2)
    crew.begin(lambda: 1).result(5)
    assert threads("nobody")
    del crew
    gc.collect()
    assert gone("nobody")


def test_a_forked_child_has_its_own_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    crew = Crew("child", 1)
    first = crew.begin(threading.current_thread).result(5)
    pid = os.getpid()
    monkeypatch.setattr(os, "getpid", lambda: pid + 1)
    assert crew.begin(threading.current_thread).result(5) is not first
    crew.close()
