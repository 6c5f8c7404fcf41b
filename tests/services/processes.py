"""Find and signal the processes that work inside a folder.

A server is known by its working directory: PostgreSQL's children leave its process group, and
those of a killed server lose their parent, but all of them stay in the data folder.

Run as a program this is the watchdog: it waits until the tests' process has died, however that
came about, then ends everything in the folder and removes it. It uses the standard library only.
"""

import contextlib
import os
import select
import shutil
import signal
import sys
import time
from pathlib import Path


def within(folder: Path) -> list[int]:
    """The live processes whose working directory is the folder or below it."""
    found = []
    prefix = f"{folder}/"
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            where = str((entry / "cwd").readlink())
        except OSError:  # ended meanwhile, a zombie, or another user's
            continue
        if f"{where.removesuffix(' (deleted)')}/".startswith(prefix):
            found.append(int(entry.name))
    return sorted(found)


def send(pids: list[int], number: int) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def kill(folder: Path, timeout: float = 30) -> None:
    """Kill -9 all processes in the folder and return once they are gone."""
    deadline = time.monotonic() + timeout
    while pids := within(folder):
        send(pids, signal.SIGKILL)
        if time.monotonic() > deadline:
            raise TimeoutError(f"processes {pids} in {folder} do not die")
        time.sleep(0.01)


def wait_gone(folder: Path, timeout: float) -> bool:
    deadline = time.monotonic() + timeout
    while within(folder):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def end(folder: Path, number: int) -> None:
    """Ask with a signal, kill after five seconds, and remove the folder."""
    data = folder / "data"
    if number != signal.SIGKILL and (pids := within(data)):
        send(pids, signal.SIGCONT)
        send(pids, number)
        wait_gone(data, 5)
    kill(folder)
    shutil.rmtree(folder, ignore_errors=True)


def watch(owner: int, folder: Path, number: int) -> None:
    try:
        handle = os.pidfd_open(owner)
    except ProcessLookupError:
        pass
    else:
        select.select([handle], [], [])
    end(folder, number)


if __name__ == "__main__":
    watch(int(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
