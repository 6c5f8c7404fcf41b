"""A connection to the embedded index's SQLite file, and whether it is still that file.

What is written to a file that was removed, nobody would ever read.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import ClassVar


class IndexFileError(RuntimeError):
    """The index file cannot be used; says why and the remedy."""


class IndexGoneError(IndexFileError, sqlite3.OperationalError):
    """The file was taken away under its user: what waits is tried again, nothing is settled."""

    def __init__(self, path: Path) -> None:
        """Name the file and the remedy."""
        super().__init__(
            f"{path}: was removed while it was in use; build it again: hirelens reconcile --once"
        )


_File = tuple[int, int]
"""Device and number of a file: another one where the path was removed and made anew."""


class Kept:
    """A connection of one thread of one process, closed when nobody holds it any more."""

    # Closing a parent's connection in a forked child would drop the parent's file locks.
    _inherited: ClassVar[list[sqlite3.Connection]] = []

    def __init__(self, connection: sqlite3.Connection, path: Path, file: _File) -> None:
        """Keep a connection to the file that the path leads to now."""
        self.connection = connection
        self._path = path
        self._file = file
        self._pid = os.getpid()

    @property
    def is_mine(self) -> bool:
        """Tell whether this process has opened it: a forked child must not use its parent's."""
        return self._pid == os.getpid()

    def is_replaced(self) -> bool:
        """Tell whether the path leads to another file now.

        Raises:
            IndexGoneError: it leads to none.
        """
        found = _file_of(self._path)
        if found is None:
            raise IndexGoneError(self._path)
        return found != self._file

    def __del__(self) -> None:
        if self.is_mine:
            self.connection.close()
        else:
            self._inherited.append(self.connection)


def connect(path: Path, timeout_s: float, *, new: bool = False) -> Kept:
    """Open the file; with ``new`` it is made where it is missing.

    Raises:
        IndexGoneError: it is missing.
    """
    # Looked at before: a file that takes its place meanwhile is noticed later.
    before = _file_of(path)
    if before is None and not new:
        raise IndexGoneError(path)
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={'rwc' if new else 'rw'}",
        timeout=timeout_s,
        isolation_level=None,
        check_same_thread=False,
        uri=True,
    )
    connection.execute("PRAGMA synchronous = FULL")
    found = before or _file_of(path)
    if found is None:
        connection.close()
        raise IndexGoneError(path)
    return Kept(connection, path, found)


def _file_of(path: Path) -> _File | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino
