"""``hirelens index``: the generations of an index on Elasticsearch."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, TypeVar

import click

from hirelens.generation_views import (
    listed,
    show_copied,
    show_gate,
    show_list,
    show_rebuilt,
    show_switched,
)
from hirelens.generations import Stage, StageError
from hirelens.options import fail, json_option, with_home
from hirelens.output import emit_json, emit_text, note
from hirelens.progress import progress
from hirelens.putting import finish, told_given_up
from hirelens.texts import examples
from hirelens.wiring import Workplace

if TYPE_CHECKING:
    from hirelens.gate import Gate
    from hirelens.switching import Switched
    from search.elastic.described import Described

R = TypeVar("R")
_EMBEDDED = (
    "the embedded index has no generations: it is one file, changed in place; other towers need "
    "a new home (HIRELENS_TOWERS=DIR hirelens put FILE --home NEW), and for generations set "
    "HIRELENS_INDEX=elasticsearch"
)

sample_option = click.option(
    "--sample", type=click.IntRange(0, 10_000), default=200, show_default=True,
    help="Documents that are compared whole.",
)  # fmt: skip
seed_option = click.option(
    "--seed", type=int, default=0, show_default=True, help="Of the random choice of the sample."
)
force_option = click.option("--force", is_flag=True, help="Switch though the check fails.")


def with_stage(function: Callable[..., R]) -> Callable[..., R]:
    """Add ``--home`` and hand the verb the generations of the home's index."""

    @with_home
    @functools.wraps(function)
    def wrapped(place: Workplace, *args: Any, **kwargs: Any) -> R:  # noqa: ANN401
        if place.settings.embedded:
            raise click.UsageError(_EMBEDDED)
        with closing(Stage(place)) as stage:
            return function(stage, *args, **kwargs)

    return wrapped


@click.group("index", epilog=examples("hirelens index list", "hirelens index create"))
def command() -> None:
    """Make, fill, check and switch generations of an index on Elasticsearch.

    A generation is one dated index. The current one serves; one more may stand by: it receives
    every write too, so that it can take over, or be gone back to, at any moment.
    """


@command.command("list", epilog=examples("hirelens index list"))
@json_option
@with_stage
def list_(stage: Stage, as_json: bool) -> None:
    """List the generations: role, vector space, documents, size."""
    rows = listed(stage)
    if as_json:
        for row in rows:
            emit_json(row)
        return
    show_list(rows)
    if any(row["role"] == "current" for row in rows) and stage.unfinished() is not None:
        note("a switch was interrupted; finish it: hirelens index switch")


@command.command(
    "create",
    epilog=examples("hirelens index create --if-missing", "hirelens index create --recipe 3f2a"),
)
@click.option("--recipe", metavar="DIGEST", help="Of a registered recipe.  [default: the active]")
@click.option("--if-missing", is_flag=True, help="Do nothing where a generation serves already.")
@click.option("--shards", type=click.IntRange(1, 1024), help="[default: index_shards]")
@click.option("--replicas", type=click.IntRange(0, 100), help="[default: index_replicas]")
@json_option
@with_stage
def create(
    stage: Stage,
    recipe: str | None,
    if_missing: bool,
    shards: int | None,
    replicas: int | None,
    as_json: bool,
) -> None:
    """Make the first generation, or one that stands by beside the current one.

    A recipe whose model gives other vectors is brought by a generation of its own.
    """
    from search.elastic.generations import GenerationError

    serves = any(one.role == "current" for one in stage.generations.all())
    made = None
    if not (serves and if_missing):
        try:
            made = stage.create(recipe, shards, replicas)
        except GenerationError:
            if not if_missing or not any(o.role == "current" for o in stage.generations.all()):
                raise  # else another one that starts up was faster
    _told_created(made or stage.generations.roles()[0], made=made is not None, as_json=as_json)


@command.command("catch-up", epilog=examples("hirelens index catch-up"))
@json_option
@with_stage
def catch_up(stage: Stage, as_json: bool) -> None:
    """Bring the generation that stands by level with the posts; may be repeated, or resumed.

    Of the same vector space every document is copied; of another one, every post is read with
    the recipe that the generation is built for, what the model said before out of the cache.
    """
    from search.copying import Copied

    current, standby = stage.pair()
    if not as_json:
        note(f"waiting until every writer knows {standby.name}; then it is filled")
    label = "compared" if current.space == standby.space else "read"
    with progress(label, _total(stage)) as advance:
        done = stage.catch_up(advance)
    if isinstance(done, Copied):
        refused = done.refused
        if not as_json:
            show_copied(done)
    else:
        refused = {id_: failure.error for id_, failure in done.failed.items()}
        if not as_json:
            show_rebuilt(done)
    if as_json:
        emit_json({"current": current.name, "standby": standby.name, **done.to_mapping()})
    if refused:
        fail()


@command.command("check", epilog=examples("hirelens index check --sample 1000"))
@sample_option
@seed_option
@json_option
@with_stage
def check(stage: Stage, sample: int, seed: int, as_json: bool) -> None:
    """Compare the generation that stands by with the current one and with the database.

    Exit status 1 says that it must not serve yet.
    """
    gate = _checked(stage, sample, seed)
    if as_json:
        emit_json(gate.to_mapping())
    else:
        show_gate(gate)
    if not gate.is_open():
        fail()


@command.command(
    "switch", epilog=examples("hirelens index switch", "hirelens index switch --lag 50")
)
@click.option(
    "--lag", type=click.IntRange(0), default=0, show_default=True,
    help="So many posts may not be under the new recipe yet; the switch asks for them.",
)  # fmt: skip
@force_option
@sample_option
@seed_option
@json_option
@with_stage
def switch(stage: Stage, lag: int, force: bool, sample: int, seed: int, as_json: bool) -> None:
    """Let the generation that stands by serve, after the same check; the old one stands by.

    A generation of another vector space brings its recipe with it. A switch that was interrupted
    is finished by the same command. Where the current generation is lost there is nothing to
    compare with: --force lets the other one serve, and asks for what it lacks.
    """
    alone = stage.alone()
    if alone is not None:
        if not force:
            raise StageError(
                f"{alone.name} stands by, and no generation serves that it could be compared "
                "with; let it serve, what it lacks is asked for: hirelens index switch --force"
            )
        _told_switched(stage, stage.promote(alone), None, as_json)
        return
    if stage.unfinished() is not None:
        _told_switched(stage, stage.finish(), None, as_json)
        return
    gate = _checked(stage, sample, seed)
    _pass(gate, lag, force=force, as_json=as_json)
    _told_switched(stage, stage.switch(gate, ask=force), gate, as_json)


@command.command("rollback", epilog=examples("hirelens index rollback"))
@force_option
@sample_option
@seed_option
@json_option
@with_stage
def rollback(stage: Stage, force: bool, sample: int, seed: int, as_json: bool) -> None:
    """Go back to the generation that served before, and to its recipe.

    Posts written since under another recipe are found by their words at once; their vectors are
    asked for.
    """
    if stage.unfinished() is not None:
        _told_switched(stage, stage.finish(), None, as_json)
        return
    _, standby = stage.pair()
    if not standby.served:
        raise StageError(f"{standby.name} has never served; use: hirelens index switch")
    gate = _checked(stage, sample, seed)
    _pass(gate, None, force=force, as_json=as_json)
    _told_switched(stage, stage.switch(gate, "rollback", ask=force), gate, as_json)


@command.command("drop", epilog=examples("hirelens index drop --yes"))
@click.argument("name", required=False)
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@with_stage
def drop(stage: Stage, name: str | None, yes: bool, as_json: bool) -> None:
    """Delete the generation that stands by, or NAME where it has no role; never the current one."""
    if name is None:
        standby = [one.name for one in stage.generations.all() if one.role == "standby"]
        if not standby:
            raise StageError("nothing stands by; name what to drop, see: hirelens index list")
        name = standby[0]
    if not yes:
        if not sys.stdin.isatty():
            raise click.UsageError("nobody can be asked here; add --yes")
        click.confirm(f"delete {name} with all its documents?", abort=True, err=True)
    stage.generations.drop(name)
    if as_json:
        emit_json({"name": name, "dropped": True})
    else:
        emit_text(f"{name} is deleted")


def _total(stage: Stage) -> int:
    current, _ = stage.generations.roles()
    return stage.generations.counts(current).documents


def _checked(stage: Stage, sample: int, seed: int) -> Gate:
    with progress("compared", _total(stage)) as advance:
        return stage.check(sample=sample, seed=seed, on_progress=advance)


def _pass(gate: Gate, lag: int | None, *, force: bool, as_json: bool) -> None:
    """Go on where the gate is open or forced; else show why not and leave."""
    if gate.is_open(lag):
        return
    if not as_json:
        show_gate(gate, lag)
    elif not force:
        emit_json({**gate.to_mapping(), "switched": False})
    if not force:
        note("nothing was switched")
        fail()
    note("FORCED: the check failed, and it is switched all the same; posts may be missing now")


def _told_switched(stage: Stage, done: Switched, gate: Gate | None, as_json: bool) -> None:
    # What is open in this home still sees the recipe before.
    with closing(Workplace(stage.place.settings)) as place:
        dead = told_given_up(finish(place) if done.asked else None)
    if as_json:
        behind, problems = (0, []) if gate is None else (gate.behind, gate.problems)
        told = [asdict(one) for one in problems]  # of a forced switch
        emit_json({**asdict(done), "switched": True, "behind": behind, "problems": told})
    else:
        show_switched(done)
    if dead:
        fail()


def _told_created(one: Described, *, made: bool, as_json: bool) -> None:
    if as_json:
        told = {"name": one.name, "role": one.role, "made": made}
        emit_json({**told, "vector_space": one.space, "recipe": one.recipe})
        return
    emit_text(f"{one.name} {'is made' if made else 'was there already'}, role {one.role}")
    emit_text(f"vector space {one.space}" + (f", for recipe {one.recipe}" if one.recipe else ""))
    if one.role == "standby" and made:
        emit_text("fill it: hirelens index catch-up")
