"""``hirelens run``: a TREC run for a file of queries."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from hirelens.options import EXISTING, NEW_PATH, channel_option, json_option, with_home
from hirelens.output import emit_json, note
from hirelens.progress import progress
from hirelens.texts import examples
from hirelens.wiring import Workplace


@click.command(
    "run",
    epilog=examples(
        "hirelens run queries.txt --out run.trec --channel text --no-rewrite --depth 100000"
    ),
)
@click.argument("queries", type=EXISTING)
@click.option("--out", type=NEW_PATH, required=True, help="The run file to write.")
@channel_option("all")
@click.option("--no-rewrite", is_flag=True, help="Match the queries' own words only.")
@click.option("--depth", type=click.IntRange(1, 10_000_000), default=1000, show_default=True)
@json_option
@with_home
def command(
    place: Workplace,
    queries: str,
    out: Path,
    channel: Any,  # noqa: ANN401 - one of the channels, click has checked it
    no_rewrite: bool,
    depth: int,
    as_json: bool,
) -> None:
    """Answer QUERIES (one a line) and write a TREC run; blanks in a query are written _."""
    from hirelens.inputs import read_queries
    from search.runs import write_trec

    place.require()
    lines = list(dict.fromkeys(read_queries(queries)))

    def rankings() -> Iterator[tuple[str, list[tuple[str, float]]]]:
        with progress("answered", len(lines)) as advance:
            for query in lines:
                hits = place.searcher.ranking(query, channel, None, depth, rewrite=not no_rewrite)
                yield query, hits
                advance(1)

    count = write_trec(out, rankings())
    if as_json:
        emit_json({"queries": len(lines), "lines": count, "out": str(out)})
    else:
        note(f"{out}: {count} lines for {len(lines)} queries")
