"""``hirelens reconcile``: compare database and index for ever, or once."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from hirelens.commands.worker import address_option, log_option, metrics_option
from hirelens.options import fail, json_option, with_home
from hirelens.output import console, emit_json, emit_text, note, safe, table
from hirelens.putting import finish, told_given_up
from hirelens.requiring import require_posts
from hirelens.texts import examples
from hirelens.wiring import Workplace

if TYPE_CHECKING:
    from worker.drift import Finding
    from worker.reconcile import Walk

_NAMED = 20


@click.command(
    "reconcile", epilog=examples("hirelens reconcile", "hirelens reconcile --once --json")
)
@click.option("--once", is_flag=True, help="Walk through everything once and print what differs.")
@click.option(
    "--interval",
    type=click.FloatRange(min=0.01),
    default=1.0,
    show_default=True,
    help="Pause between two steps of 500 posts, in seconds.",
)
@metrics_option
@address_option
@log_option
@json_option
@with_home
def command(
    place: Workplace,
    once: bool,
    interval: float,
    metrics_port: int | None,
    metrics_address: str,
    log_json: bool | None,
    as_json: bool,
) -> None:
    """Compare database and index both ways and ask for what differs to be indexed again.

    With --once the exit status is 1 where the index holds what the database cannot know:
    'hirelens recover' mends that. It is 1 too where posts were given up.
    """
    from worker import reconcile

    require_posts(place)
    if not once:
        if as_json:
            raise click.UsageError("--json goes with --once")
        from worker import log

        log.setup(json=log_json)
        _for_ever(place, interval, metrics_port, metrics_address)
        return
    walk, alarms = reconcile.walk_once(place.engine, place.index)
    dead = told_given_up(finish(place) if walk.asked else None)
    if as_json:
        emit_json({**walk.to_mapping(), "alarms": [asdict(alarm) for alarm in alarms]})
    else:
        _show(walk, alarms)
    if alarms or dead:
        fail()


def _for_ever(place: Workplace, interval: float, port: int | None, address: str) -> None:
    from worker import metrics, reconcile, stopping

    server = None
    if port is not None:
        metrics.prepare()
        server = metrics.serve(port, address)
    stop = stopping.on_signals()
    try:
        reconcile.run(place.engine, place.index, stop, interval)
    finally:
        if server is not None:
            server.close()


def _show(walk: Walk, alarms: list[Finding]) -> None:
    from worker.drift import ALARMS, Kind

    rows = [
        (kind.value, walk.drift[kind.value], "hirelens recover" if kind in ALARMS else "asked for")
        for kind in Kind
        if walk.drift[kind.value]
    ]
    if rows:
        console().print(table("differences", ("kind", "#posts", "what follows"), rows))
    for alarm in alarms[:_NAMED]:
        emit_text(
            f"{alarm.kind.value:<8} {safe(alarm.id)}: index version {alarm.version}, "
            f"database revision {alarm.revision}"
        )
    note(f"{walk.seen} compared, {walk.drift.total()} differ, {walk.asked} asked for")
