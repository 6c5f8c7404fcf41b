"""``hirelens recover``: after a restored database."""

from __future__ import annotations

from dataclasses import asdict

import click

from hirelens.options import fail, json_option, with_home
from hirelens.output import emit_json, emit_text, note, safe
from hirelens.progress import progress
from hirelens.putting import finish, told_given_up
from hirelens.texts import examples
from hirelens.times import moment
from hirelens.wiring import Workplace

_NAMED = 20


@click.command("recover", epilog=examples("hirelens recover --dry-run", "hirelens recover"))
@click.option("--dry-run", is_flag=True, help="Only tell what would come back.")
@click.option(
    "--revisions",
    type=click.Choice(("given", "counted")),
    help="Of posts that the database does not know: does the source give revisions, or are they "
    "counted here?  [default: as of all other posts]",
)
@click.option(
    "--restored-at",
    metavar="TIME",
    callback=moment,
    help="Posts written since then (ISO 8601, UTC) keep the database's text.",
)
@json_option
@with_home
def command(
    place: Workplace,
    dry_run: bool,
    revisions: str | None,
    restored_at: int | None,
    as_json: bool,
) -> None:
    """Bring back from the index what a restored database has lost.

    Stop workers and writers first. Posts of which the index holds a later revision become what
    the index shows, closed ones stay closed, and activations go on above those in the index.
    Nothing in the index is overwritten by anything older.
    """
    from worker.recover import recover

    place.require()
    counted = None if revisions is None else revisions == "counted"
    with progress("compared") as advance:
        report = recover(
            place.engine,
            place.index,
            counted=counted,
            restored_at=restored_at,
            dry_run=dry_run,
            on_progress=advance,
        )
    came = (report.brought_back or report.kept) and not dry_run
    dead = told_given_up(finish(place) if came else None)
    if as_json:
        emit_json({**asdict(report), "dry_run": dry_run})
    else:
        would = "would come back" if dry_run else "came back"
        emit_text(
            f"{report.seen} compared, {report.brought_back} {would}: {report.ahead} that were "
            f"older in the database, {report.unknown} that it did not know; "
            f"{report.closed} of them closed"
        )
        if report.kept:
            emit_text(f"{report.kept} written since the restore: kept, numbered above the index")
        if report.activation is not None:
            emit_text(f"activations go on above {report.activation}")
    if report.unreadable:
        named = ", ".join(map(safe, report.unreadable[:_NAMED]))
        note(f"{len(report.unreadable)} documents hold no post and were left: {named}")
    if report.unreadable or dead:
        fail()
