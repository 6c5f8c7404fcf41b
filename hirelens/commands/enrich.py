"""``hirelens enrich``: posts in, enrichments out."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import click

from hirelens.inputs import Given, Refusal, only_posts
from hirelens.options import EXISTING, fail, with_home
from hirelens.output import emit_json, note
from hirelens.progress import progress
from hirelens.texts import examples
from hirelens.wiring import Workplace


@click.command("enrich", epilog=examples("hirelens enrich posts.jsonl > enrichments.jsonl"))
@click.argument("file", default="-", type=EXISTING)
@click.option("--json", "as_json", is_flag=True, help="Accepted; the output is always JSON lines.")
@with_home
def command(place: Workplace, file: str, as_json: bool) -> None:  # noqa: ARG001
    """Print what is read in each post of FILE (JSON lines, default standard input) as JSON lines.

    Nothing is stored. 'hirelens schema' prints the schema of the output.
    """
    refused: list[Refusal] = []

    def refuse(refusal: Refusal) -> None:
        refused.append(refusal)
        note(str(refusal))

    with progress("read") as advance:
        for batch in batches(only_posts(file, refuse), place.settings.batch):
            for enrichment in place.enricher.enrich([given.post for given in batch]):
                emit_json(enrichment.to_mapping())
            advance(len(batch))
    if refused:
        fail()


def batches(items: Iterator[Given], size: int) -> Iterator[list[Given]]:
    """Yield lists of at most ``size`` posts."""
    while batch := list(islice(items, size)):
        yield batch
