"""Whether the holder of a lease lives, also where ``hidepid`` hides other users' processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from worker import owner


@pytest.fixture
def other() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    yield process
    process.kill()
    process.wait()


def named(pid: int) -> str:
    return f"{owner._machine()}|{pid}|{owner._start(pid)}"


def hide(monkeypatch: pytest.MonkeyPatch, answer: type[OSError] | None) -> None:
    """Let /proc show no process, and the kernel answer a signal like this."""

    def kill(_pid: int, number: int) -> None:
        assert number == 0
        if answer is not None:
            raise answer

    def hidden(_path: object, **_more: object) -> str:
        raise FileNotFoundError

    monkeypatch.setattr(os, "kill", kill)
    monkeypatch.setattr("pathlib.Path.read_text", hidden)


def test_this_process_lives() -> None:
    assert owner.this_process() == named(os.getpid())
    assert not owner.is_gone(owner.this_process())


def test_a_process_is_gone_once_it_is_killed(other: subprocess.Popen[bytes]) -> None:
    name = named(other.pid)
    assert not owner.is_gone(name)
    other.send_signal(signal.SIGKILL)
    # Not collected yet: a zombie holds nothing any more.
    os.waitid(os.P_PID, other.pid, os.WEXITED | os.WNOWAIT)
    assert owner.is_gone(name)
    other.wait()
    assert owner.is_gone(name)


def test_a_reused_pid_is_another_process() -> None:
    machine, pid, start = owner.this_process().split("|")
    assert owner.is_gone(f"{machine}|{pid}|{int(start) - 1}")


@pytest.mark.parametrize(
    ("answer", "gone"), [(PermissionError, False), (None, False), (ProcessLookupError, True)]
)
def test_a_hidden_process_is_asked_by_a_signal(
    monkeypatch: pytest.MonkeyPatch, answer: type[OSError] | None, gone: bool
) -> None:
    name = f"{owner._machine()}|4711|12345"
    hide(monkeypatch, answer)
    assert owner.is_gone(name) is gone


@pytest.mark.parametrize("end", ["|4711|", "|pid|12345", "|99999999999999999999|12345", ""])
def test_who_cannot_be_told_is_not_gone(end: str) -> None:
    assert not owner.is_gone(owner._machine() + end)
    assert not owner.is_gone("another machine|4711|12345")
