"""When the circuit breaker lets calls pass, and what it learns from them."""

from __future__ import annotations

import threading

import pytest
from elastic_fake import Clock

from search.elastic.breaker import Breaker, BreakerOpenError
from search.index import IndexUnavailableError, Trouble


def breaker(clock: Clock, chance: float = 0.0) -> Breaker:
    return Breaker(threshold=3, first_s=1, most_s=4, clock=clock, chance=lambda: chance)


def call(one: Breaker, reason: Trouble | None = None) -> None:
    with one.guard():
        if reason is not None:
            raise IndexUnavailableError(reason, "problem", "remedy")


def fail(one: Breaker, times: int, reason: Trouble = Trouble.DOWN) -> None:
    for _ in range(times):
        with pytest.raises(IndexUnavailableError, match=r"^problem"):
            call(one, reason)


@pytest.mark.parametrize("reason", [Trouble.DOWN, Trouble.SLOW])
def test_it_opens_after_failures_in_a_row(reason: Trouble) -> None:
    one = breaker(Clock())
    fail(one, 2, reason)
    call(one)
    fail(one, 2, reason)
    assert not one.is_open
    fail(one, 1, reason)
    assert one.is_open
    with pytest.raises(BreakerOpenError) as caught:
        call(one)
    assert caught.value.reason is reason
    assert "at last: problem" in str(caught.value)


@pytest.mark.parametrize("reason", [r for r in Trouble if r not in {Trouble.DOWN, Trouble.SLOW}])
def test_a_cluster_that_answers_is_not_left_alone(reason: Trouble) -> None:
    one = breaker(Clock())
    fail(one, 2)
    fail(one, 5, reason)
    fail(one, 2)
    assert not one.is_open


def test_it_says_since_when_and_when_the_next_try_is() -> None:
    clock = Clock()
    one = breaker(clock)
    fail(one, 1)
    clock.now += 20
    fail(one, 2)
    clock.now += 0.4
    with pytest.raises(BreakerOpenError, match=r"for 20 s and is tried again in 0\.6 s"):
        call(one)


def test_a_probe_that_succeeds_closes_it() -> None:
    clock = Clock()
    one = breaker(clock)
    fail(one, 3)
    clock.now += 1
    assert not one.is_open
    call(one)
    fail(one, 2)
    assert not one.is_open


def test_a_probe_that_fails_doubles_the_time_up_to_the_most() -> None:
    clock = Clock()
    one = breaker(clock)
    fail(one, 3)
    for seconds in (1, 2, 4, 4):
        clock.now += seconds - 0.01
        assert one.is_open
        clock.now += 0.01
        fail(one, 1)
    clock.now += 4
    call(one)
    fail(one, 3)
    clock.now += 1
    assert not one.is_open, "after a success the first open time holds again"


def test_open_times_differ_by_chance() -> None:
    clock = Clock()
    one = breaker(clock, chance=1.0)
    fail(one, 3)
    clock.now += 1.24
    assert one.is_open
    clock.now += 0.01
    assert not one.is_open


def test_one_probe_at_a_time() -> None:
    clock = Clock()
    one = breaker(clock)
    fail(one, 3)
    clock.now += 1
    inside, done = threading.Event(), threading.Event()

    def probe() -> None:
        with one.guard():
            inside.set()
            done.wait(5)

    thread = threading.Thread(target=probe)
    thread.start()
    assert inside.wait(5)
    with pytest.raises(BreakerOpenError, match="being tried now"):
        call(one)
    done.set()
    thread.join()
    call(one)


def test_a_probe_that_is_broken_off_leaves_the_next_call_to_probe() -> None:
    clock = Clock()
    one = breaker(clock)
    fail(one, 3)
    clock.now += 1
    for stop in (KeyboardInterrupt, ValueError):
        with pytest.raises(stop), one.guard():
            raise stop
        assert not one.is_open
    fail(one, 1)
    assert one.is_open, "still half open: one failure was enough"


def test_late_failures_do_not_prolong_the_open_time() -> None:
    clock = Clock()
    one = breaker(clock)
    guards = [one.guard() for _ in range(5)]
    for guard in guards:
        guard.__enter__()
    error = IndexUnavailableError(Trouble.SLOW, "problem", "remedy")
    for guard in guards[:3]:
        assert not guard.__exit__(type(error), error, None)
    clock.now += 0.9
    for guard in guards[3:]:
        assert not guard.__exit__(type(error), error, None)
    clock.now += 0.1
    call(one)
