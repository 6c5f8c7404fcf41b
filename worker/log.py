"""Structured events: one JSON object a line for programs, one short line for a terminal."""

from __future__ import annotations

import json as json_
import logging
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TextIO, Unpack

from worker.log_events import SHAPES, Fields, LogEvent

__all__ = ["NAME", "LogEvent", "emit", "setup"]

NAME = "hirelens"
# Lines of several processes stay whole in a pipe only while they are short.
MAX_TEXT = 500
_SHORT = {"seconds": "{:.3f}s", "wait_s": "wait {:.1f}s", "oldest_s": "oldest {:.1f}s"}

_logger = logging.getLogger(NAME)
# Without a handler Python itself would print bare warnings from ordinary commands.
_logger.addHandler(logging.NullHandler())


def emit(event: LogEvent, **fields: Unpack[Fields]) -> None:
    """Log one event; fields that are None are left out. Never raises.

    Which fields an event may have stands in ``log_events.SHAPES``; a test reads every call.
    """
    level = SHAPES[event].level
    if _logger.isEnabledFor(level):
        _logger.log(level, event.value, extra={"event": event.value, "fields": fields})


def setup(json: bool | None = None, level: int | str = logging.INFO) -> None:
    """Send events to standard error; a second call replaces the first one's way of writing.

    Args:
        json: JSON lines, or short lines for people; None: JSON unless it is a terminal.
        level: the lowest level that is written, as ``logging`` names it.
    """
    stream = sys.stderr
    if json is None:
        json = not stream.isatty()
    handler: logging.StreamHandler[TextIO] = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines() if json else ShortLines())
    _logger.handlers[:] = [handler]
    _logger.setLevel(level.upper() if isinstance(level, str) else level)
    # Celery configures the root logger: every line would come twice.
    _logger.propagate = False
    # Python's warnings become lines too: whoever reads JSON must not meet anything else.
    logging.captureWarnings(capture=True)
    warned = logging.getLogger("py.warnings")
    warned.handlers[:] = [handler]
    warned.propagate = False


class JsonLines(logging.Formatter):
    """``{"at": …, "event": …, "level": …, "pid": …, fields…}``; other records as ``message``."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line of JSON."""
        line: dict[str, Any] = {
            "at": _at(record).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "event": getattr(record, "event", None) or "message",
            "level": record.levelname.lower(),
            "pid": record.process,
            **_fields(record),
        }
        return json_.dumps(line, ensure_ascii=False, default=str)


class ShortLines(logging.Formatter):
    """``12:30:01 indexed  p1 rev 3 0.412s …`` for a person at a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one short line."""
        fields = _fields(record)
        event = getattr(record, "event", None) or record.levelname.lower()
        parts = [f"{_at(record).astimezone():%H:%M:%S} {event:<10}"]
        for name, value in fields.items():
            if name in {"post", "message", "error"}:
                parts.append(str(value))
            elif value or name not in _ZERO_SAYS_NOTHING:
                parts.append(_SHORT.get(name, name + " {}").format(value))
        return " ".join(" ".join(parts).split("\n"))


# A batch's line names only what happened.
_ZERO_SAYS_NOTHING = frozenset(SHAPES[LogEvent.BATCH].fields) - {"seconds"}


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    given: Mapping[str, Any] | None = getattr(record, "fields", None)
    if given is None:
        given = {"message": record.getMessage()}
        if record.exc_info:
            given["error"] = logging.Formatter().formatException(record.exc_info)
    return {name: _plain(value) for name, value in given.items() if value is not None}


def _plain(value: Any) -> Any:  # noqa: ANN401 - any field
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, str) and len(value) > MAX_TEXT:
        return value[:MAX_TEXT] + "…"
    return value


def _at(record: logging.LogRecord) -> datetime:
    return datetime.fromtimestamp(record.created, UTC)
