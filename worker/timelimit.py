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
    fired = False


@contextmanager
def interruptible() -> Iterator[None]:
    """Let the pool's soft limit (SIGUSR1) raise ``OutOfTime`` within, and do nothing outside.

    The pool's own handler would raise an ordinary exception, which a batch takes for the fault of
    one of its posts, and raise it also between two tasks.

    Raises:
        OutOfTime: the limit was reached, whatever exception of somebody's clean-up hides it.
    """
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGUSR1, _on_signal)
    _State.fired = False
    try:
        _State.active = True
        yield
    except Exception as error:
        if _State.fired:
            raise OutOfTime from error
        raise
    finally:
        _State.active = False


def is_over() -> bool:
    """Tell whether the limit of the present task was reached: then no error is the post's own."""
    return _State.fired


def _on_signal(_number: int, _frame: Any) -> None:  # noqa: ANN401
    if _State.active:
        _State.active = False
        _State.fired = True
        raise OutOfTime
