"""``hirelens searchlog``: what answers have left behind."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from hirelens.options import json_option, with_home
from hirelens.output import console, emit_json, emit_text, note
from hirelens.progress import progress
from hirelens.searchlogging import records
from hirelens.texts import examples
from hirelens.times import moment, shown
from hirelens.wiring import Workplace

R = TypeVar("R")
_HOUR_MS = 3600 * 1000


def choosing(function: Callable[..., R]) -> Callable[..., R]:
    """Add the options that choose answers, and a file to read instead of the log itself."""
    for option in (
        click.option("--since", callback=moment, metavar="TIME", help="Only those from then on."),
        click.option("--until", callback=moment, metavar="TIME", help="Only those before."),
        click.option("--bucket", help="Only those of this arm of a comparison."),
        click.option(
            "--file",
            "path",
            type=click.Path(exists=True, path_type=Path),
            help="Read this file or folder of JSON lines.",
        ),
    ):
        function = option(function)
    return function


@click.group("searchlog", epilog=examples("hirelens searchlog stats"))
def command() -> None:
    """Figures by channel, single answers, export and removal.

    Queries are personal data: see docs/searchlog.md.
    """


@command.command(
    "stats",
    epilog=examples(
        "hirelens searchlog stats --hours 1",
        "hirelens searchlog stats --since 2026-01-01 --until 2026-02-01 --json",
        "hirelens searchlog stats --hours 0.25 --prometheus > /var/lib/node/hirelens.prom",
    ),
)
@click.option(
    "--hours",
    type=click.FloatRange(min=0, min_open=True),
    default=24.0,
    show_default=True,
    help="Only those of the last hours; --since says otherwise.",
)
@choosing
@click.option("--prometheus", is_flag=True, help="Print the text format of Prometheus.")
@json_option
@with_home
def stats(
    place: Workplace,
    hours: float,
    since: int | None,
    until: int | None,
    bucket: str | None,
    path: Path | None,
    prometheus: bool,
    as_json: bool,
) -> None:
    """Tell by bucket and channel: answers, empty ones, time, share of what was shown."""
    from search.searchlog.exposition import exposition
    from search.searchlog.figures import figures
    from worker.searches import Chosen

    if since is None:
        since = int(time.time() * 1000 - hours * _HOUR_MS)
    rows = figures(records(place, Chosen(since, until, bucket), path))
    if prometheus:
        click.echo(exposition(rows), nl=False)
    elif as_json:
        emit_json({"since": since, "until": until, "rows": [row.to_mapping() for row in rows]})
    else:
        from hirelens.searchlog_views import figures_table

        console().print(figures_table(rows, f"answers since {shown(since)} UTC"))
        if not rows:
            note("nothing is kept of that time; is search_log off? See docs/searchlog.md")


@command.command(
    "show", epilog=examples("hirelens searchlog show --query 服务员", "hirelens searchlog show ID")
)
@click.argument("search_id", metavar="[ID]", required=False)
@choosing
@click.option("--query", help="Only answers to this query, as it was written.")
@click.option("--session", help="Only those of this session.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, show_default=True)
@json_option
@with_home
def show(
    place: Workplace,
    search_id: str | None,
    path: Path | None,
    limit: int,
    as_json: bool,
    **where: Any,  # noqa: ANN401 - the fields of Chosen
) -> None:
    """Show one answer with all that was shown, or list the newest ones."""
    from collections import deque

    from hirelens.searchlog_views import latest_table, record_lines
    from search.searchlog.model import SearchRecord
    from worker import searches

    files = path is not None or place.settings.search_log == "files"
    if search_id is not None:
        if files:
            found = next(
                (r for r in records(place, searches.Chosen(), path) if r.id == search_id), None
            )
            if found is None:
                raise searches.UnknownSearch(searches.unknown(search_id))
        else:
            found = searches.get(place.engine, search_id)
        emit_text(found.to_json() if as_json else record_lines(found))
        return
    chosen = searches.Chosen(**where)
    if files:
        newest = list(reversed(deque(records(place, chosen, path), limit)))
    else:
        newest = [SearchRecord.from_json(x) for x in searches.latest(place.engine, chosen, limit)]
    if as_json:
        for record in newest:
            emit_text(record.to_json())
    else:
        console().print(latest_table(newest))


@command.command(
    "export", epilog=examples("hirelens searchlog export --since 2026-01-01 > searches.jsonl")
)
@choosing
@click.option("--query", help="Only answers to this query, as it was written.")
@click.option("--session", help="Only those of this session.")
@with_home
def export(place: Workplace, path: Path | None, **where: Any) -> None:  # noqa: ANN401
    """Print records as JSON lines, the oldest first; docs/schema/search.json is their schema."""
    from worker.searches import Chosen

    for record in records(place, Chosen(**where), path):
        emit_text(record.to_json())


@command.command(
    "tidy",
    epilog=examples("hirelens searchlog tidy", "hirelens searchlog tidy --session 3f9c --dry-run"),
)
@click.option(
    "--older-than",
    type=click.IntRange(1, 36_500),
    metavar="DAYS",
    help="Keep what is younger.  [default: the setting search_log_days]",
)
@click.option("--session", help="Remove all of this session, of any age unless DAYS are given.")
@click.option("--dry-run", is_flag=True, help="Only count.")
@json_option
@with_home
def tidy(
    place: Workplace, older_than: int | None, session: str | None, dry_run: bool, as_json: bool
) -> None:
    """Remove answers for good: the old ones, or those of one session. Run it once a day."""
    days = older_than
    if days is None and session is None:
        days = place.settings.search_log_days
    if place.settings.search_log == "files":
        kind, removed = "files", _tidy_files(place, days, session, dry_run=dry_run)
    else:
        kind, removed = "answers", _tidy_rows(place, days, session, dry_run=dry_run)
    if as_json:
        emit_json({"removed": removed, "what": kind, "dry_run": dry_run})
    else:
        emit_text(f"{'would be removed' if dry_run else 'removed'}: {removed} {kind}")


def _tidy_rows(place: Workplace, days: int | None, session: str | None, *, dry_run: bool) -> int:
    from worker.searches import tidy as tidy_rows

    with progress("removed") as advance:
        return tidy_rows(
            place.engine, days=days, session=session, dry_run=dry_run, on_progress=advance
        )


def _tidy_files(place: Workplace, days: int | None, session: str | None, *, dry_run: bool) -> int:
    from search.searchlog.files import outdated

    if session is not None or days is None:
        raise click.UsageError(
            "--session removes rows of the database; files hold whole days: remove those days"
        )
    old = outdated(place.settings.searches_folder, datetime.now(UTC).date(), days)
    for path in old:
        if not dry_run:
            path.unlink(missing_ok=True)
    return len(old)
