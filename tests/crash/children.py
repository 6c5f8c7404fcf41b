"""Starting, killing and pausing the processes of a run; knowing what lives below them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
GONE_S = 20.0


@dataclass
class Program:
    """One long-lived process that is started again after each kill; its output goes to a log."""

    name: str
    command: Sequence[str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    starts: int = 0
    left: set[int] = field(default_factory=set)

    def start(self) -> None:
        """Start it where it does not run."""
        if self.alive:
            return
        self.starts += 1
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, *self.command],
                cwd=ROOT,
                env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The main process; 0 where there is none."""
        return 0 if self.process is None else self.process.pid

    @property
    def alive(self) -> bool:
        """Whether the main process runs."""
        return self.process is not None and self.process.poll() is None

    @property
    def code(self) -> int | None:
        """How the main process ended; None while it runs."""
        return None if self.process is None else self.process.poll()

    def children(self) -> list[int]:
        """The living processes that the main process has started."""
        return children_of(self.pid) if self.alive else []

    def family(self) -> list[int]:
        """The main process and everything of its session, orphans of killed parents included."""
        return of_session(self.pid) if self.process is not None else []

    def kill(self) -> None:
        """Kill -9 the main process and all that it started; returns once they are gone."""
        deadline = time.monotonic() + GONE_S
        while family := self.family():
            send(family, signal.SIGKILL)  # again: a child may have been forked just then
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self.name}: processes {family} do not die")
            time.sleep(0.01)
        if self.process is not None:
            self.process.wait()
        self.process = None

    def ends_on_request(self, patience_s: float = 30.0) -> bool:
        """Ask the main process to end and wait for it; False where it does not."""
        if self.process is None:
            return True
        self.process.terminate()
        try:
            self.process.wait(patience_s)
        except subprocess.TimeoutExpired:
            return False
        return True

    def kill_parent(self) -> None:
        """Kill -9 the main process only; what it started lives on without it."""
        if self.process is not None:
            self.left |= set(self.children())
            send([self.pid], signal.SIGKILL)
            self.process.wait()
            self.process = None

    def orphans(self) -> list[int]:
        """The processes that outlived their killed parent and still run."""
        self.left = {pid for pid in self.left if parent_of(pid) not in {None, self.pid}}
        return sorted(self.left)


def send(pids: Iterable[int], number: int) -> None:
    """Send a signal to each process that is still there."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def parent_of(pid: int) -> int | None:
    """Return the parent of a living process; None for one that is gone or a zombie."""
    found = _stat(pid)
    return None if found is None or found[0] in "ZX" else int(found[1])


def children_of(pid: int) -> list[int]:
    """Return the living children of a process."""
    return sorted(p for p in _pids() if parent_of(p) == pid)


def of_session(session: int) -> list[int]:
    """Return the living processes of a session, whoever their parent is now."""
    found = []
    for pid in _pids():
        stat = _stat(pid)
        if stat is not None and stat[0] not in "ZX" and int(stat[3]) == session:
            found.append(pid)
    return sorted(found)


def _pids() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _stat(pid: int) -> list[str] | None:
    """Return the fields of /proc/PID/stat from the state on: state, parent, group, session."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    return text.rpartition(")")[2].split()
