"""``hirelens recipe``: list, show, activate, rollback, diff."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hirelens.options import EXISTING_PATH, json_option, with_home
from hirelens.output import console, emit_json, emit_text, note, table
from hirelens.texts import examples
from hirelens.times import shown
from hirelens.wiring import Workplace

if TYPE_CHECKING:
    from enrich.pipeline import Enricher
    from hirelens.recipe_diff import Change
    from worker.registry import Registered

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_READ = 32


@click.group("recipe", epilog=examples("hirelens recipe list"))
def command() -> None:
    """List, activate, roll back and compare recipes: model, taxonomy and rules together."""


@command.command("list", epilog=examples("hirelens recipe list"))
@json_option
@with_home
def list_(place: Workplace, as_json: bool) -> None:
    """List the recipes that were registered here; a * marks the active one."""
    found = _listed(place)
    if as_json:
        for one in found:
            emit_json(one)
        return
    rows = [
        (
            "*" if one["active"] else "",
            one["digest"],
            _where(one),
            ",".join(map(str, one["activations"])) or "-",
            shown(one["registered_at"]),
            "yes" if one["runs_here"] else "no",
        )
        for one in found
    ]
    columns = ("", "recipe", "parts", "activations", "registered", "runs here")
    console().print(table("recipes", columns, rows))


@command.command("show", epilog=examples("hirelens recipe show 3f2a"))
@click.argument("digest")
@json_option
@with_home
def show(place: Workplace, digest: str, as_json: bool) -> None:
    """Show the parts of one recipe, where they lie and when it was active."""
    from hirelens.recipe_loading import why_not_here
    from worker import registry
    from worker.engine import reading

    with reading(place.engine) as session:
        row = registry.get(session, digest)
        times = [c for c in registry.changes(session, 5000) if c.recipe == row.digest]
    wrong = why_not_here(row)
    if as_json:
        changes = [{"number": c.number, "reason": c.reason, "at": c.activated_at} for c in times]
        emit_json({**row.to_mapping(), "activations": changes, "problem": wrong})
        return
    for name, value in row.to_mapping().items():
        told = shown(value) if name == "registered_at" else value or "shipped"
        emit_text(f"{name:<14} {told}")
    for change in times:
        emit_text(
            f"{'activation':<14} {change.number}, {shown(change.activated_at)}, {change.reason}"
        )
    if wrong:
        note(wrong)


@command.command(
    "activate",
    epilog=examples(
        "hirelens recipe activate",
        "hirelens recipe activate --model models/2026-02 --taxonomy taxonomy.json.gz",
        "hirelens recipe activate 3f2a",
    ),
)
@click.argument("digest", required=False)
@click.option("--model", type=FOLDER, help="Folder of a model bundle.  [default: the configured]")
@click.option(
    "--taxonomy", type=EXISTING_PATH, help="Compiled taxonomy.  [default: the configured]"
)
@click.option("--towers", type=FOLDER, help="Folder of towers.  [default: the configured]")
@json_option
@with_home
def activate(
    place: Workplace,
    digest: str | None,
    model: Path | None,
    taxonomy: Path | None,
    towers: Path | None,
    as_json: bool,
) -> None:
    """Register a recipe and make it the active one: the configured, one of files, or by DIGEST.

    Workers take it over at their next batch. Posts are read again by 'hirelens reenrich'.
    """
    from hirelens.recipe_loading import check_space, load_parts, load_registered, register

    if digest is not None:
        if model or taxonomy or towers:
            raise click.UsageError("name a DIGEST, or --model, --taxonomy and --towers, not both")
        enricher = load_registered(place, _registered(place, digest))
    else:
        settings = place.settings
        parts = (
            model or settings.model,
            taxonomy or settings.taxonomy,
            towers or settings.towers,
        )
        enricher = load_parts(place, *parts)
    # Known it must be also where it is refused: a generation is made for it by its digest.
    if digest is None and not place.settings.embedded:
        register(place, enricher, *parts)
    check_space(place, enricher)
    if digest is None:
        register(place, enricher, *parts)
    _activate(place, enricher.recipe.digest, as_json)


@command.command("rollback", epilog=examples("hirelens recipe rollback"))
@json_option
@with_home
def rollback(place: Workplace, as_json: bool) -> None:
    """Make the recipe active that was active before; once more goes forward again."""
    from hirelens.recipe_loading import check_space, load_registered
    from worker import registry
    from worker.engine import reading

    with reading(place.engine) as session:
        digest = registry.before(session)
    enricher = load_registered(place, _registered(place, digest))
    check_space(place, enricher)
    _activate(place, enricher.recipe.digest, as_json)


@command.command("diff", epilog=examples("hirelens recipe diff 3f2a models/2026-02 --word 服务员"))
@click.argument("before")
@click.argument("after")
@click.option("--limit", type=click.IntRange(1, 100_000), default=500, show_default=True,
              help="Posts that are read at most, evenly over their ids.")  # fmt: skip
@click.option("--word", help="Only this word, in posts in which it or one of its forms stands.")
@json_option
@with_home
def diff(
    place: Workplace, before: str, after: str, limit: int, word: str | None, as_json: bool
) -> None:
    """Show for which words stored posts appear and disappear under AFTER, and why.

    BEFORE and AFTER are digests of recipes (their beginnings do) or folders of model bundles,
    which are read with the configured taxonomy.
    """
    from hirelens.recipe_diff import by_word
    from hirelens.recipe_views import show_diff

    old, new = _resolved(place, before), _resolved(place, after)
    read, changes = _compared(place, old, new, limit, word)
    words = by_word(changes, word)
    ids = {change.id for one in words for change in (*one.appear, *one.disappear)}
    if as_json:
        emit_json(
            {
                "before": old.recipe.digest,
                "after": new.recipe.digest,
                "posts": read,
                "changed": len(ids),
                "words": [one.to_mapping() for one in words],
            }
        )
    else:
        show_diff(words, read, len(ids))


def _where(recipe: dict[str, Any]) -> str:
    """Say where the parts of a recipe lie that did not come with hirelens."""
    parts = ("model", "taxonomy", "towers")
    own = [f"{part} {recipe[f'{part}_path']}" for part in parts if recipe[f"{part}_path"]]
    return "\n".join(own) or "shipped"


def _listed(place: Workplace) -> list[dict[str, Any]]:
    from hirelens.recipe_loading import why_not_here
    from worker import recipes, registry
    from worker.engine import reading

    with reading(place.engine) as session:
        active = recipes.active(session)
        rows = registry.known(session)
        changes = registry.changes(session, 5000)
    found = [
        {**row.to_mapping(), "active": False, "runs_here": why_not_here(row) is None}
        for row in rows
    ]
    known = {row.digest for row in rows}
    if active is not None and active.recipe not in known:
        nothing = dict.fromkeys(("model_path", "taxonomy_path", "towers_path", "registered_at"))
        found.insert(0, {"digest": active.recipe, **nothing, "runs_here": False})
    for one in found:
        one["active"] = active is not None and one["digest"] == active.recipe
        one["activations"] = [
            c.number for c in changes if c.recipe == one["digest"] and c.reason != "repair"
        ]
    return found


def _registered(place: Workplace, digest: str) -> Registered:
    from worker import registry
    from worker.engine import reading

    with reading(place.engine) as session:
        return registry.get(session, digest)


def _activate(place: Workplace, digest: str, as_json: bool) -> None:
    from functools import partial

    from worker import log, recipes, retry
    from worker.reenrich import COUNTED, count_stale

    active = retry.run(place.engine, partial(recipes.activate, recipe=digest, ask=False))
    stale = count_stale(place.engine, place.index)
    log.emit(
        log.LogEvent.RECIPE_ACTIVATED,
        recipe=digest,
        activation=active.number,
        count=stale,
        reason="command",
    )
    if as_json:
        emit_json({"recipe": digest, "activation": active.number, "stale": stale})
        return
    emit_text(f"recipe {digest} is active (activation {active.number})")
    if stale:
        more = "more than " if stale >= COUNTED else ""
        emit_text(f"{more}{stale} posts are to be read again: hirelens reenrich")


def _resolved(place: Workplace, name: str) -> Enricher:
    from hirelens.recipe_loading import load_parts, load_registered

    if Path(name).is_dir():
        return load_parts(place, Path(name), place.settings.taxonomy, place.settings.towers)
    return load_registered(place, _registered(place, name))


def _compared(
    place: Workplace, old: Enricher, new: Enricher, limit: int, word: str | None
) -> tuple[int, list[Change]]:
    """Read stored posts with both recipes; returns how many, and what changes."""
    from hirelens.progress import progress
    from hirelens.recipe_diff import Reading, changes, spellings
    from worker.outputs import read_posts
    from worker.ports import default_parse
    from worker.sampling import containing, evenly

    if word is None:
        posts = evenly(place.engine, limit)
    else:
        with progress("searched") as advance:
            words = spellings(word, old.taxonomy, new.taxonomy)
            posts = containing(place.engine, words, limit, advance)
    found: list[Change] = []
    with progress("read with both", len(posts)) as advance:
        for start in range(0, len(posts), _READ):
            part = posts[start : start + _READ]
            before = read_posts(place.engine, old, default_parse, part)
            after = read_posts(place.engine, new, default_parse, part)
            for post, first, second in zip(part, before, after, strict=True):
                one, other = Reading(first, old.taxonomy), Reading(second, new.taxonomy)
                found += changes(post, one, other)
            advance(len(part))
    return len(posts), found
