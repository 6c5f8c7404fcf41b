"""``hirelens put``: write posts and index them."""

from __future__ import annotations

from contextlib import ExitStack
from itertools import chain
from pathlib import Path

import click

from hirelens.inputs import Refusal, read_posts
from hirelens.options import EXISTING, NEW_PATH, fail, json_option, with_home
from hirelens.output import emit_json, emit_text, note
from hirelens.putting import PutReport, put
from hirelens.texts import examples
from hirelens.wiring import Workplace


@click.command("put", epilog=examples("hirelens put posts.jsonl --rejects refused.jsonl"))
@click.argument("files", nargs=-1, required=True, type=EXISTING)
@click.option("--rejects", type=NEW_PATH, help="Write the refused lines to this file.")
@click.option("--wait", is_flag=True, help="Wait until these are indexed; embedded always does.")
@json_option
@with_home
def command(
    place: Workplace,
    files: tuple[str, ...],
    rejects: Path | None,
    wait: bool,
    as_json: bool,
) -> None:
    """Write posts (JSON lines; - is standard input) and index them.

    Posts can be searched when the command returns; where a broker is set (`hirelens worker`
    indexes then) only with --wait. Lines that are no posts are named on standard
    error, the others are taken; the exit status is 1 then, and where posts were given up.
    """
    with ExitStack() as stack:
        file = stack.enter_context(rejects.open("wb")) if rejects else None

        def refuse(refusal: Refusal) -> None:
            note(str(refusal))
            if file is not None and refusal.raw:
                file.write(refusal.raw + b"\n")

        report = put(place, chain.from_iterable(map(read_posts, files)), refuse, wait=wait)
    if as_json:
        emit_json(report.to_mapping())
    else:
        emit_text(summary(report))
    if not report.complete:
        fail()


def summary(report: PutReport) -> str:
    """Return one line of what became of the posts, zeros left out but for the first."""
    counts = {
        "unchanged": report.unchanged,
        "superseded by a newer revision": report.superseded,
        "refused": report.refused,
    }
    if report.indexing is not None:
        indexing = report.indexing
        counts |= {
            "indexed": indexing.indexed + indexing.unchanged,
            "closed": indexing.closed,
            "given up (see 'hirelens explain ID')": indexing.dead,
        }
    counts["given up by the workers (see 'hirelens dead list')"] = report.given_up
    later = "on their way" if report.queued else "waiting for another try (run any put again)"
    counts[later] = report.waiting
    parts = [f"{report.written} written"]
    parts += [f"{count} {name}" for name, count in counts.items() if count]
    return ", ".join(parts)
