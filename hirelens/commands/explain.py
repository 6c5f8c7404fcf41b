"""``hirelens explain``: everything known of a post."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import click

from hirelens.advice import reason_words
from hirelens.known import known_of
from hirelens.options import fail, json_option, with_home
from hirelens.output import console, emit_json, emit_text, note, safe, table
from hirelens.texts import examples
from hirelens.wiring import Workplace


@click.command("explain", epilog=examples("hirelens explain d001"))
@click.argument("id_", metavar="ID")
@json_option
@with_home
def command(place: Workplace, id_: str, as_json: bool) -> None:
    """Show everything known of a post: what was read in it, and what happened to it.

    The exit status is 1 where there is no such post, or the index cannot be asked.
    """
    place.require()
    known = known_of(place, id_)
    if known is None:
        note(f"post {id_!r} is not known; check the id")
        fail()
    if as_json:
        emit_json(known)
    else:
        _show(known)
    if known["index_trouble"]:
        note(known["index_trouble"])
        fail()


def _show(known: dict[str, Any]) -> None:
    post, index = known["post"], known["index"] or {}
    emit_text(f"{safe(known['id'])}  {safe(post.get('title', ''))}")
    emit_text(f"revision {known['revision']}, {'closed' if known['closed'] else 'open'}")
    if known["waiting"]:
        told = safe(known["waiting"]["last_error"] or "")
        more = f": {told}" if told else ""
        emit_text(f"waits to be indexed ({known['waiting']['attempts']} attempts){more}")
    for letter in known["dead_letters"]:
        emit_text(f"given up: {letter['kind']}: {safe(letter['error'])}")
    if known["index_trouble"]:
        emit_text("index: cannot be asked now")
    elif not index:
        emit_text("not in the index")
    else:
        emit_text(f"index: {index['state']}, version {index['version']}, recipe {index['recipe']}")
    _show_reading(index.get("debug") or {})
    rows = [
        (_time(e["at"]), e["event"], e["revision"], e["detail"] or "") for e in known["history"]
    ]
    console().print(table("history", ("time", "event", "#revision", "detail"), rows))


def _show_reading(debug: dict[str, Any]) -> None:
    if not debug:
        return
    names = [f"{p['name']} ({p['score']:.2f})" for p in debug["positions"]]
    emit_text(f"hired: {'、'.join(names) or 'nothing that the taxonomy knows'}")
    out = console()
    mentions = [
        (m["field"], f"{m['start']}-{m['end']}", m["text"], m["label"], m["reason"] or "",
         f"{m['score']:.3f}")
        for m in debug["mentions"]
    ]  # fmt: skip
    if mentions:
        columns = ("field", "place", "text", "label", "reason", "#hired score")
        out.print(table("mentions", columns, mentions))
    cuts = [(c["field"], c["text"], c["reason"], reason_words(c["reason"])) for c in
            debug["stripped"]]  # fmt: skip
    if cuts:
        out.print(table("left out of search", ("field", "text", "reason", "that is"), cuts))
    for tag in debug["rejected_tags"]:
        emit_text(f"tag rejected: {safe(tag['tag'])} ({tag['reason']})")


def _time(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
