"""``hirelens evaluate``: measure the product's whole path against judged sets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

from hirelens import evaluation
from hirelens.commands.evaluate_channels import channels
from hirelens.commands.evaluate_fuse import fuse
from hirelens.judged import need, posts_of, read_rows, temporary_home
from hirelens.options import (
    EXISTING_PATH,
    NEW_PATH,
    channel_option,
    fail,
    json_option,
    with_home,
)
from hirelens.output import console, emit_json, table
from hirelens.progress import progress
from hirelens.query_evaluation import intent, rewrite
from hirelens.texts import examples
from hirelens.threads import keep_to_threads
from hirelens.wiring import Workplace

GOLD = click.argument("gold", nargs=-1, required=True, type=EXISTING_PATH)


@click.group("evaluate", epilog=examples("hirelens evaluate pairs dev.jsonl"))
def command() -> None:
    """Measure against judged sets; posts go to a temporary home."""


@command.command(
    "pairs",
    epilog=examples(
        "hirelens evaluate pairs dev.jsonl", "hirelens evaluate pairs dev.jsonl --channel plain"
    ),
)
@GOLD
@channel_option("text")
@click.option("--rewrite/--no-rewrite", default=False, show_default=True, help="Also other names.")
@click.option("--out", type=NEW_PATH, help="Keep the run file here.")
@json_option
@with_home
def pairs(
    place: Workplace,
    gold: tuple[Path, ...],
    channel: Any,  # noqa: ANN401 - one of the channels, click has checked it
    rewrite: bool,
    out: Path | None,
    as_json: bool,
) -> None:
    """Search every judged word of GOLD and score which posts were returned."""
    from labels.evaluate.pairs import judged_pairs, judged_words, read_run, report
    from search.runs import write_trec

    rows = read_rows(gold)
    need(rows, "mentions")
    words = judged_words(judged_pairs(rows))
    with ExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory(prefix="hirelens-run-"))
        measured = stack.enter_context(temporary_home(place, posts_of(rows)))
        searcher = measured.searcher

        def rankings() -> Iterator[tuple[str, list[tuple[str, float]]]]:
            with progress("searched", len(words)) as advance:
                for word in words:
                    yield word, searcher.ranking(word, channel, rewrite=rewrite)
                    advance(1)

        path = out or Path(folder) / "run.trec"
        write_trec(path, rankings())
        found = report(rows, read_run(path))
    if as_json:
        emit_json(found.to_mapping())
    else:
        evaluation.show_pairs(console(), found, channel)


@command.command("keep", epilog=examples("hirelens evaluate keep dev.jsonl"))
@GOLD
@click.option("--words", type=click.IntRange(0, 1000), default=10, show_default=True,
              help="Random words a post.")  # fmt: skip
@click.option("--seed", type=int, default=1, show_default=True, help="Seed of the random words.")
@click.option("--lost", type=click.IntRange(0, 10_000), default=20, show_default=True,
              help="Lost terms to print.")  # fmt: skip
@json_option
@with_home
def keep(
    place: Workplace, gold: tuple[Path, ...], words: int, seed: int, lost: int, as_json: bool
) -> None:
    """Check that a search for every non-position term of GOLD still returns its post.

    Terms are what the attribute dictionaries find (benefits, places, certificates, pay, …) and
    random words of the original text. Also printed: how much was stripped.
    """
    from labels.evaluate.keep import score, stripped, terms

    posts = posts_of(read_rows(gold))
    with temporary_home(place, posts) as measured:
        read = list(zip(posts, evaluation.enriched(measured, posts), strict=True))
        stated = [
            term for post, enrichment in read for term in terms(post, enrichment, words, seed)
        ]
        texts = list(dict.fromkeys(term.text for term in stated))
        with progress("searched", len(texts)) as advance:
            returned: dict[str, set[str]] = {}
            for text in texts:
                ranking = measured.searcher.ranking(text, "text", rewrite=False)
                returned[text] = {id_ for id_, _ in ranking}
                advance(1)
    found, cut = score(stated, returned), stripped(read)
    if as_json:
        emit_json({**found.to_mapping(), "stripped": cut.to_mapping()})
    else:
        evaluation.show_keep(console(), found, cut, lost)


@command.command(
    "tags", epilog=examples("hirelens evaluate tags tags.jsonl --rejection challenge.jsonl")
)
@click.argument("gold", type=EXISTING_PATH)
@click.option("--rejection", type=EXISTING_PATH, help="Judged posts with tags and bad_tags.")
@json_option
@with_home
def tags(place: Workplace, gold: Path, rejection: Path | None, as_json: bool) -> None:
    """Score the attribute marks of GOLD, and with --rejection the poster tags that are refused."""
    figures = evaluation.tag_figures(place, gold, rejection)
    if as_json:
        emit_json(figures)
    else:
        evaluation.show_tags(console(), figures)


@command.command(
    "gates", epilog=examples("hirelens evaluate gates", "hirelens evaluate gates held_out.jsonl")
)
@click.argument("gold", nargs=-1, type=EXISTING_PATH)
@click.option("--posts", type=click.IntRange(1, 10_000), default=120, show_default=True,
              help="Posts that each change is tried on.")  # fmt: skip
@click.option("--seed", type=int, default=1, show_default=True, help="Seed of posts and changes.")
@json_option
@with_home
def gates(place: Workplace, gold: tuple[Path, ...], posts: int, seed: int, as_json: bool) -> None:
    """Check that changing a post changes the model's labels as it must, and no others.

    The posts are written from templates, or those of GOLD: judged ones that no model was trained
    on. Exchanged: the hired position with the one it is compared to. Inserted: a bait clause.
    Replaced: the hired position, everywhere. Title: that of another post. Exits 1 where a bar is
    missed.
    """
    from enrich.bundle import SHIPPED, load_bundle
    from labels.evaluate.gate_cases import from_judged, generated
    from labels.evaluate.gates import judge_cases, score
    from labels.train.data import read_gold

    judged = read_gold(gold)
    cases = from_judged(judged, posts, seed) if judged else generated(posts, seed)
    keep_to_threads(place.settings)
    bundle = load_bundle(place.settings.model or SHIPPED)
    with progress("judged", len(cases)) as advance:
        found = score(cases, judge_cases(bundle, cases, advance))
    if as_json:
        emit_json({"gates": [figure.to_mapping() for figure in found]})
    else:
        rows = [
            (f.gate, f.good, f.total, f.share or "", f"{f.bar:.2f}", "yes" if f.passed else "NO")
            for f in found
        ]
        columns = ("gate", "#right", "#of", "share (95 % interval)", "#bar", "reached")
        console().print(table("counterfactual gates", columns, rows))
    if not all(figure.passed for figure in found):
        fail()


command.add_command(channels)
command.add_command(fuse)
command.add_command(intent)
command.add_command(rewrite)
