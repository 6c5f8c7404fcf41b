"""``hirelens site``: a site's own synonyms, stop words, employers and rewrites."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hirelens.options import fail, json_option, with_home
from hirelens.output import emit_json, emit_text, note, safe
from hirelens.texts import examples
from hirelens.wiring import WiringError, Workplace

if TYPE_CHECKING:
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
