"""Progress of long work: a bar with rate and time left on a terminal, log lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

Advance = Callable[[int], None]
LOG_SECONDS = 10.0


@contextmanager
def progress(label: str, total: int | None = None) -> Iterator[Advance]:
    """Show progress on standard error; the value is called with how many more are done."""
    if sys.stderr.isatty():
        with _bar(label, total) as advance:
            yield advance
    else:
        with _lines(label, total) as advance:
            yield advance


@contextmanager
def _bar(label: str, total: int | None) -> Iterator[Advance]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    began = time.monotonic()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=total, rate="")
        done = 0

        def advance(count: int) -> None:
            nonlocal done
            done += count
            bar.update(task, completed=done, rate=f"{_rate(done, began):.1f}/s")

        yield advance
    _log(label, done, done, began)


@contextmanager
def _lines(label: str, total: int | None) -> Iterator[Advance]:
    began = last = time.monotonic()
    done = 0

    def advance(count: int) -> None:
        nonlocal done, last
        done += count
        if time.monotonic() - last >= LOG_SECONDS:
            last = time.monotonic()
            _log(label, done, total, began)

    yield advance
    if done:
        _log(label, done, done, began)


def _log(label: str, done: int, total: int | None, began: float) -> None:
    rate = _rate(done, began)
    text = f"{label}: {done}" + (f"/{total}" if total and total != done else "")
    text += f", {rate:.1f}/s"
    if total and total > done and rate:
        text += f", about {(total - done) / rate:.0f} s left"
    click.echo(text, err=True)


def _rate(done: int, began: float) -> float:
    return done / max(time.monotonic() - began, 1e-6)
