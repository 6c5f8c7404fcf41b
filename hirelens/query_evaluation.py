"""``hirelens evaluate intent`` and ``rewrite``: how well queries are understood."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hirelens.judged import GoldError, need, read_rows
from hirelens.options import EXISTING_PATH, NEW_PATH, json_option, with_home
from hirelens.output import console, emit_json, note, table
from hirelens.texts import examples
from hirelens.wiring import Workplace

if TYPE_CHECKING:
    from rich.console import Console

    from labels.evaluate.bootstrap import Estimate
    from labels.evaluate.intent import IntentFigures
    from labels.evaluate.rewrite import Guess, JudgedPair, RewriteFigures
    from search.intent.reader import IntentReader

ERRORS = click.option("--errors", type=NEW_PATH, help="Write what is wrong to this HTML page.")
ABLATION = "Also leave out each {} in turn."


@click.command(
    "intent",
    epilog=examples(
        "hirelens evaluate intent queries.jsonl",
        "hirelens evaluate intent queries.jsonl --ablation --errors wrong.html",
    ),
)
@click.argument("gold", type=EXISTING_PATH)
@click.option("--ablation", is_flag=True, help=ABLATION.format("step"))
@click.option("--wrong", type=click.IntRange(0, 10_000), default=0, show_default=True,
              help="Queries that are not exact to print.")  # fmt: skip
@ERRORS
@json_option
@with_home
def intent(
    place: Workplace, gold: Path, ablation: bool, wrong: int, errors: Path | None, as_json: bool
) -> None:
    """Score what is understood of the judged queries of GOLD, by attribute, with intervals."""
    from labels.evaluate.intent import score_intents
    from search.intent.reader import STEPS, reader_of

    rows = read_rows([gold], key="query")
    need(rows, "intents", key="query")

    def answers(reader: IntentReader) -> list[dict[str, Any]]:
        return [reader.understand(row["query"]).to_mapping() for row in rows]

    def score(reader: IntentReader) -> IntentFigures:
        return score_intents(rows, answers(reader))

    reader = reader_of(place.query_taxonomy)
    read = answers(reader)
    found = score_intents(rows, read)
    parts = {name: score(reader.leaving_out(name)) for name in STEPS} if ablation else {}
    if errors is not None:
        from labels.evaluate.query_pages import intents_page

        _write(errors, intents_page(f"{gold.name}: queries that are not exact", rows, read))
    if as_json:
        emit_json(
            {**found.to_mapping(), "ablation": {name: f.to_mapping() for name, f in parts.items()}}
        )
    else:
        show_intents(console(), found, parts, wrong)


@click.command(
    "rewrite",
    epilog=examples(
        "hirelens evaluate rewrite pairs.jsonl",
        "hirelens evaluate rewrite pairs.jsonl --ablation --errors wrong.html",
    ),
)
@click.argument("gold", type=EXISTING_PATH)
@click.option("--ablation", is_flag=True, help=ABLATION.format("source"))
@ERRORS
@json_option
@with_home
def rewrite(
    place: Workplace, gold: Path, ablation: bool, errors: Path | None, as_json: bool
) -> None:
    """Score the verdicts on the judged pairs of GOLD: lines of query, candidate and label.

    Labels are 2 for the same position, 1 for an acceptable expansion, 0 for a wrong one.
    """
    from hirelens.rewriting import SWITCHES, rewriter_of
    from labels.evaluate.rewrite import Guess, score_rewrites
    from search.rewrite.model import Sources

    judged = read_pairs(gold)
    rewriter = rewriter_of(place)
    for remark in rewriter.notes:
        note(remark)
    pairs = [(pair.query, pair.candidate) for pair in judged]

    def answers(sources: Sources) -> dict[tuple[str, str], Guess]:
        found = rewriter.with_sources(sources).judge_all(pairs)
        return {
            pair: Guess(one.score, one.accept, one.source or "", one.why)
            for pair, one in zip(pairs, found, strict=True)
        }

    guesses = answers(Sources())
    found = score_rewrites(judged, guesses)
    parts = {}
    if ablation:
        for name in SWITCHES:
            without = answers(Sources().without(name))
            only = answers(Sources().without(*(other for other in SWITCHES if other != name)))
            parts[f"without {name}"] = score_rewrites(judged, without)
            parts[f"{name} only"] = score_rewrites(judged, only)
    if errors is not None:
        from labels.evaluate.query_pages import rewrites_page

        _write(errors, rewrites_page(f"{gold.name}: pairs answered wrongly", judged, guesses))
    if as_json:
        emit_json(
            {**found.to_mapping(), "ablation": {name: f.to_mapping() for name, f in parts.items()}}
        )
    else:
        show_rewrites(console(), found, parts)


def read_pairs(path: Path) -> list[JudgedPair]:
    """Read judged pairs.

    Raises:
        GoldError: a line is no pair with a label, or a pair stands twice; names line and remedy.
    """
    import json

    from labels.evaluate.rewrite import LABELS, JudgedPair

    found: dict[tuple[str, str], JudgedPair] = {}
    for number, line in enumerate(path.read_bytes().split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            pair = JudgedPair(row["query"], row["candidate"], row["label"])
        except (ValueError, LookupError, TypeError) as error:
            told = f"is no pair ({error!r}); write query, candidate and label as JSON"
            raise GoldError(f"{path}:{number}: {told}") from None
        names = pair.query, pair.candidate
        if not all(isinstance(name, str) and name.strip() for name in names):
            raise GoldError(f"{path}:{number}: query and candidate must be words; write both")
        if pair.label not in LABELS or isinstance(pair.label, bool):
            raise GoldError(f"{path}:{number}: label {pair.label!r} is none of 0, 1, 2; write one")
        if names in found:
            raise GoldError(f"{path}:{number}: the pair stands twice; remove one")
        found[names] = pair
    if not found:
        raise GoldError(f"{path}: no judged pair; name a judged file")
    return list(found.values())


def show_intents(
    out: Console, found: IntentFigures, parts: Mapping[str, IntentFigures], wrong: int
) -> None:
    """Print the figures of intents, each attribute, and what each step brings."""
    _show_figures(out, f"intents of {found.queries} queries", found.figures())
    lines = [
        (item.name, item.judged, item.found, item.recall or "", item.precision or "",
         item.to_mapping().get("value", ""))
        for item in found.attributes
    ]  # fmt: skip
    columns = ("attribute", "#judged", "#found", "#recall", "#precision", "#value right")
    out.print(table("characters by attribute (95 % intervals)", columns, lines))
    if parts:
        sides = (("none", found), *parts.items())
        _show_sides(out, "what each step brings", [(n, f.figures()) for n, f in sides])
    if wrong and found.wrong:
        shown = [(query,) for query in found.wrong[:wrong]]
        out.print(table(f"not exact ({len(shown)} of {len(found.wrong)})", ("query",), shown))


def show_rewrites(out: Console, found: RewriteFigures, parts: Mapping[str, RewriteFigures]) -> None:
    """Print the figures of pairs, who decided, and what each source brings."""
    _show_figures(out, f"{found.pairs} pairs of a query and a candidate", found.figures())
    rows = [
        (item.name, item.pairs, item.accepted, item.right, item.to_mapping()["precision"] or "")
        for item in found.sources
    ]
    columns = ("decided by", "#pairs", "#accepted", "#right", "#precision")
    out.print(table("by source", columns, rows))
    if parts:
        sides = (("all", found), *parts.items())
        _show_sides(out, "what each source brings", [(n, f.figures()) for n, f in sides])


def _show_figures(out: Console, title: str, figures: Mapping[str, Estimate | None]) -> None:
    rows = [(name, estimate or "") for name, estimate in figures.items()]
    out.print(table(title, ("figure", "#share (95 % interval)"), rows))


def _show_sides(
    out: Console, title: str, sides: Sequence[tuple[str, Mapping[str, Estimate | None]]]
) -> None:
    rows = [
        (name, *(f"{e.value:.4f}" if e else "" for e in figures.values()))
        for name, figures in sides
    ]
    out.print(table(title, ("", *(f"#{name}" for name in sides[0][1])), rows))


def _write(path: Path, text: str) -> None:
    path.write_text(text, "utf-8")
