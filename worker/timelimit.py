"""The soft time limit as an exception that no ``except Exception`` takes for something else."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class OutOfTime(BaseException):
    """The task has reached its soft time limit."""


class _State:
    active = False


@contextmanager
def interruptible() -> Iterator[None]:
    """Let the pool's soft limit (SIGUSR1) raise ``OutOfTime`` within, and do nothing outside.

    The pool's own handler would raise an ordinary exception, which a batch takes for the fault of
    one of its posts, and raise it also between two tasks.
    """
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGUSR1, _on_signal)
    try:
        _State.active = True
        yield
    finally:
        _State.active = False


def _on_signal(_number: int, _frame: Any) -> None:  # noqa: ANN401
    if _State.active:
        _State.active = False
        raise OutOfTime
