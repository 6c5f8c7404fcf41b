"""``hirelens tidy``: remove what has ended long ago."""

from __future__ import annotations

import click

from hirelens.options import json_option, with_home
from hirelens.output import emit_json, emit_text
from hirelens.progress import progress
from hirelens.requiring import require_posts
from hirelens.texts import examples
from hirelens.wiring import Workplace


@click.command("tidy", epilog=examples("hirelens tidy --dry-run", "hirelens tidy --older-than 90"))
@click.option(
    "--older-than",
    type=click.IntRange(1, 36_500),
    default=30,
    show_default=True,
    metavar="DAYS",
    help="Keep what is younger.",
)
@click.option("--dry-run", is_flag=True, help="Only count.")
@json_option
@with_home
def command(place: Workplace, older_than: int, dry_run: bool, as_json: bool) -> None:
    """Remove what has ended long ago; posts and what happened to them stay.

    Dead letters and refused messages that were replayed, closed or superseded, where killed runs of
    reenrich stood, and what models said that no recipe in use has. Run it once a day if you like.
    """
    from worker.tidy import tidy

    require_posts(place)
    with progress("removed") as advance:
        found = tidy(place.engine, days=older_than, dry_run=dry_run, on_progress=advance)
    if as_json:
        emit_json({**found.to_mapping(), "dry_run": dry_run})
        return
    would = "would be removed" if dry_run else "removed"
    emit_text(
        f"{would}: {found.dead_letters} dead letters, {found.rejects} refused messages, "
        f"{found.cursors} cursors, {found.outputs} model outputs"
    )
