"""``hirelens delete``: close posts."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial

import click

from hirelens.options import fail, json_option, with_home
from hirelens.output import emit_json, emit_text, note
from hirelens.putting import finish, told_given_up
from hirelens.texts import examples
from hirelens.wiring import Workplace


@click.command("delete", epilog=examples("hirelens delete d001 d002"))
@click.argument("ids", nargs=-1, required=True)
@json_option
@with_home
def command(place: Workplace, ids: tuple[str, ...], as_json: bool) -> None:
    """Close posts: no search returns them any more, and no older revision brings them back."""
    from worker import retry
    from worker.posts import UnknownPost, delete

    place.require()
    results = []
    unknown = []
    # Each in a transaction of its own: nothing is locked for long, and none waits for another.
    for id_ in ids:
        try:
            results.append(retry.run(place.engine, partial(delete, post_id=id_)))
        except UnknownPost as error:
            unknown.append(id_)
            note(str(error))
    dead = told_given_up(finish(place))
    if as_json:
        emit_json({"closed": [asdict(result) for result in results], "unknown": unknown})
    else:
        closed = sum(result.outcome == "written" for result in results)
        again = len(results) - closed
        emit_text(f"{closed} closed" + (f", {again} closed before" if again else ""))
    if unknown or dead:
        fail()
