"""``hirelens reenrich``: read posts again under the active recipe."""

from __future__ import annotations

import sys
from dataclasses import asdict

import click

from hirelens.options import fail, json_option, with_home
from hirelens.output import emit_json, emit_text, note, safe
from hirelens.progress import progress
from hirelens.putting import finish, index, told_given_up
from hirelens.requiring import require_posts
from hirelens.texts import examples
from hirelens.wiring import Workplace


@click.command(
    "reenrich",
    epilog=examples(
        "hirelens reenrich --dry-run",
        "hirelens reenrich --where word=服务员 --where city=长沙 --yes",
    ),
)
@click.option(
    "--where",
    "conditions",
    multiple=True,
    metavar="FIELD=VALUE",
    help="Only posts with this city, category or company, an id or a document's recipe that "
    "begins so, or this word in the text; may be repeated.",
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--dry-run", is_flag=True, help="Only print the estimate.")
@click.option(
    "--live-delay",
    type=click.FloatRange(min=0),
    help="Pause while a due live post is older, in seconds.  [default: live_delay_s]",
)
@click.option(
    "--backlog",
    type=click.IntRange(1),
    default=2_000,
    show_default=True,
    help="Pause while so many posts wait in the backfill.",
)
@json_option
@with_home
def command(
    place: Workplace,
    conditions: tuple[str, ...],
    yes: bool,
    dry_run: bool,
    live_delay: float | None,
    backlog: int,
    as_json: bool,
) -> None:
    """Read again the posts whose documents are not current under the active recipe.

    First the cost is told: posts, texts, cache hits, and the time, measured now. A run that was
    killed goes on where it stopped when it is started with the same conditions.
    """
    from hirelens.recipe_views import show_estimate
    from worker import recipes
    from worker.engine import reading
    from worker.ports import default_parse
    from worker.reenrich import estimate, reenrich
    from worker.selection import Selection
    from worker.throttle import Limits, Throttle

    selection = Selection.of(conditions)
    require_posts(place)
    with reading(place.engine) as session:
        active = recipes.active(session)
    enricher = place.enricher_of(active.recipe if active else None)
    with progress("looked at") as advance:
        cost = estimate(
            place.engine, place.index, enricher, default_parse, selection, on_progress=advance
        )
    if not as_json:
        show_estimate(cost, str(selection))
    if dry_run or not cost.posts:
        if as_json:
            emit_json({"estimate": cost.to_mapping(), "asked": 0})
        return
    _confirm(yes)
    throttle = Throttle(
        place.engine,
        Limits(place.settings.live_delay_s if live_delay is None else live_delay, backlog),
        relieve=None if place.settings.queued else lambda: index(place),
    )
    with progress("asked for", cost.posts) as advance:
        report = reenrich(
            place.engine,
            place.index,
            selection,
            wait=throttle.wait,
            on_progress=advance,
            on_resume=lambda id_: note(f"goes on behind {safe(id_)}"),
        )
    indexing = finish(place)
    if as_json:
        told = asdict(indexing) if indexing else None
        emit_json({"estimate": cost.to_mapping(), **asdict(report), "indexing": told})
    else:
        emit_text(f"{report.asked} posts asked for")
        if place.settings.queued:
            note("workers read them now; see 'hirelens stats'")
    if told_given_up(indexing):
        fail()


def _confirm(yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise click.UsageError("nobody can be asked here; add --yes, or --dry-run to see the cost")
    click.confirm("read them again?", abort=True, err=True)
