"""``hirelens site``: a site's own synonyms, stop words, employers and rewrites."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hirelens.options import EXISTING, fail, json_option, with_home
from hirelens.output import emit_json, emit_text, note, safe
from hirelens.texts import examples
from hirelens.wiring import WiringError, Workplace

if TYPE_CHECKING:
    from hirelens.site_preview import Hits
    from search.interpreter import Knowledge
    from search.site.files import Problem
    from search.site.model import SiteRules

FOLDER = click.Path(file_okay=False, path_type=Path)


@click.group("site", epilog=examples("hirelens site check"))
def command() -> None:
    """A site's own synonyms, stop words, employers and rewrites: make, check and try them.

    They stand in the folder that the setting 'site' names, else in 'site' in the home, and are
    read again when they change; no process needs a restart.
    """


@command.command("init", epilog=examples("hirelens site init", "hirelens site init new-rules"))
@click.argument("folder", required=False, type=FOLDER)
@json_option
@with_home
def init(place: Workplace, folder: Path | None, as_json: bool) -> None:
    """Make FOLDER with the four files, ready to be filled; files that are there stay."""
    from search.site.template import make

    settings = place.settings
    made, kept = make(folder or settings.site or settings.own_site)
    if as_json:
        emit_json({"made": [str(path) for path in made], "kept": [str(path) for path in kept]})
        return
    for path in made:
        emit_text(f"made {safe(str(path))}")
    for path in kept:
        note(f"kept {safe(str(path))}: it was there")


@command.command("check", epilog=examples("hirelens site check", "hirelens site check new-rules"))
@click.argument("folder", required=False, type=FOLDER)
@json_option
@with_home
def check(place: Workplace, folder: Path | None, as_json: bool) -> None:
    """Name every problem of the files in FOLDER with file, line, field and remedy.

    Without FOLDER the rules that are in use are checked. The exit status is 1 where something is
    wrong.
    """
    chosen = folder or place.settings.site_folder
    if chosen is None:
        raise WiringError(
            f"there are no rules of a site's own: {place.settings.own_site} is missing and the "
            "setting 'site' is not set; make them: hirelens site init"
        )
    rules, problems = _examined(place, chosen)
    if as_json:
        emit_json({"folder": str(chosen), **_mapping(rules, problems)})
    elif not problems:
        emit_text(f"{safe(str(chosen))}: {rules.counted}")
    else:
        _tell(problems)
    if problems:
        fail()


@command.command(
    "preview",
    epilog=examples(
        "hirelens site preview queries.txt --new new-rules",
        "hirelens site preview queries.txt --new new-rules --hits 10",
    ),
)
@click.argument("queries", type=EXISTING)
@click.option("--new", type=FOLDER, required=True, help="Folder with the rules to be tried.")
@click.option("--old", type=FOLDER, help="Rules to compare with.  [default: those in use]")
@click.option("--hits", type=click.IntRange(1, 1000), help="Compare so many hits of each, too.")
@json_option
@with_home
def preview(
    place: Workplace,
    queries: str,
    new: Path,
    old: Path | None,
    hits: int | None,
    as_json: bool,
) -> None:
    """Show which of QUERIES (a file, one a line; - for standard input) new rules would change.

    Nothing is applied. Of each query that changes only the parts, the names it is rewritten to
    and the hits are shown that go or come. The exit status is 1 where the new rules are wrong.
    """
    from hirelens.inputs import read_queries
    from hirelens.site_preview import Rules, changes
    from hirelens.site_views import show_preview

    rules, problems = _examined(place, new)
    if problems:
        if as_json:
            emit_json({"folder": str(new), **_mapping(rules, problems)})
        else:
            _tell(problems)
        fail()
    if hits is not None:
        place.require()
    asked = list(read_queries(queries))
    before, after = (
        Rules(place.query_taxonomy, knowledge, _hits(place, knowledge, hits))
        for knowledge in map(place.knowledge.under, (_rules_in_use(place, old), rules))
    )
    found = list(changes(asked, before, after))
    if as_json:
        changed = [change.to_mapping() for change in found]
        whole = {"folder": str(new), **_mapping(rules, ()), "queries": len(asked)}
        emit_json({**whole, "changed": changed})
    else:
        show_preview(found, len(asked))


def _rules_in_use(place: Workplace, old: Path | None) -> SiteRules:
    """Return the rules to compare with; none, with a note, where those in use are wrong."""
    from search.site.loader import load

    if old is not None:
        return load(old, place.query_taxonomy)
    for text in place.site_notes:
        note(text)
    return place.site.current()


def _hits(place: Workplace, knowledge: Knowledge, count: int | None) -> Hits | None:
    if count is None:
        return None
    searcher = place.searcher_by(lambda: knowledge)
    return lambda query: [id_ for id_, _ in searcher.ranking(query, limit=count)]


def _examined(place: Workplace, folder: Path) -> tuple[SiteRules, tuple[Problem, ...]]:
    from search.site.loader import examine

    return examine(folder, place.query_taxonomy)


def _tell(problems: tuple[Problem, ...]) -> None:
    for problem in problems:
        emit_text(safe(str(problem)))
    note(f"{len(problems)} problems" if len(problems) > 1 else "1 problem")


def _mapping(rules: SiteRules, problems: tuple[Problem, ...]) -> dict[str, object]:
    return {
        "ok": not problems,
        "digest": rules.digest,
        "rules": rules.counts,
        "problems": [problem.to_mapping() for problem in problems],
    }
