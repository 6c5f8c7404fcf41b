"""Naming the process that holds a lease, so that its death is noticed before the lease ends."""

from __future__ import annotations

import os
import socket
from functools import lru_cache
from pathlib import Path


def this_process() -> str:
    """Return ``machine|pid|start``; never equal for two processes, not even with a reused pid."""
    return _name(os.getpid())


def is_gone(holder: str) -> bool:
    """Tell whether a holder ran on this machine and no longer does; unsure means no."""
    machine, pid, start = ([*holder.split("|"), "", ""])[:3]
    if not pid.isdigit() or not start or machine != _machine():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass  # another user's process: it lives
    except OverflowError:
        return False  # no pid
    found = _start(int(pid))
    return found is not None and found != start


@lru_cache(maxsize=4)
def _name(pid: int) -> str:
    return f"{_machine()}|{pid}|{_start(pid) or ''}"


@lru_cache(maxsize=1)
def _machine() -> str:
    """Name the machine's pid namespace: containers may share a host name and a file."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        space = Path("/proc/self/ns/pid").readlink().name
    except OSError:
        return socket.gethostname()[:100]
    return f"{socket.gethostname()[:60]}/{boot}/{space}"


def _start(pid: int) -> str | None:
    """Return when a process started; empty of a dead one, None where nothing can tell.

    Other users' processes cannot be read under the mount option ``hidepid``.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()
    # A zombie has died but nobody has collected it; it holds nothing any more.
    return "" if fields[0] in {"Z", "X"} else fields[19]
