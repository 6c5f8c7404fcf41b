"""``hirelens stats``: what waits, what failed, what is stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from hirelens.options import fail, json_option, with_home
from hirelens.output import console, emit_json, emit_text, note, table
from hirelens.texts import examples
from hirelens.times import duration, shown
from hirelens.wiring import Workplace

if TYPE_CHECKING:
    from worker.stats import Stats


@click.command("stats", epilog=examples("hirelens stats", "hirelens stats --json"))
@json_option
@with_home
def command(place: Workplace, as_json: bool) -> None:
    """Tell what waits in each lane, what failed, which recipe is active, and the last drift.

    The exit status is 1 where the index cannot be asked.
    """
    from worker.stats import gather

    index = place.index if place.has_index else None
    stats = gather(place.engine, index)
    if as_json:
        emit_json(stats.to_mapping())
    else:
        _show(stats)
    if stats.index_trouble is not None:
        note(stats.index_trouble)
        fail()


def _show(stats: Stats) -> None:
    lanes = [
        (name, lane.waiting, lane.due, lane.leased,
         duration(lane.oldest_s) if lane.waiting else "-")
        for name, lane in stats.lanes.items()
    ]  # fmt: skip
    columns = ("lane", "#waiting", "#due", "#in work", "#oldest")
    console().print(table("posts on their way to the index", columns, lanes))
    emit_text(f"posts          {stats.open} open, {stats.closed} closed")
    kinds = ", ".join(f"{count} {kind}" for kind, count in stats.dead_letters.items())
    emit_text(f"dead letters   {kinds or 'none'}")
    emit_text(f"rejects        {stats.rejects or 'none'}")
    active = stats.activation
    if active is None:
        emit_text("recipe         none is active yet")
    else:
        pinned = ", by command" if active["pinned"] else ""
        emit_text(f"recipe         {active['recipe']} (activation {active['number']}{pinned})")
    _show_documents(stats)
    walk = stats.walk
    if walk is None:
        emit_text("last walk      none yet: hirelens reconcile")
    else:
        drift = ", ".join(f"{n} {kind}" for kind, n in sorted(walk["drift"].items())) or "nothing"
        emit_text(f"last walk      {shown(walk['ended_at'])}, {walk['seen']} compared: {drift}")


def _show_documents(stats: Stats) -> None:
    from worker.stats import DOCUMENTS

    if stats.index_trouble is not None:
        emit_text("documents      cannot be counted now")
        return
    shares = [
        f"{count} {state} {recipe}"
        for state, recipes in stats.documents.items()
        for recipe, count in recipes.items()
    ]
    more = f" (the first {DOCUMENTS} by id)" if stats.documents_seen >= DOCUMENTS else ""
    emit_text(f"documents      {', '.join(shares) or 'none'}{more}")
