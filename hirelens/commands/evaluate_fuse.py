"""``hirelens evaluate fuse``: which fusion of the channels is best, on queries it never saw."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import click

from hirelens.commands.evaluate_channels import CROWD, HALF
from hirelens.options import EXISTING_PATH, json_option, with_home
from hirelens.output import console, emit_json, note, table
from hirelens.texts import examples
from hirelens.wiring import Workplace


@click.command(
    "fuse",
    epilog=examples(
        "hirelens evaluate fuse graded.jsonl",
        "hirelens evaluate fuse graded.jsonl --half look --home H --crowd",
    ),
)
@click.argument("graded", type=EXISTING_PATH)
@HALF
@CROWD
@click.option(
    "--depth",
    type=click.IntRange(10, 10_000),
    default=200,
    show_default=True,
    help="Posts of each channel that are fused, as in an answer.",
)
@json_option
@with_home
def fuse(
    place: Workplace, graded: Path, half: str | None, crowd: bool, depth: int, as_json: bool
) -> None:
    """Compare fusions of text, intent and vector on the graded posts of GRADED.

    Reciprocal ranks and convex combinations, each with weights that are chosen on all groups of
    queries but one and judged on that one. Printed: figures of the held-out queries, their
    difference to untuned reciprocal ranks and to the best single channel, and the settings table.
    """
    from hirelens.channel_evaluation import graded_home, read_queries
    from hirelens.channel_views import GRADED, show_report
    from hirelens.crowd import beside_crowd
    from hirelens.fusion_evaluation import compare_fusions, compared, settings, table_of
    from labels.evaluate.ranx_opinion import has_ranx

    queries = read_queries(graded, half)
    with ExitStack() as stack:
        place_of_all = stack.enter_context(graded_home(place, queries))
        if crowd:
            place_of_all = stack.enter_context(beside_crowd(place, [place_of_all]))
        found = compare_fusions(place_of_all.searcher, queries, depth, compared())
    if not has_ranx():
        note("Student's test is left out; pip install 'hirelens[evaluate]' for it")
    if as_json:
        emit_json(found.to_mapping())
        return
    shown = console()
    whole = ("ndcg@10", "recall_without", "bait")
    title = f"fusions, {len(queries)} queries held out by group"
    show_report(shown, title, found.figures, GRADED, whole=whole, compared=whole)
    for name, some in found.folds.items():
        chosen = {group: settings(one) for group, one in some.items()}
        columns = ("group left out", *next(iter(chosen.values())))
        rows = [(group, *one.values()) for group, one in chosen.items()]
        shown.print(table(f"chosen on the others: {name}", columns, rows))
    shown.print(f"best: {found.best}; as the settings file holds it, chosen on all queries:")
    shown.print(table_of(found.setting))
