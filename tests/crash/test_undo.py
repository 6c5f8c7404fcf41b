"""What was broken is mended again, sooner or later, and what cannot be is told."""

from __future__ import annotations

import random
import threading

import pytest

from tests.crash import undo
from tests.crash.undo import Undo

NOW = (0.0, 0.0)
LATER = (60.0, 60.0)


@pytest.fixture
def broken() -> Undo:
    return Undo(random.Random(1))


def test_each_is_undone_when_its_time_has_come(broken: Undo) -> None:
    done: list[str] = []
    broken.later(NOW, "one", lambda: done.append("one"))
    broken.later(LATER, "other", lambda: done.append("other"))
    assert broken.down == {"one", "other"}
    broken.tend()
    assert (done, broken.down) == (["one"], {"other"})
    broken.end()
    assert (done, broken.down) == (["one", "other"], set())


def test_what_fails_is_tried_again(broken: Undo) -> None:
    tries: list[int] = []

    def mend() -> None:
        tries.append(1)
        if len(tries) < 2:
            raise ConnectionRefusedError

    broken.later(NOW, "block", mend)
    broken.tend()
    assert broken.down == {"block"}
    broken.end()
    assert len(tries) == 2


def test_slow_work_goes_on_aside_and_counts_as_down(broken: Undo) -> None:
    started = threading.Event()
    broken.later(NOW, "node", lambda: broken.aside("node 1", started.wait))
    broken.tend()
    assert broken.down == {"node 1"}
    started.set()
    broken.end()
    assert broken.down == set()


def test_errors_of_slow_work_are_not_lost(broken: Undo) -> None:
    def fail() -> None:
        raise RuntimeError("does not start")

    broken.aside("node 1", fail)
    with pytest.raises(RuntimeError, match="does not start"):
        broken.end()


def test_what_cannot_be_undone_is_named(broken: Undo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(undo, "LONGEST_S", 0.0)

    def fail() -> None:
        raise OSError

    broken.later(NOW, "block", fail)
    with pytest.raises(TimeoutError, match="block"):
        broken.end()
