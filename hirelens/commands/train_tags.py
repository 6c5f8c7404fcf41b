"""``hirelens train tags``: which poster tags that name a position fit their post."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hirelens.errors import ForeseenError
from hirelens.options import EXISTING_PATH, json_option, with_home
from hirelens.output import emit_json, emit_text
from hirelens.texts import examples
from hirelens.wiring import Workplace

if TYPE_CHECKING:
    from enrich.bundle import Calibration


@click.command("tags", epilog=examples("hirelens train tags --gold judged.jsonl --out weights.tsv"))
@click.option("--gold", type=EXISTING_PATH, multiple=True, required=True,
              help="Judged posts with tags and bad_tags; repeatable.")  # fmt: skip
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True,
              help="The file of weights.")  # fmt: skip
@click.option("--lost", type=click.FloatRange(0, 1), default=0.07, show_default=True,
              help="Share of the hired words that the model is made to miss.")  # fmt: skip
@click.option("--won", type=click.FloatRange(0, 1), default=0.1, show_default=True,
              help="Share of the other words that it is made to take for hired.")  # fmt: skip
@click.option("--seed", type=int, default=1, show_default=True, help="Seed of everything random.")
@json_option
@with_home
def tags(
    place: Workplace,
    gold: tuple[Path, ...],
    out: Path,
    lost: float,
    won: float,
    seed: int,
    as_json: bool,
) -> None:
    """Train the weights that tell fitting tags from others; a minute on one core, no model runs.

    The figures are of authors that the weights had not seen: under the judges' labels, and under
    such with made errors. What ships is enrich/tagfit/weights.tsv.
    """
    from enrich.bundle import SHIPPED
    from enrich.taxonomy import Taxonomy
    from labels.train.data import GoldError
    from labels.train.tagfit.noise import Errors
    from labels.train.tagfit.run import TagfitConfig, TagfitError, train

    settings = place.settings
    calibration = _calibration(settings.model or SHIPPED)
    config = TagfitConfig(Errors(lost, won), seed=seed)
    try:
        found = train(gold, out, Taxonomy.load(settings.taxonomy), calibration, config)
    except (GoldError, TagfitError) as error:
        raise ForeseenError(str(error)) from None
    if as_json:
        emit_json(asdict(found))
    else:
        emit_text(
            f"{out}: {found.tags} tags, {found.bad} bad, threshold {found.threshold}; "
            f"right labels {found.clean.precision} / {found.clean.recall}, made errors "
            f"{found.erring.precision} / {found.erring.recall}, foreign {found.foreign}"
        )


def _calibration(bundle: Path) -> Calibration:
    """Return a bundle's thresholds without loading its model."""
    from enrich.bundle import Calibration

    file = bundle / "calibration.json"
    try:
        return Calibration.from_mapping(json.loads(file.read_text("utf-8")))
    except (OSError, TypeError, ValueError) as error:
        raise ForeseenError(f"{file} cannot be read ({error}); name a bundle: model") from None
