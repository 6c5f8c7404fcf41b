"""The group: lazy imports, help with examples, one sentence for foreseeable mistakes."""

from __future__ import annotations

import importlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from hirelens import errors
from hirelens.cli import VERBS, LazyGroup, cli
from hirelens.errors import ForeseenError, explain


def leaves(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    if not isinstance(command, click.Group):
        yield path
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        found = command.get_command(context, name)
        assert found is not None
        yield from leaves(found, (*path, name))


LEAVES = list(leaves(cli))


@pytest.mark.parametrize(
    "args", [["--help"], ["put", "--help"], ["search", "--help"], ["demo", "-h"]]
)
def test_help_imports_nothing_heavy(args: list[str]) -> None:
    code = (
        "import sys\nfrom hirelens.cli import cli\n"
        f"try: cli.main({args!r})\n"
        "except SystemExit as end: assert not end.code\n"
        "heavy = {'torch', 'transformers', 'faiss', 'sqlalchemy'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_module_is_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "hirelens", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("hirelens")


@pytest.mark.parametrize("path", LEAVES, ids=" ".join)
def test_every_verb_has_an_example_that_parses(path: tuple[str, ...]) -> None:
    result = CliRunner().invoke(cli, [*path, "--help"])
    assert result.exit_code == 0
    assert re.search(rf"Examples?:\n +hirelens {' '.join(path)}\b", result.output)


def test_the_list_of_verbs_is_complete() -> None:
    assert {path[0] for path in LEAVES} == set(VERBS)
    context = click.Context(cli)
    assert isinstance(cli, LazyGroup)
    for verb in VERBS:
        found = cli.get_command(context, verb)
        assert found is not None
        assert found.name == verb


def test_a_mistyped_verb_names_the_nearest() -> None:
    result = CliRunner().invoke(cli, ["serach"])
    assert result.exit_code == 2
    assert "did you mean 'search'" in result.output


@pytest.mark.parametrize("path", LEAVES, ids=" ".join)
def test_an_unknown_option_is_wrong_usage(path: tuple[str, ...]) -> None:
    assert CliRunner().invoke(cli, [*path, "--no-such-option"]).exit_code == 2


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (FileNotFoundError(2, "x", "a.jsonl"), "a.jsonl: does not exist"),
        (IsADirectoryError(21, "x", "a"), "a: is a folder"),
        (PermissionError(13, "x", "a"), "a: may not be read or written"),
        (OSError(28, "x", "a"), "does not fit on the disk"),
        (ForeseenError("told"), "told"),
    ],
)
def test_foreseeable_errors_are_told(error: Exception, says: str) -> None:
    assert says in (explain(error) or "")


def test_faults_of_the_program_are_not_hidden() -> None:
    assert explain(KeyError("x")) is None
    assert explain(BrokenPipeError()) is None


def test_a_closed_pipe_is_no_traceback(tmp_path: Path) -> None:
    command = f"{sys.executable} -m hirelens schema | head -c 10"
    done = subprocess.run(
        ["bash", "-c", command], capture_output=True, text=True, check=True, env=dict(os.environ),
        cwd=tmp_path,
    )  # fmt: skip
    assert "Traceback" not in done.stderr


def test_every_error_that_is_told_exists_where_it_is_looked_up() -> None:
    for module, names in errors._TOLD.items():
        defined = importlib.import_module(module)
        for name in names:
            assert getattr(defined, name).__module__ == module
