"""What goes to standard output, plain or as JSON; never anything else."""

from __future__ import annotations

import json
import os
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

WIDTH = 120
"""Columns of tables that go to a file or pipe."""


def emit_json(value: object) -> None:
    """Print one JSON value on one line."""
    click.echo(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def emit_text(text: str) -> None:
    """Print a line."""
    click.echo(text)


def note(text: str) -> None:
    """Print a remark to standard error."""
    click.echo(text, err=True)


def console(**options: Any) -> Console:  # noqa: ANN401 - passed on to rich
    """Return a rich console on standard output that styles no text by itself."""
    from rich.console import Console

    if not sys.stdout.isatty() and "COLUMNS" not in os.environ:
        options["width"] = options.get("width") or WIDTH
    return Console(file=sys.stdout, highlight=False, markup=False, emoji=False, **options)


def table(title: str | None, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Table:
    """Return a table; columns whose name begins with ``#`` are numbers, set to the right."""
    from rich.table import Table
    from rich.text import Text

    found = Table(title=title and safe(title), title_justify="left", title_style="bold")
    for column in columns:
        right = column.startswith("#")
        found.add_column(column.removeprefix("#"), justify="right" if right else "left")
    for row in rows:
        found.add_row(*(Text(safe(str(cell))) for cell in row))
    return found


def safe(text: str) -> str:
    """Replace characters that could steer a terminal; line breaks become a sign."""
    text = text.replace("\r\n", "⏎").replace("\n", "⏎")
    # Format characters (zero width, writing direction) have no look of their own: left out.
    return "".join(
        char if char.isprintable() else " " if char.isspace() else "�"
        for char in text
        if unicodedata.category(char) != "Cf"
    )


def shorten(text: str, length: int) -> str:
    """Return at most ``length`` characters, an ellipsis where something was left out."""
    return text if len(text) <= length else text[: length - 1] + "…"
