"""``hirelens taxonomy``: report, check, compile."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from hirelens.options import EXISTING_PATH, NEW_PATH, fail, json_option
from hirelens.output import console, emit_json, emit_text, note, table
from hirelens.texts import examples

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
data_option = click.option(
    "--data", type=FOLDER, help="Folder of data files.  [default: the shipped ones]"
)


@click.group("taxonomy", epilog=examples("hirelens taxonomy report"))
def command() -> None:
    """Report, check and compile the taxonomy."""


@command.command("report", epilog=examples("hirelens taxonomy report --gold judged.jsonl"))
@data_option
@click.option("--gold", type=EXISTING_PATH, help="A judged file whose coverage is reported.")
@json_option
def report(data: Path | None, gold: Path | None, as_json: bool) -> None:
    """Print how much the taxonomy holds, and how much of a judged file it covers."""
    from labels.taxonomy.loader import DATA
    from labels.taxonomy.report import report as report_of

    figures = report_of(gold, data or DATA).to_mapping()
    if as_json:
        emit_json(figures)
    else:
        _show(figures)


@command.command("check", epilog=examples("hirelens taxonomy check"))
@data_option
@json_option
def check(data: Path | None, as_json: bool) -> None:
    """Name every problem of the data files with file, line and remedy."""
    from labels.taxonomy.loader import DATA
    from labels.taxonomy.report import check as problems_in

    problems = problems_in(data or DATA)
    if as_json:
        emit_json({"problems": problems})
    else:
        for problem in problems:
            emit_text(problem)
        note(f"{len(problems)} problems")
    if problems:
        fail()


@command.command("compile", epilog=examples("hirelens taxonomy compile --out taxonomy.json.gz"))
@data_option
@click.option("--out", type=NEW_PATH, help="Artefact to write.  [default: the shipped one]")
@json_option
def compile_(data: Path | None, out: Path | None, as_json: bool) -> None:
    """Compile the data files into the artefact that reading and search load."""
    from enrich.taxonomy import ARTEFACT
    from labels.taxonomy.compile import compile_to
    from labels.taxonomy.loader import DATA

    path = out or ARTEFACT
    digest = compile_to(path, data or DATA)
    if as_json:
        emit_json({"out": str(path), "digest": digest})
    else:
        emit_text(f"{path}: {digest}")


def _show(figures: dict[str, Any]) -> None:
    out = console()
    counts = {name: value for name, value in figures.items() if isinstance(value, int | str)}
    out.print(table("taxonomy", ("what", "#count"), counts.items()))
    sectors = [(name, row["positions"], row["forms"]) for name, row in figures["by_sector"].items()]
    out.print(table("sectors", ("sector", "#positions", "#forms"), sectors))
    if not figures["coverage"]:
        return
    rows = [
        (label, row["mentions"], row["known"], row["found"], f"{row['share']:.4f}")
        for label, row in figures["coverage"].items()
    ]
    columns = ("label", "#mentions", "#known", "#found", "#share known")
    out.print(table("coverage of the judged file", columns, rows))
    missed = [(row["word"], row["mentions"]) for row in figures["missed"]]
    if missed:
        out.print(table("most frequent words that are no form", ("word", "#mentions"), missed))
