"""``hirelens intent``: what a query asks for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from hirelens.options import EXISTING, json_option, with_home
from hirelens.output import console, emit_json, note, table
from hirelens.texts import examples
from hirelens.wiring import Workplace

if TYPE_CHECKING:
    from search.intent.model import Intent, Understood

_STANDARD_INPUT = "-"


@click.command(
    "intent",
    epilog=examples(
        "hirelens intent 月结包住搬运工",
        "hirelens intent 服物员4000以上不要夜班 --explain",
        "hirelens intent --file queries.txt",
    ),
)
@click.argument("query", required=False)
@click.option("--file", type=EXISTING, help="Queries, one a line; - for standard input.")
@click.option("--explain", is_flag=True, help="Show what found each part, and what was repaired.")
@json_option
@with_home
def command(
    place: Workplace, query: str | None, file: str | None, explain: bool, as_json: bool
) -> None:
    """Tell what QUERY (- for queries from standard input) asks for, part by part.

    A file of queries is answered as JSON lines: query, intents[text, attribute, value, forms?,
    negated?]. The home's taxonomy is used where one is pinned there, and the site's own
    rules are (see: hirelens site).
    """
    from hirelens.inputs import read_queries

    if (query is None) == (file is None):
        raise click.UsageError("give one query, or --file FILE, or - for standard input")
    source = file or (_STANDARD_INPUT if query == _STANDARD_INPUT else None)
    reader = place.intent_reader
    for text in place.site_notes:
        note(text)
    if source is not None:
        for line in read_queries(source):
            emit_json(reader.get().understand(line).to_mapping(explain=explain))
        return
    understood = reader.get().understand(query or "")
    if as_json:
        emit_json(understood.to_mapping(explain=explain))
    else:
        show(understood, explain=explain)


def show(understood: Understood, *, explain: bool) -> None:
    """Print the parts as a table."""
    columns = ["part", "attribute", "value"]
    if explain:
        columns.append("found by")
    rows = []
    for intent in understood.intents:
        row = [intent.text, intent.attribute, _value(intent)]
        if explain:
            row.append(_source(intent))
        rows.append(row)
    console().print(table(None, columns, rows))


def _value(intent: Intent) -> str:
    value = intent.value
    if intent.attribute == "generic" or value is None:
        shown = ""
    elif isinstance(value, str):
        shown = value
    else:
        shown = json.dumps(dict(value), ensure_ascii=False)
    return f"not {shown or intent.text}" if intent.negated else shown


def _source(intent: Intent) -> str:
    if intent.repair is None:
        return intent.source
    repair = intent.repair
    return f"{intent.source}: {repair.written} -> {repair.meant} ({repair.how})"
