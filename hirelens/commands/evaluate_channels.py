"""``hirelens evaluate channels``: what each channel is worth, and all of them together."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import click

from hirelens.options import EXISTING_PATH, json_option, with_home
from hirelens.output import console, emit_json, note
from hirelens.texts import examples
from hirelens.wiring import Workplace

HALF = click.option("--half", help="Only queries with this value of 'half' (look, blind).")
CROWD = click.option("--crowd", is_flag=True, help="Also among the posts of the home.")
DEPTH = click.option(
    "--depth",
    type=click.IntRange(10, 100_000),
    default=10_000,
    show_default=True,
    help="Posts of each ranking.",
)


@click.command(
    "channels",
    epilog=examples(
        "hirelens evaluate channels graded.jsonl",
        "hirelens evaluate channels graded.jsonl --home H --crowd --out runs",
    ),
)
@click.argument("graded", type=EXISTING_PATH)
@HALF
@CROWD
@DEPTH
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), help="Keep run files and figures."
)
@json_option
@with_home
def channels(
    place: Workplace,
    graded: Path,
    half: str | None,
    crowd: bool,
    depth: int,
    out: Path | None,
    as_json: bool,
) -> None:
    """Score text, intent, vector and all three on the graded posts of GRADED.

    Also as if nothing had been stripped; with --crowd also among the posts of the home, whose
    documents are copied into a temporary index.
    """
    from hirelens.channel_evaluation import Measures, alone, crowded, graded_home, read_queries
    from hirelens.channel_views import GRADED, PLACES, show_report
    from hirelens.crowd import beside_crowd
    from labels.evaluate.channels import ChannelReport
    from labels.evaluate.ranx_opinion import has_ranx

    queries = read_queries(graded, half)
    how = Measures(depth, out)
    found: dict[str, ChannelReport] = {}
    with ExitStack() as stack:
        measured = stack.enter_context(graded_home(place, queries))
        found["graded"] = alone(place, measured, queries, how)
        if crowd:
            both = stack.enter_context(beside_crowd(place, [measured]))
            found["crowd"] = crowded(both, queries, how)
    if not has_ranx():
        note("Student's test is left out; pip install 'hirelens[evaluate]' for it")
    if as_json:
        emit_json({name: one.to_mapping() for name, one in found.items()})
        return
    shown = console()
    for name, one in found.items():
        title = f"{len(queries)} queries" + (" in a crowd" if name == "crowd" else "")
        whole = ("ndcg@10", "recall_without", "bait")
        names = {**GRADED, **(PLACES if name == "crowd" else {})}
        show_report(shown, title, one, names, whole=whole, compared=whole)
