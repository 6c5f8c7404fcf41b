"""docs/generations.md: its commands parse, and it tells of every trouble that the code knows."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

import search.elastic
from search.index import Trouble
from tests.hirelens.compose_support import usage_error

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "generations.md").read_text("utf-8")
TROUBLES = [
    [cell.strip() for cell in line.split("|")[1:-1]]
    for line in PAGE.partition("| what is wrong |")[2].splitlines()[2:]
    if line.startswith("|")
]
COMMANDS = sorted(
    {
        line.partition("#")[0].removeprefix("hirelens ").strip()
        for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
        for line in block.splitlines()
    }
    | set(re.findall(r"`hirelens ((?:[a-z-]+ ?)+(?:--once)?)`", PAGE))
)


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_parse(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "models" / "2026-02").mkdir(parents=True)
    (tmp_path / "towers" / "2026-02").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    assert usage_error(shlex.split(command)) is None


def test_there_are_commands_for_every_step() -> None:
    steps = {command.split()[1] for command in COMMANDS if command.startswith("index ")}
    assert steps == {"list", "create", "catch-up", "check", "switch", "rollback", "drop"}


def test_each_reason_is_told_and_no_other() -> None:
    told = {word for row in TROUBLES for word in re.findall(r"^`(\w+)`", row[1])}
    assert told == {one.value for one in Trouble}


def test_findings_of_doctor_exist() -> None:
    """Kinds stand in the code as the first argument of a finding, or as its whole name."""
    sources = [*Path(search.elastic.__file__).parent.glob("*.py"), ROOT / "hirelens" / "health.py"]
    code = "".join(path.read_text("utf-8") for path in sources)
    named = {word for row in TROUBLES for word in re.findall(r"`es-(\w+)`", row[2])}
    assert len(named) > 5
    for kind in named:
        assert f'"{kind}"' in code or f'"es-{kind}"' in code, kind
