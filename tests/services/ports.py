"""Ports that stay ours while a server is down between a kill and its restart."""

import fcntl
import os
import random
import socket
import tempfile
from pathlib import Path
from typing import Self

LOWEST = 15_000
_EPHEMERAL = Path("/proc/sys/net/ipv4/ip_local_port_range")


class Port:
    """One TCP port of 127.0.0.1, locked against every other user of this module.

    It lies below the range from which the system takes ports for outgoing connections: no client
    can take it by chance while the server is down, nor connect to itself on it.
    """

    def __init__(self, number: int, lock: int) -> None:
        self.number = number
        self._lock = lock

    @classmethod
    def reserve(cls) -> Self:
        folder = Path(tempfile.gettempdir()) / "hirelens-ports"
        if not folder.exists():
            folder.mkdir(exist_ok=True)
            folder.chmod(0o1777)
        first_taken = int(_EPHEMERAL.read_text().split()[0]) if _EPHEMERAL.exists() else 32_768
        numbers = list(range(LOWEST, max(first_taken, LOWEST + 1_000)))
        random.shuffle(numbers)
        for number in numbers:
            lock = _lock(folder / str(number))
            if lock is None:
                continue
            if _free(number):
                return cls(number, lock)
            os.close(lock)
        raise RuntimeError(f"no free port from {LOWEST} to {first_taken}")

    def release(self) -> None:
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1


def _lock(path: Path) -> int | None:
    try:
        handle = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        try:
            handle = os.open(path, os.O_RDONLY | os.O_CREAT, 0o644)
        except PermissionError:  # another user made it just now
            return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    return handle


def _free(number: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("0.0.0.0", number))
        except OSError:
            return False
    return True
