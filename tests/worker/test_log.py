"""Log lines: their two forms, and that every call keeps to the closed list."""

from __future__ import annotations

import ast
import io
import json
import logging
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from worker import log
from worker.log import LogEvent
from worker.log_events import SHAPES, Fields

ROOT = Path(__file__).parents[2]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _logger_as_before() -> Iterator[None]:
    logger = logging.getLogger(log.NAME)
    handlers, level, propagate = logger.handlers[:], logger.level, logger.propagate
    yield
    logger.handlers[:], logger.propagate = handlers, propagate
    logger.setLevel(level)
    logging.captureWarnings(capture=False)
    logging.getLogger("py.warnings").handlers.clear()


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_one_json_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    log.setup(level="debug")
    log.emit(LogEvent.INDEXED, post="p\n1", revision=3, trace="ab", lane="live", seconds=0.12345678)
    log.emit(LogEvent.FAILED, post="岗位", error="x" * 3000, attempts=2, trace=None)
    text = capsys.readouterr().err
    first, second = lines(text)
    assert first["at"].endswith("Z")
    assert first["pid"] > 0
    del first["at"], first["pid"]
    assert first == {
        "event": "indexed",
        "level": "info",
        "post": "p\n1",
        "revision": 3,
        "trace": "ab",
        "lane": "live",
        "seconds": 0.1235,
    }
    assert len(second["error"]) == log.MAX_TEXT + 1
    assert "trace" not in second
    assert "岗位" in text


def test_short_lines_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    log.setup()
    log.emit(LogEvent.BATCH, lane="live", claimed=3, indexed=3, dead=0, seconds=0.25)
    log.emit(LogEvent.DEAD, post="p1", revision=3, kind="error", error="a\nb")
    batch, dead = terminal.getvalue().splitlines()
    assert batch.split(maxsplit=1)[1] == "batch      lane live claimed 3 indexed 3 0.250s"
    assert dead.split(maxsplit=1)[1] == "dead       p1 revision 3 kind error a b"


def test_the_level_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    log.setup(level="warning")
    log.emit(LogEvent.INDEXED, post="p1")
    log.emit(LogEvent.DEAD, post="p1")
    assert [line["event"] for line in lines(capsys.readouterr().err)] == ["dead"]


def test_setting_up_twice_writes_once(capsys: pytest.CaptureFixture[str]) -> None:
    log.setup()
    log.setup(json=True)
    log.emit(LogEvent.STOPPED, role="relay")
    assert len(lines(capsys.readouterr().err)) == 1


def test_an_ordinary_record_becomes_a_message(capsys: pytest.CaptureFixture[str]) -> None:
    log.setup()
    try:
        raise ValueError("bad")
    except ValueError:
        logging.getLogger(log.NAME).exception("while %s", "testing")
    (line,) = lines(capsys.readouterr().err)
    assert (line["event"], line["level"], line["message"]) == ("message", "error", "while testing")
    assert line["error"].endswith("ValueError: bad")


def test_a_warning_is_one_line_too() -> None:
    script = (
        "import warnings; from worker import log; log.setup(json=True);"
        "warnings.warn('one line\\nand another')"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    (line,) = [json.loads(text) for text in done.stderr.splitlines()]
    assert (line["event"], line["level"]) == ("message", "warning")
    assert "one line\nand another" in line["message"]


def test_nothing_is_written_before_setup() -> None:
    script = "from worker.log import LogEvent, emit; emit(LogEvent.DEAD, post='p1', error='bad')"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout + done.stderr == ""


def test_every_event_has_a_shape_and_every_field_a_type() -> None:
    assert set(SHAPES) == set(LogEvent)
    used = {name for shape in SHAPES.values() for name in shape.fields}
    assert used == set(Fields.__optional_keys__)


def calls() -> list[tuple[str, str, set[str]]]:
    """Return place, event name and field names of every ``emit`` in the sources."""
    found = []
    for room in ("worker", "hirelens"):
        for path in sorted((ROOT / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if not isinstance(node, ast.Call) or not _is_emit(node.func):
                    continue
                place = f"{path.relative_to(ROOT)}:{node.lineno}"
                event = ast.unparse(node.args[0]) if node.args else ""
                found.append((place, event, {k.arg for k in node.keywords if k.arg}))
    return found


def _is_emit(function: ast.expr) -> bool:
    if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
        return function.attr == "emit" and function.value.id == "log"
    return isinstance(function, ast.Name) and function.id == "emit"


def test_every_call_gives_only_fields_of_its_event() -> None:
    wrong = []
    for place, event, names in calls():
        member = event.removeprefix("log.").removeprefix("LogEvent.")
        if member in LogEvent.__members__:
            unknown = names - set(SHAPES[LogEvent[member]].fields)
        else:
            unknown = names - set(Fields.__optional_keys__)  # the event is a variable
        if unknown:
            wrong.append(f"{place}: {event} has no field {', '.join(sorted(unknown))}")
    assert wrong == []


def test_every_event_is_written_somewhere() -> None:
    written = set()
    for room in ("worker", "hirelens"):
        for path in (ROOT / room).rglob("*.py"):
            if path.name != "log_events.py":
                written |= set(re.findall(r"LogEvent\.([A-Z_]+)", path.read_text("utf-8")))
    assert written == set(LogEvent.__members__)
