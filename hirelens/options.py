"""Options that verbs share, and the home that a verb is handed."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, NoReturn, ParamSpec, TypeVar

import click

from hirelens.settings import load
from hirelens.wiring import Workplace

P = ParamSpec("P")
R = TypeVar("R")
CHANNELS = ("text", "intent", "vector", "all", "plain", "title")
EXISTING = click.Path(exists=True, dir_okay=False, allow_dash=True)
EXISTING_PATH = click.Path(exists=True, dir_okay=False, path_type=Path)
NEW_PATH = click.Path(dir_okay=False, path_type=Path)

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")


def with_home(function: Callable[..., R]) -> Callable[..., R]:
    """Add ``--home`` and hand the verb its opened home as first argument."""

    @click.option(
        "--home",
        type=click.Path(file_okay=False, path_type=Path),
        help="Folder of the embedded state.  [default: $HIRELENS_HOME, else ./hirelens-home]",
    )
    @functools.wraps(function)
    def wrapped(*args: Any, home: Path | None, **kwargs: Any) -> R:  # noqa: ANN401
        with closing(Workplace(load(home, os.environ))) as place:
            return function(place, *args, **kwargs)

    return wrapped


def given(options: Mapping[str, Any], entries: Mapping[str, str]) -> dict[str, Any]:
    """Return the entries of a run's settings whose options were given, with what they were given.

    Args:
        options: of a verb by name; None and an empty tuple were left out.
        entries: the settings' entry by the option that replaces it.
    """
    return {
        entry: options[name] for name, entry in entries.items() if options[name] not in (None, ())
    }


def channel_option(default: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Add ``--channel``."""
    return click.option(
        "--channel",
        type=click.Choice(CHANNELS),
        default=default,
        show_default=True,
        help="What answers; plain and title read the original text, for comparison.",
    )


def fail() -> NoReturn:
    """Leave with status 1: some input was refused or a check failed."""
    sys.stdout.flush()
    raise click.exceptions.Exit(1)
