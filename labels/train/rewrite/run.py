"""One run: every seed, the baselines, one table, the bundle of the best seed and what it leaves."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from enrich.bundle import write_json
from enrich.taxonomy import Taxonomy
from labels.train.base import Base, load_base
from labels.train.config_file import ConfigError, to_toml
from labels.train.rewrite import measure
from labels.train.rewrite.bundle import card, file_digest, save_names
from labels.train.rewrite.config import Loss, RewriteConfig
from labels.train.rewrite.fit import Fitted, Job, fit
from labels.train.rewrite.measure import Sets
from labels.train.rewrite.names import gather
from labels.train.rewrite.net import NameNet, encode, net_of, tokens
from labels.train.rewrite.pairs import Pair, held_out_pairs, is_held_out, read_judged
from labels.train.rewrite.slots import composed
from labels.train.rewrite.table import Line, as_table
from labels.train.watch import Watch

PREFIX = "query: "
"""What the base wants before a text that is compared; the unsupervised form is measured with it."""
_UNSEEN = 2000
_LOOK_SHARE = 0.25
_ALL_LAYERS = 48


@dataclass(frozen=True, slots=True)
class Report:
    """What a run says at its end: the table, the model that is kept and its figures."""

    table: str
    kept: str
    figures: dict[str, Any]
    calibration: dict[str, float]


@dataclass(frozen=True, slots=True)
class _Found:
    """A trained model with its measures; ``score`` is to become large."""

    loss: Loss
    seed: int
    fitted: Fitted
    calibration: dict[str, float]
    figures: dict[str, Any]

    @property
    def score(self) -> float:
        """Return the mean AUC of the sets that may be looked at."""
        found = [self.figures[name]["auc"] for name in ("unseen", "look") if name in self.figures]
        return float(sum(found) / len(found))


def train_rewrite(config: RewriteConfig, out: Path, taxonomy: Taxonomy, watch: Watch) -> Report:
    """Train every loss with every seed, write the bundle of the best, and the folder run/.

    Raises:
        BaseError: no usable base.
        ConfigError: nothing is left to choose a threshold on.
        PairsError: a file of judged pairs is wrong.
    """
    judged = [pair for path in config.judged for pair in read_judged(path)]
    sets, learnt = _parted(taxonomy, config, judged)
    names = gather(taxonomy, composed(), learnt, config.held_out)
    watch.log(f"{len(names.texts)} names, {len(learnt)} judged pairs, {len(sets.unseen)} unseen")
    corpus = [*sorted(taxonomy.forms), *names.texts, *[PREFIX] * 10]
    lines = _baselines(config, corpus, sets, watch)
    base = load_base(config.base, config.layers, corpus)
    found: list[_Found] = []
    for loss in config.losses:
        for seed in config.seeds:
            one = _train(base, names, config, loss, seed, sets, watch)
            found.append(one)
            lines.append(Line(loss, one.figures))
    best = max(found, key=lambda one: one.score)
    table = as_table(lines)
    kept = f"{best.loss}, seed {best.seed}"
    save_names(out, best.fitted.net, base, best.calibration, card(config, base.origin, table, kept))
    _leave(out / "run", config, found, lines, table)
    return Report(table, kept, best.figures, best.calibration)


def _parted(
    taxonomy: Taxonomy, config: RewriteConfig, judged: Sequence[Pair]
) -> tuple[Sets, list[Pair]]:
    """Return the measuring sets, and the judged pairs that are learnt."""
    unseen = held_out_pairs(taxonomy, config.held_out)
    # The same two thousand for the same taxonomy: looking must not cost more than training.
    rng = random.Random("unseen")  # noqa: S311 - nothing is kept secret by it
    unseen = tuple(rng.sample(unseen, min(_UNSEEN, len(unseen))))
    look = [pair for pair in judged if pair.kind == "look"]
    kept = tuple(pair for pair in look if is_held_out(pair.query, _LOOK_SHARE))
    blind = tuple(pair for pair in judged if pair.kind == "blind")
    hidden = {(p.query, p.candidate) for p in (*kept, *blind)}
    hidden |= {(candidate, query) for query, candidate in hidden}
    learnt = [p for p in look if (p.query, p.candidate) not in hidden]
    sets = Sets(unseen, tuple(dict.fromkeys(kept)), tuple(dict.fromkeys(blind)))
    if {pair.label > 0 for pair in sets.calibrating} != {True, False}:
        raise ConfigError(
            "held_out: no right and wrong pairs are left to choose a threshold on; "
            "set it above 0, or give more judged pairs"
        )
    return sets, learnt


def _baselines(
    config: RewriteConfig, corpus: Sequence[str], sets: Sets, watch: Watch
) -> list[Line]:
    """Return the base as it comes, all its layers and those that are kept, with its prefix."""
    lines = []
    for layers in (_ALL_LAYERS, config.layers):
        base = load_base(config.base, layers, corpus)
        net = net_of(base)
        found = measure.cosines(lambda texts: _encode(net, base, texts, PREFIX), sets)  # noqa: B023
        threshold = _threshold(measure.calibrate(found, sets.calibrating, config.precision))
        figures = measure.figures(found, sets, threshold)
        count = base.config["num_hidden_layers"]
        lines.append(Line(f"the base as it comes, {count} layers", figures))
        watch.log(f"base, {count} layers: {figures}")
    return lines


def _train(
    base: Base,
    names: Any,  # noqa: ANN401
    config: RewriteConfig,
    loss: Loss,
    seed: int,
    sets: Sets,
    watch: Watch,
) -> _Found:
    def look(net: NameNet) -> dict[str, float]:
        return measure.look_figures(
            measure.cosines(lambda texts: _encode(net, base, texts), looked), looked
        )

    looked = Sets(sets.unseen, sets.look)
    fitted = fit(base, names, config, Job(loss, seed), look, watch)
    found = measure.cosines(lambda texts: _encode(fitted.net, base, texts), sets)
    calibration = measure.calibrate(found, sets.calibrating, config.precision)
    figures = measure.figures(found, sets, _threshold(calibration))
    watch.log(f"{loss}, seed {seed}: {figures}")
    return _Found(loss, seed, fitted, calibration, figures)


def _encode(net: NameNet, base: Base, texts: Sequence[str], prefix: str = "") -> Any:  # noqa: ANN401
    rows = tokens(base.tokenizer, base.specials, [prefix + text for text in texts])
    return encode(net, rows, base.specials.pad)


def _threshold(calibration: Mapping[str, float]) -> float:
    return -calibration["shift"] / calibration["slope"]


def _leave(
    folder: Path, config: RewriteConfig, found: Sequence[_Found], lines: Sequence[Line], table: str
) -> None:
    """Write what a run leaves beside its bundle."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.toml").write_text(to_toml(config), "utf-8")
    (folder / "table.md").write_text(table, "utf-8")
    write_json(folder / "data.json", [file_digest(path) for path in config.judged])
    models = [
        {
            "loss": one.loss,
            "seed": one.seed,
            "score": one.score,
            "calibration": one.calibration,
            "figures": one.figures,
            "looks": one.fitted.looks,
        }
        for one in found
    ]
    baselines = [{"name": line.name, "figures": line.figures} for line in lines[:2]]
    write_json(folder / "metrics.json", {"baselines": baselines, "models": models})
