"""``hirelens train names``: the head that finds names of positions which no form covers."""

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
    from labels.train.names.config import NamesConfig

_FOLDER = click.Path(file_okay=False, path_type=Path)

_NAMES = ("out", "gold", "bundle", "epochs", "precision", "hired_from", "seed", "bf16")
_ENTRIES = {name: name for name in _NAMES}


@click.command(
    "names",
    epilog=examples(
        "hirelens train names --gold train.jsonl --gold train_manual.jsonl --out bundle",
        "hirelens train names --config names.toml",
    ),
)
@click.option(
    "--config", "file", type=EXISTING_PATH, help="TOML file of a run; options below win over it."
)
@click.option("--gold", type=EXISTING_PATH, multiple=True, help="Judged posts; repeatable.")
@click.option("--out", type=_FOLDER, help="The bundle with the head.")
@click.option("--bundle", type=_FOLDER, help="Whose encoder is read.  [default: the shipped one]")
@click.option("--epochs", type=click.IntRange(1, 1000), help="Times over the posts.")
@click.option(
    "--precision",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    help="Of what is found on held-out posts; chooses the threshold.",
)
@click.option(
    "--hired-from", type=click.FloatRange(0, 1), help="Probability from which a found name stays."
)
@click.option("--seed", type=int, help="Seed of everything random.")
@click.option("--bf16", is_flag=True, default=None, help="States in half the precision.")
@json_option
@with_home
def names(place: Workplace, file: Path | None, as_json: bool, **options: Any) -> None:  # noqa: ANN401
    """Train the head that finds names of positions which no form of the taxonomy covers.

    The encoder of the bundle stays as it is. Positions are taken from the lexicon, so that their
    names are unknown; the head is measured on positions and posts that it never saw. The folder
    names-run/ in the bundle tells how well.
    """
    import torch

    from enrich.bundle import BundleError
    from labels.train.config_file import ConfigError
    from labels.train.data import GoldError
    from labels.train.folds import SplitError
    from labels.train.names.run import train_names
    from labels.train.watch import Watch

    # The sums of several threads differ in the last digits.
    torch.set_num_threads(load(None, os.environ).threads or 1)
    try:
        config = _config(file, options)
        if config.out is None:
            raise ForeseenError("no folder for the bundle is named; give --out, or out in --config")
        report = train_names(config, config.out, place.query_taxonomy, Watch(note, progress))
    except (ConfigError, GoldError, SplitError, BundleError) as error:
        raise ForeseenError(str(error)) from None
    if as_json:
        emit_json(asdict(report))
    else:
        emit_text(
            f"{config.out}: {report.digest}, threshold {report.threshold}\n"
            f"positions taken away: {report.unknown}\nwhole lexicon: {report.beside}"
        )


def _config(file: Path | None, options: dict[str, Any]) -> NamesConfig:
    """Return the config of the file, or the default one, under the options that were given."""
    from labels.train.config_file import override
    from labels.train.names.config import NamesConfig, read_config

    config = read_config(file) if file else NamesConfig()
    return override(config, given(options, _ENTRIES), str(file or "options"))
