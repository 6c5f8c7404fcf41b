"""``hirelens rejects``: payloads of the ingest queue that are no posts."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from dataclasses import field as field_
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hirelens.options import EXISTING_PATH, fail, json_option, with_home
from hirelens.output import console, emit_json, emit_text, note, safe, shorten, table
from hirelens.putting import finish, told_given_up
from hirelens.texts import examples
from hirelens.times import shown
from hirelens.wiring import Workplace

if TYPE_CHECKING:
    from worker.rejects import Reject

STATES = ("open", "replayed", "closed", "all")
_CHUNK = 500


@click.group("rejects", epilog=examples("hirelens rejects list"))
def command() -> None:
    """List, show, replay and close what other systems sent and what was no post."""


@command.command("list", epilog=examples("hirelens rejects list --field salary"))
@click.option("--field", help="Only those refused for this field.")
@click.option("--post", "post_id", help="Only those of this post.")
@click.option("--state", type=click.Choice(STATES), default="open", show_default=True)
@click.option("--limit", type=click.IntRange(1, 100_000), default=50, show_default=True)
@json_option
@with_home
def list_(
    place: Workplace,
    field: str | None,
    post_id: str | None,
    state: str,
    limit: int,
    as_json: bool,
) -> None:
    """List rejects, the oldest first."""
    from worker.engine import reading
    from worker.rejects import find

    wanted = None if state == "all" else state
    with reading(place.engine) as session:
        found = find(session, state=wanted, post_id=post_id, field=field, limit=limit)
    if as_json:
        for reject in found:
            emit_json(asdict(reject))
        return
    rows = [
        (x.id, x.post_id or "-", x.field or "-", shown(x.received_at), x.state,
         shorten(x.error, 80))
        for x in found
    ]  # fmt: skip
    columns = ("#number", "post", "field", "received", "state", "error")
    console().print(table("rejects", columns, rows))
    note(f"{len(found)} shown; hirelens rejects show NUMBER tells all of one")


@command.command("show", epilog=examples("hirelens rejects show 3 --json > payload.json"))
@click.argument("number", type=click.IntRange(1))
@json_option
@with_home
def show(place: Workplace, number: int, as_json: bool) -> None:
    """Show one reject with its payload."""
    from worker.engine import reading
    from worker.rejects import show as show_one

    with reading(place.engine) as session:
        reject = show_one(session, number)
    if as_json:
        emit_json(asdict(reject))
        return
    for name, value in (
        ("number", reject.id),
        ("message", reject.task_id or "-"),
        ("received", shown(reject.received_at)),
        ("post", reject.post_id or "-"),
        ("error", reject.error),
        ("state", f"{reject.state} since {shown(reject.changed_at)}"),
        ("reason", reject.reason or "-"),
        ("payload", reject.payload),
    ):
        emit_text(f"{name:<9} {safe(str(value))}")


@command.command(
    "replay",
    epilog=examples(
        "hirelens rejects replay 3 --payload corrected.json", "hirelens rejects replay --all"
    ),
)
@click.argument("number", type=click.IntRange(1), required=False)
@click.option("--payload", type=EXISTING_PATH, help="A file with the post, corrected.")
@click.option("--force", is_flag=True, help="Overwrite also what was written after the message.")
@click.option("--field", help="All that were refused for this field.")
@click.option("--all", "everything", is_flag=True, help="All that are open.")
@json_option
@with_home
def replay(
    place: Workplace,
    number: int | None,
    payload: Path | None,
    force: bool,
    field: str | None,
    everything: bool,
    as_json: bool,
) -> None:
    """Write payloads as if they came now; those that are refused again stay open.

    A payload without a revision does not overwrite a post that was written after it came: such
    ones stay open too, and are counted.
    """
    if (number is not None) + (field is not None) + everything != 1:
        raise click.UsageError("name one NUMBER, or --field, or --all")
    if payload is not None and number is None:
        raise click.UsageError("--payload corrects one reject; name its NUMBER")
    found = _Replayed()
    if number is not None:
        _replay_one(place, number, payload.read_text("utf-8") if payload else None, force, found)
    else:
        _replay_all(place, field, force, found)
    indexing = finish(place) if found.done else None
    if as_json:
        told = asdict(indexing) if indexing else None
        emit_json({"replayed": found.done, "refused": found.refused,
                   "overtaken": found.overtaken, "indexing": told})  # fmt: skip
    else:
        again = f", {len(found.refused)} refused again" if found.refused else ""
        newer = f", {len(found.overtaken)} left: a newer text is there" if found.overtaken else ""
        emit_text(f"{found.done} replayed{again}{newer}")
    alone = number is not None and bool(found.overtaken)
    if told_given_up(indexing) or found.refused or alone:
        fail()


@command.command("close", epilog=examples("hirelens rejects close 3 --reason 'sender was told'"))
@click.argument("number", type=click.IntRange(1), required=False)
@click.option("--field", help="All that were refused for this field.")
@click.option("--all", "everything", is_flag=True, help="All that are open.")
@click.option("--reason", required=True, help="Why; kept with the reject.")
@json_option
@with_home
def close(
    place: Workplace,
    number: int | None,
    field: str | None,
    everything: bool,
    reason: str,
    as_json: bool,
) -> None:
    """Give payloads up for good; they stay readable."""
    from worker import log, rejects, retry

    if (number is not None) + (field is not None) + everything != 1:
        raise click.UsageError("name one NUMBER, or --field, or --all")
    done = after = 0
    if number is not None:
        retry.run(place.engine, lambda session: rejects.close(session, number, reason))
        done = 1
    else:
        while found := _open_after(place, field, after):
            for reject in found:
                retry.run(place.engine, lambda s, r=reject: rejects.close(s, r.id, reason))  # type: ignore[misc]
            done += len(found)
            after = found[-1].id
    log.emit(log.LogEvent.DISMISSED, kind="reject", count=done, reason=reason)
    if as_json:
        emit_json({"closed": done})
    else:
        emit_text(f"{done} closed")


@dataclass(slots=True)
class _Replayed:
    """How many were written; the numbers of those refused again, and of those left as older."""

    done: int = 0
    refused: list[int] = field_(default_factory=list)
    overtaken: list[int] = field_(default_factory=list)


def _open_after(place: Workplace, field: str | None, after: int) -> list[Reject]:
    from worker.engine import reading
    from worker.rejects import find

    with reading(place.engine) as session:
        return find(session, field=field, after=after, limit=_CHUNK)


def _replay_one(
    place: Workplace, number: int, payload: str | None, force: bool, found: _Replayed
) -> None:
    """Write one payload; what stands against it is told."""
    from enrich.post import PostError
    from worker import log, rejects, retry
    from worker.posts import RevisionConflict

    try:
        retry.run(
            place.engine,
            lambda session: rejects.replay(session, number, payload=payload, force=force),
        )
    except rejects.OvertakenReject as error:
        note(str(error))
        found.overtaken.append(number)
    except (PostError, RevisionConflict) as error:
        note(f"reject {number}: {error}")
        found.refused.append(number)
    else:
        log.emit(log.LogEvent.REPLAYED, kind="reject", count=1)
        found.done += 1


def _replay_all(place: Workplace, field: str | None, force: bool, found: _Replayed) -> None:
    after = 0
    while chunk := _open_after(place, field, after):
        for reject in chunk:
            _replay_one(place, reject.id, None, force, found)
        after = chunk[-1].id
