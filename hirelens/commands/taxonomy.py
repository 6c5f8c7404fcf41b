"""``hirelens taxonomy``: report, check, compile, diff, candidates."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import click

from hirelens.options import EXISTING, EXISTING_PATH, NEW_PATH, fail, json_option, with_home
from hirelens.output import emit_json, emit_text, note
from hirelens.texts import examples
from hirelens.wiring import Workplace

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


def sources(function: Callable[..., None]) -> Callable[..., None]:
    """Add ``--data`` and ``--overlay``: what is compiled."""
    function = click.option(
        "--overlay", type=FOLDER, help="Folder of a site's own changes, applied on top."
    )(function)
    return click.option(
        "--data", type=FOLDER, help="Folder of data files.  [default: the shipped ones]"
    )(function)


@click.group("taxonomy", epilog=examples("hirelens taxonomy report"))
def command() -> None:
    """Report, check, compile and compare the taxonomy; find names that it lacks."""


@command.command("report", epilog=examples("hirelens taxonomy report --gold judged.jsonl"))
@sources
@click.option("--gold", type=EXISTING_PATH, help="Judged posts whose coverage is reported.")
@click.option("--queries", type=EXISTING_PATH, help="Judged queries whose coverage is reported.")
@json_option
def report(
    data: Path | None,
    overlay: Path | None,
    gold: Path | None,
    queries: Path | None,
    as_json: bool,
) -> None:
    """Print how much the taxonomy holds, and how much of judged files it covers."""
    from hirelens.taxonomy_views import show_report
    from labels.taxonomy.loader import DATA
    from labels.taxonomy.report import report as report_of

    figures = report_of(gold, queries, data or DATA, overlay)
    if as_json:
        emit_json(figures.to_mapping())
    else:
        show_report(figures)


@command.command("check", epilog=examples("hirelens taxonomy check --overlay our-positions"))
@sources
@json_option
def check(data: Path | None, overlay: Path | None, as_json: bool) -> None:
    """Name every problem of the data files with file, line and remedy."""
    from labels.taxonomy.loader import DATA
    from labels.taxonomy.report import check as problems_in

    problems = problems_in(data or DATA, overlay)
    if as_json:
        emit_json({"problems": problems})
    else:
        for problem in problems:
            emit_text(problem)
        note(f"{len(problems)} problems")
    if problems:
        fail()


@command.command(
    "compile",
    epilog=examples("hirelens taxonomy compile --overlay our-positions --out taxonomy.json.gz"),
)
@sources
@click.option("--out", type=NEW_PATH, help="Artefact to write.  [default: the shipped one]")
@json_option
def compile_(data: Path | None, overlay: Path | None, out: Path | None, as_json: bool) -> None:
    """Compile the data files into the artefact that reading and search load."""
    from enrich.taxonomy import ARTEFACT
    from labels.taxonomy.compile import compile_to
    from labels.taxonomy.loader import DATA

    if (overlay or data) and out is None:
        raise click.UsageError(
            "--data and --overlay need --out FILE: the shipped artefact holds the shipped data "
            "only; name the file in the setting 'taxonomy' then"
        )
    path = out or ARTEFACT
    digest = compile_to(path, data or DATA, overlay)
    if as_json:
        emit_json({"out": str(path), "digest": digest})
    else:
        emit_text(f"{path}: {digest}")


@command.command(
    "diff",
    epilog=examples("hirelens taxonomy diff --overlay our-positions --posts posts.jsonl"),
)
@sources
@click.option(
    "--against", type=EXISTING_PATH, help="Compiled artefact.  [default: the shipped one]"
)
@click.option("--posts", type=EXISTING, help="Posts (JSONL) in which other forms would be found.")
@click.option("--queries", type=EXISTING, help="Queries, one a line, that would change.")
@json_option
def diff(
    data: Path | None,
    overlay: Path | None,
    against: Path | None,
    posts: str | None,
    queries: str | None,
    as_json: bool,
) -> None:
    """Show what data files would change against a compiled taxonomy; ends with 1 on lost ids."""
    from enrich.taxonomy import Taxonomy
    from hirelens.inputs import read_queries
    from hirelens.query_meaning import meanings
    from hirelens.taxonomy_views import show_diff
    from labels.taxonomy.compile import taxonomy_of
    from labels.taxonomy.diff import diff as diff_of
    from labels.taxonomy.loader import DATA
    from labels.taxonomy.overlay import load_with

    old, new = Taxonomy.load(against), taxonomy_of(load_with(overlay, data or DATA))
    asked = meanings(read_queries(queries), old, new) if queries else ()
    found = diff_of(old, new, _texts(posts) if posts else (), asked)
    if as_json:
        emit_json(found.to_mapping())
    else:
        show_diff(found)
    if found.vanished:
        note("ids vanished without a successor; add each to retired.tsv")
        fail()


@command.command(
    "candidates",
    epilog=examples(
        "hirelens taxonomy candidates posts.jsonl.gz --at-least 20",
        "hirelens taxonomy candidates posts.jsonl.gz --found --at-least 2",
    ),
)
@click.argument("files", nargs=-1, required=True, type=EXISTING)
@sources
@click.option(
    "--at-least", type=click.IntRange(1), default=5, show_default=True, help="In how many posts."
)
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True)
@click.option("--found", is_flag=True, help="What the model finds instead; slower, and surer.")
@json_option
@with_home
def candidates(
    place: Workplace,
    files: tuple[str, ...],
    data: Path | None,
    overlay: Path | None,
    at_least: int,
    limit: int,
    found: bool,
    as_json: bool,
) -> None:
    """Print frequent words of posts that look like positions and that no form covers."""
    from hirelens.found_names import found_in
    from hirelens.taxonomy_views import show_candidates, show_found
    from labels.taxonomy.candidates import candidates as candidates_in
    from labels.taxonomy.compile import taxonomy_of
    from labels.taxonomy.loader import DATA
    from labels.taxonomy.overlay import load_with

    source = load_with(overlay, data or DATA)
    posts = (post for name in files for post in _texts(name))
    refused = (word.word for word in source.refused)
    taxonomy = taxonomy_of(source)
    if found:
        names = found_in(place.settings.model, posts, taxonomy, refused, at_least)
        show_found(names, limit, as_json=as_json)
    else:
        show_candidates(
            candidates_in(posts, taxonomy, refused, at_least=at_least), limit, as_json=as_json
        )


def _texts(name: str) -> Iterator[tuple[str, str, str]]:
    """Yield id, title and body of the posts of a file, with progress; refusals are told."""
    from hirelens.inputs import only_texts
    from hirelens.progress import progress

    with progress(f"reading {name}") as advance:
        for texts in only_texts(name, lambda refusal: note(str(refusal))):
            yield texts
            advance(1)
