"""Records as JSON lines, a file a day in one folder: for sites that collect events themselves."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from pathlib import Path

from search.searchlog.model import RecordError, SearchRecord
from search.searchlog.sink import SinkAwayError

PREFIX = "searches-"
SUFFIX = ".jsonl"
_PRIVATE = 0o600  # queries are personal data


class FileSink:
    """Appends to ``searches-YYYY-MM-DD.jsonl`` (UTC); several processes may share the folder.

    Nothing stays open: a file that was moved away is missed by nobody.
    """

    def __init__(self, folder: Path) -> None:
        """Use a folder, which is made with the first record."""
        self._folder = folder

    def write(self, records: Sequence[SearchRecord]) -> None:
        """Append one line a record.

        Raises:
            SinkAwayError: the folder or file cannot be written.
        """
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for day, some in groupby(records, key=day_of):
                lines = "".join(record.to_json() + "\n" for record in some)
                _append(self._folder / f"{PREFIX}{day}{SUFFIX}", lines.encode())
        except OSError as error:
            raise SinkAwayError(f"{self._folder}: {error.strerror or error}") from error

    def close(self) -> None:
        """Do nothing."""


def day_of(record: SearchRecord) -> date:
    """Return the day of an answer, in UTC."""
    return datetime.fromtimestamp(record.at / 1000, UTC).date()


def files(folder: Path) -> list[Path]:
    """Return the files of a folder, the oldest first."""
    return sorted(path for path in folder.glob(f"{PREFIX}*{SUFFIX}") if _day(path))


def read(path: Path) -> Iterator[SearchRecord | RecordError]:
    """Yield the records of a file or folder, and an error for each line that is none.

    A process that is killed may leave half a line; whoever reads decides what it means.
    """
    for one in files(path) if path.is_dir() else [path]:
        with one.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                try:
                    yield SearchRecord.from_json(line)
                except RecordError as error:
                    yield RecordError(f"{one}, line {number}: {error}")


def first_day(folder: Path) -> date | None:
    """Return the day of the oldest file, None where there is none."""
    return min((day for path in files(folder) if (day := _day(path)) is not None), default=None)


def outdated(folder: Path, today: date, days: int) -> list[Path]:
    """Return the files whose every record is older than so many days."""
    oldest = today - timedelta(days=days)
    return [path for path in files(folder) if (_day(path) or oldest) < oldest]


def _day(path: Path) -> date | None:
    try:
        return date.fromisoformat(path.name.removeprefix(PREFIX).removesuffix(SUFFIX))
    except ValueError:
        return None


def _append(path: Path, data: bytes) -> None:
    handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, _PRIVATE)
    try:
        size = os.fstat(handle).st_size
        if size and os.pread(handle, 1, size - 1) != b"\n":
            data = b"\n" + data  # another process died within its line
        written = 0
        try:
            while written < len(data):
                written += os.write(handle, data[written:])
        except OSError:
            # A full disk: what is there of the batch goes, or it would come twice.
            if written and os.fstat(handle).st_size == size + written:
                os.ftruncate(handle, size)
            raise
    finally:
        os.close(handle)
