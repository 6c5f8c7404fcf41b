"""Being told to stop at any moment."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from worker.stopping import on_signals

STOPS = (signal.SIGTERM, signal.SIGINT)


@pytest.fixture(autouse=True)
def own_handlers() -> Iterator[None]:
    before = [signal.getsignal(number) for number in STOPS]
    yield
    for number, handler in zip(STOPS, before, strict=True):
        signal.signal(number, handler)


@pytest.mark.parametrize("number", STOPS)
def test_a_signal_sets_the_event(number: signal.Signals) -> None:
    stop = on_signals()
    assert not stop.is_set()
    signal.raise_signal(number)
    assert stop.wait(10)


def test_also_while_the_main_thread_holds_its_lock() -> None:
    """``wait`` holds it for moments; a handler that asked for it there would wait for ever."""
    stop = on_signals()
    with stop._cond:  # type: ignore[attr-defined]
        signal.raise_signal(signal.SIGTERM)
        assert not stop.is_set()
    assert stop.wait(10)
