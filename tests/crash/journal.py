"""What a writer knows to have happened, on the disk before it goes on.

Only bytes that were forced to the disk count: the writer may be killed at any instruction.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Note:
    """These writes were acknowledged, at this time in milliseconds."""

    numbers: tuple[int, ...]
    at: int


class Journal:
    """One writer's file; it goes on where a killed writer of the same file stopped."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        if path.stat().st_size and not path.read_bytes().endswith(b"\n"):
            os.write(self._file, b"\n")  # a torn line stays a line of its own

    def note(self, numbers: Sequence[int]) -> None:
        """Keep acknowledged writes; they are on the disk when this returns."""
        line = json.dumps({"n": list(numbers), "at": time.time_ns() // 1_000_000})
        os.write(self._file, line.encode() + b"\n")
        os.fsync(self._file)


def read(path: Path) -> Iterator[Note]:
    """Yield the notes of a journal, torn lines left out."""
    if not path.exists():
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            note = json.loads(line)
        except ValueError:
            continue
        yield Note(tuple(note["n"]), note["at"])


def acknowledged(paths: Sequence[Path]) -> dict[int, int]:
    """Return the numbers of all acknowledged writes with the time of each."""
    return {n: note.at for path in paths for note in read(path) for n in note.numbers}
