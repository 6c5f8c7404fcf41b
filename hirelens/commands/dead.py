"""``hirelens dead``: posts that could not be indexed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, TypeVar

import click

from hirelens.options import fail, json_option, with_home
from hirelens.output import console, emit_json, emit_text, note, safe, shorten, table
from hirelens.progress import progress
from hirelens.putting import finish, told_given_up
from hirelens.texts import examples
from hirelens.times import moment, shown
from hirelens.wiring import Workplace

if TYPE_CHECKING:
    from worker.deadletters import Chunk, DeadLetter, Filter

R = TypeVar("R")
STATES = ("open", "replayed", "closed", "superseded", "all")
_CHUNK = 500
_NAMED = 20


def filters(function: Callable[..., R]) -> Callable[..., R]:
    """Add the options that choose dead letters."""
    for option in (
        click.option("--post", "post_id", help="Only those of this post."),
        click.option(
            "--before",
            callback=moment,
            metavar="TIME",
            help="Only those made before (ISO 8601, UTC).",
        ),
        click.option("--error", help="Only those whose error holds this text."),
        click.option("--kind", help="Only this kind, for example permanent, error, lost, drift."),
    ):
        function = option(function)
    return function


@click.group("dead", epilog=examples("hirelens dead list"))
def command() -> None:
    """List, show, replay and close posts that were given up."""


@command.command("list", epilog=examples("hirelens dead list --kind lost --before 2026-01-31"))
@filters
@click.option("--state", type=click.Choice(STATES), default="open", show_default=True)
@click.option("--limit", type=click.IntRange(1, 100_000), default=50, show_default=True)
@json_option
@with_home
def list_(place: Workplace, state: str, limit: int, as_json: bool, **where: Any) -> None:  # noqa: ANN401
    """List dead letters, the oldest first."""
    from worker.deadletters import count, find
    from worker.engine import reading

    with reading(place.engine) as session:
        wanted = None if state == "all" else state
        found = find(session, state=wanted, where=_filter(where), limit=limit)
        opened = count(session)
    if as_json:
        for letter in found:
            emit_json(asdict(letter))
        return
    rows = [
        (x.id, x.post_id, x.revision, x.kind, x.attempts, shown(x.created_at), x.state,
         shorten(x.error, 60))
        for x in found
    ]  # fmt: skip
    columns = ("#number", "post", "#revision", "kind", "#attempts", "made", "state", "error")
    console().print(table("dead letters", columns, rows))
    note(f"{len(found)} shown, {opened} open; hirelens dead show NUMBER tells all of one")


@command.command("show", epilog=examples("hirelens dead show 17"))
@click.argument("number", type=click.IntRange(1))
@json_option
@with_home
def show(place: Workplace, number: int, as_json: bool) -> None:
    """Show one dead letter and the post as it is now."""
    from worker import posts
    from worker.deadletters import show as show_one
    from worker.engine import reading

    with reading(place.engine) as session:
        letter = show_one(session, number)
        try:
            post = posts.read(session, letter.post_id).to_mapping()
        except (posts.UnknownPost, ValueError):
            post = None  # gone, or another system has written what is no post
    if as_json:
        emit_json({**asdict(letter), "post": post})
        return
    for name, value in _lines(letter):
        emit_text(f"{name:<9} {safe(str(value))}")
    if post is not None:
        emit_text(f"{'title':<9} {safe(post.get('title', ''))}")
    emit_text(f"{'more':<9} hirelens explain {safe(letter.post_id)}")


@command.command(
    "replay",
    epilog=examples("hirelens dead replay 17", "hirelens dead replay --error 'CUDA out of memory'"),
)
@click.argument("number", type=click.IntRange(1), required=False)
@filters
@click.option("--all", "everything", is_flag=True, help="All that are open.")
@json_option
@with_home
def replay(
    place: Workplace,
    number: int | None,
    everything: bool,
    as_json: bool,
    **where: Any,  # noqa: ANN401
) -> None:
    """Try posts again from the start, at their newest revision: one, those of a filter, or all."""
    from worker import deadletters, log, retry

    where_ = _chosen(number, where, everything)
    left: list[int] = []
    if number is not None:
        retry.run(place.engine, lambda session: deadletters.replay(session, number))
        done = 1
    else:
        done, left = _chunked(
            place, "replayed", lambda s, after: deadletters.replay_some(s, where_, after, _CHUNK)
        )
    log.emit(log.LogEvent.REPLAYED, kind="dead", count=done)
    indexing = finish(place) if done else None
    if as_json:
        told = asdict(indexing) if indexing else None
        emit_json({"replayed": done, "without_post": left, "indexing": told})
    else:
        emit_text(f"{done} replayed")
    if left:
        named = ", ".join(map(str, left[:_NAMED]))
        note(f"{len(left)} stay open, their posts are in no row of posts: {named}")
    if told_given_up(indexing) or left:
        fail()


@command.command("close", epilog=examples("hirelens dead close 17 --reason 'an advertisement'"))
@click.argument("number", type=click.IntRange(1), required=False)
@filters
@click.option("--all", "everything", is_flag=True, help="All that are open.")
@click.option("--reason", required=True, help="Why; kept with the dead letter.")
@json_option
@with_home
def close(
    place: Workplace,
    number: int | None,
    everything: bool,
    reason: str,
    as_json: bool,
    **where: Any,  # noqa: ANN401
) -> None:
    """Give posts up for good: one, those of a filter, or all; they stay readable."""
    from worker import deadletters, log, retry

    where_ = _chosen(number, where, everything)
    if number is not None:
        retry.run(place.engine, lambda session: deadletters.close(session, number, reason))
        done = 1
    else:
        done, _ = _chunked(
            place,
            "closed",
            lambda s, after: deadletters.close_some(s, where_, reason, after, _CHUNK),
        )
    log.emit(log.LogEvent.DISMISSED, kind="dead", count=done, reason=reason)
    if as_json:
        emit_json({"closed": done})
    else:
        emit_text(f"{done} closed")


def _filter(where: dict[str, Any]) -> Filter:
    from worker.deadletters import Filter

    return Filter(**where)


def _chosen(number: int | None, where: dict[str, Any], everything: bool) -> Filter:
    filtered = any(value is not None for value in where.values())
    if (number is not None) + filtered + everything != 1:
        raise click.UsageError("name one NUMBER, or a filter (--kind, --error, …), or --all")
    return _filter(where)


def _chunked(
    place: Workplace, label: str, action: Callable[[Any, int], Chunk]
) -> tuple[int, list[int]]:
    """Repeat an action on chunks until none is left; each chunk is a transaction of its own.

    Returns how many letters it was done to, and the numbers of those that it had to leave.
    """
    from worker import retry

    done = after = 0
    left: list[int] = []
    with progress(label) as advance:
        while True:
            chunk = retry.run(place.engine, lambda session: action(session, after))  # noqa: B023
            if chunk.last is None:
                return done, left
            after = chunk.last
            done += chunk.done
            left += chunk.left
            advance(chunk.done)


def _lines(letter: DeadLetter) -> list[tuple[str, Any]]:
    return [
        ("number", letter.id),
        ("post", f"{letter.post_id}, revision {letter.revision}"),
        ("kind", letter.kind),
        ("attempts", letter.attempts),
        ("made", shown(letter.created_at)),
        ("state", f"{letter.state} since {shown(letter.changed_at)}"),
        ("reason", letter.reason or "-"),
        ("error", letter.error),
    ]
