"""The search log as the settings want it: where it goes, and where it is read from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from hirelens.output import note
from hirelens.settings import Settings

if TYPE_CHECKING:
    from hirelens.wiring import Workplace
    from search.searchlog.log import SearchLog
    from search.searchlog.model import SearchRecord
    from search.searchlog.sink import Sink
    from worker.searches import Chosen

CLOSE_S = 5.0
"""How long the end of a command waits for the last records, in seconds; the answer is out."""


def open_log(settings: Settings, tell: Callable[[str], None] = note) -> SearchLog | None:
    """Return the log of this process, None where it is off or there is no database to hold it.

    Nothing is opened before the first record, and then by the log's own thread.
    """
    from search.searchlog.log import SearchLog

    if settings.search_log == "off":
        return None
    target = settings.database
    if settings.search_log == "database" and isinstance(target, Path) and not target.is_file():
        return None
    return SearchLog(lambda: open_sink(settings), tell=tell)


def open_sink(settings: Settings) -> Sink:
    """Open where records go."""
    if settings.search_log == "files":
        from search.searchlog.files import FileSink

        return FileSink(settings.searches_folder)
    from worker.searches import SqlSink

    return SqlSink(settings.database)


def oldest_days(settings: Settings) -> float | None:
    """Return how many days ago the oldest answer was given that is kept; changes nothing."""
    now = datetime.now(UTC)
    if settings.search_log == "files":
        from search.searchlog.files import first_day

        day = first_day(settings.searches_folder)
        return None if day is None else (now.date() - day).days
    target = settings.database
    if isinstance(target, Path) and not target.is_file():
        return None
    from worker.engine import create_engine
    from worker.searches import oldest

    engine = create_engine(target)
    try:
        at = oldest(engine)
    finally:
        engine.dispose()
    return None if at is None else now.timestamp() / 86_400 - at / 86_400_000


def records(place: Workplace, chosen: Chosen, path: Path | None) -> Iterator[SearchRecord]:
    """Yield the chosen records, the oldest first, of a file or folder or of what the settings name.

    Lines that are no records are told on standard error and left out.
    """
    from search.searchlog.model import RecordError, SearchRecord

    if path is None and place.settings.search_log != "files":
        from worker.searches import read

        yield from map(SearchRecord.from_json, read(place.engine, chosen))
        return
    from search.searchlog.files import read as read_files

    for found in read_files(path or place.settings.searches_folder):
        if isinstance(found, RecordError):
            note(f"left out: {found}")
        elif chosen.takes(found):
            yield found
