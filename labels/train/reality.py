"""Training the reality model: which positions of a post are hired, mentioned only, or none."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from enrich.bundle import Calibration, save_bundle
from enrich.lexicon import Lexicon
from enrich.taxonomy import Taxonomy
from labels.evaluate.calibration import fit_scaling, with_thresholds
from labels.train.base import Base, base_digest, load_base
from labels.train.card import card
from labels.train.config import RunConfig
from labels.train.config_file import ConfigError, to_toml
from labels.train.corpus import corpus_reader
from labels.train.data import Example, read_gold, texts
from labels.train.distill import soft_items
from labels.train.figures import measure
from labels.train.folds import split
from labels.train.items import Reader
from labels.train.one import Setting
from labels.train.outoffold import out_of_fold
from labels.train.report import data_digests, data_summary, write_json, write_pictures
from labels.train.scoring import Scores, choose_threshold, score_words, sure_threshold
from labels.train.seeds import Merged, train_seeds
from labels.train.view import View, judge_examples
from labels.train.watch import Watch

RUN = "run"
"""Folder beside the bundle's files that holds everything else of the run."""


@dataclass(frozen=True, slots=True)
class TrainReport:
    """What a run printed last: the bundle's digest, its threshold and the held-out figures."""

    digest: str
    threshold: float
    held_out: Scores


def train_reality(
    config: RunConfig, out: Path, watch: Watch | None = None, *, fresh: bool = False
) -> TrainReport:
    """Train on judged files; write a bundle to ``out`` and the run to ``out/run``.

    A run that was interrupted goes on where it stood; ``fresh`` starts over.

    Raises:
        ConfigError: no judged file is named.
        GoldError: a judged file is malformed.
        SplitError: the posts cannot be held out or folded as asked.
        BaseError: the base cannot be loaded.
        CheckpointError: ``out/run`` holds another run.
    """
    watch = watch or Watch()
    if not config.data.judged:
        raise ConfigError("no judged file is named; give --gold, data.gold or --written")
    run = out / RUN
    if fresh:
        shutil.rmtree(run, ignore_errors=True)
    examples = read_gold(config.data.judged)
    kept, held = split(examples, config.data.held_out, config.data.held_out_groups)
    watch.log(f"{len(kept)} posts to train on, {len(held)} held out")
    digests = data_digests(config)
    setting = _prepare(config, examples, digests, run, watch)
    write_json(run / "data.json", {"files": digests, **data_summary(kept, held)})
    (run / "config.toml").write_text(to_toml(config), "utf-8")
    folded = out_of_fold(setting, run, examples) if config.data.folds else {}
    merged = train_seeds(setting, run, kept, held)
    views = {
        "held_out": View(held, judge_examples(merged.bundle, setting.reader, held), Calibration()),
        "out_of_fold": View(examples, folded, Calibration()),
    }
    views = {name: _calibrated(config, view) for name, view in views.items() if view.logits}
    figures = _figures(config, run, merged, views)
    calibration = next(
        (view.calibration for view in views.values()), setting.base.calibration or Calibration()
    )
    seen = views.get("held_out")
    scores = score_words(held, seen.verdicts if seen else {}, calibration.threshold)
    watch.log(f"held out: {scores if held else 'none'}; threshold {calibration.threshold}")
    base = setting.base
    text = card(config, base.origin, len(kept), calibration, figures)
    model = merged.bundle.model
    digest = save_bundle(out, model, base.tokenizer, base.config, base.specials, calibration, text)
    return TrainReport(digest, calibration.threshold, scores)


def _prepare(
    config: RunConfig,
    examples: Sequence[Example],
    digests: list[dict[str, Any]],
    run: Path,
    watch: Watch,
) -> Setting:
    """Load the base and hear the teachers."""
    corpus = corpus_reader(config.data.corpus)
    model = config.model
    base = load_base(model.base, model.layers, chain(texts(examples), corpus()))
    pieces, layers = base.config["vocab_size"], base.config["num_hidden_layers"]
    watch.log(f"base {base.origin}: {pieces} pieces, {layers} layers")
    run.mkdir(parents=True, exist_ok=True)
    soft = (
        soft_items(
            config.distill,
            Reader(base.tokenizer, base.specials, model.window),
            Lexicon(Taxonomy.load()),
            config.fit.device,
            run / "taught.safetensors",
            watch,
        )
        if config.distill.teachers
        else []
    )
    return Setting(config, base, soft, _identity(config, digests, base), watch)


def _identity(config: RunConfig, digests: list[dict[str, Any]], base: Base) -> str:
    """Digest what decides the weights of every model of a run."""
    kept = config.model_dump(
        mode="json",
        include={"model": True, "fit": True, "augment": True, "distill": True},
        exclude={"fit": {"checkpoint_every"}},
    )
    content = [kept, [d["sha256"] for d in digests], base_digest(base)]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _calibrated(config: RunConfig, view: View) -> View:
    """Fit scaling and thresholds on posts that were not trained on."""
    logits, groups, _ = view.judged_logits()
    scaling = fit_scaling(logits, groups, config.calibration.method)
    found = View(view.examples, view.logits, scaling).verdicts
    threshold = choose_threshold(view.examples, found)
    wanted = config.calibration.hired_precision
    sure = sure_threshold(view.examples, found, threshold, wanted)
    return View(view.examples, view.logits, with_thresholds(scaling, threshold, sure))


def _figures(
    config: RunConfig, run: Path, merged: Merged, views: dict[str, View]
) -> dict[str, Any]:
    """Measure every view, and write figures and pictures."""
    taxonomy = Taxonomy.load()
    method = config.calibration.method
    found: dict[str, Any] = {"seeds": merged.seeds, "spread": merged.spread, "kept": merged.kept}
    for name, view in views.items():
        found[name] = measure(view, taxonomy, method)
        folder = run / name
        folder.mkdir(exist_ok=True)
        write_pictures(folder, name.replace("_", " "), view, method)
    write_json(run / "metrics.json", found)
    return found
