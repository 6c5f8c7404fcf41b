"""One run: states once, the head, its measure on positions it never saw, its files."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from enrich.bundle import FILES, SHIPPED, Bundle, bundle_digest, load_bundle
from enrich.names.bundle import NameHead, save_names
from enrich.names.net import NameTagger, TaggerShape
from enrich.taxonomy import Taxonomy
from labels.train.config_file import ConfigError, to_toml
from labels.train.data import Example, read_gold
from labels.train.folds import split
from labels.train.names.config import NamesConfig
from labels.train.names.draw import Drawer, drawn_positions, held_positions
from labels.train.names.features import compute, tags_of
from labels.train.names.fit import Taught, fit
from labels.train.names.measure import Measured, measure
from labels.train.watch import Watch

RUN = "names-run"
"""Folder beside the bundle's files that holds everything else of the run."""

_LOW = 0.05
"""Names are measured from this score on, so that a threshold can be chosen."""
_STEPS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)


@dataclass(frozen=True, slots=True)
class NamesReport:
    """The bundle's new digest, the threshold, and the figures at it.

    ``unknown``: of names whose positions the lexicon lacked; ``beside``: of what is found beside
    the whole lexicon.
    """

    digest: str
    threshold: float
    unknown: dict[str, Any]
    beside: dict[str, Any]


def train_names(
    config: NamesConfig, out: Path, taxonomy: Taxonomy, watch: Watch | None = None
) -> NamesReport:
    """Train the head and write a bundle with it to ``out``, the run to ``out/names-run``.

    The bundle's other files are copied where ``out`` is another folder.

    Raises:
        ConfigError: no judged file is named.
        GoldError: a judged file is malformed.
        SplitError: the posts cannot be parted as asked.
        BundleError: the bundle cannot be loaded.
    """
    watch = watch or Watch()
    if not config.gold:
        raise ConfigError("no judged file is named; give --gold or gold in --config")
    source = config.bundle or SHIPPED
    bundle = replace(load_bundle(source), names=None)
    run = out / RUN
    run.mkdir(parents=True, exist_ok=True)
    (run / "config.toml").write_text(to_toml(config), "utf-8")
    kept, held = split(read_gold(config.gold), config.held_out)
    drawer = Drawer(taxonomy)
    unseen = held_positions(taxonomy, config.held_positions, config.seed)
    watch.log(
        f"{len(kept)} posts to train on, {len(held)} held out; names of {len(unseen)} positions "
        "are not learnt"
    )
    tagger = _trained(config, bundle, drawer, kept, unseen, run, watch)
    open_head = replace(bundle, names=NameHead(tagger, _LOW, config.hired_from))
    unknown = measure(open_head, drawer.tasks(held, unseen), watch)
    beside = measure(open_head, drawer.tasks(held, ()), watch)
    threshold = unknown.threshold(config.precision)
    _write(run, config, {"unknown": unknown, "beside": beside}, threshold)
    if out.resolve() != source.resolve():
        for name in (*FILES, "card.md"):
            if (source / name).is_file():
                shutil.copyfile(source / name, out / name)
    head = NameHead(tagger, threshold, config.hired_from)
    save_names(out, head, out / "model.safetensors")
    return NamesReport(
        bundle_digest(out),
        threshold,
        unknown.at(threshold, config.hired_from),
        beside.at(threshold, config.hired_from),
    )


def _trained(
    config: NamesConfig,
    bundle: Bundle,
    drawer: Drawer,
    kept: Sequence[Example],
    unseen: frozenset[str],
    run: Path,
    watch: Watch,
) -> NameTagger:
    width = bundle.model.encoder.config.hidden_size
    shape = TaggerShape(config.layers, width, config.hidden)
    taught = []
    for number, share in enumerate(config.draws, 1):
        drawn = drawn_positions(drawer.taxonomy, share, f"draw:{number}")
        tasks = drawer.tasks(kept, drawn)
        states = run / "states"
        features = compute(bundle, shape, tasks, states, watch, bf16=config.bf16)
        tags = tuple(tags_of(tasks[seen.task], seen, unseen) for seen in features.windows)
        taught.append(Taught(features, tags))
    return fit(config, width, taught, watch)


def _write(run: Path, config: NamesConfig, measured: dict[str, Measured], threshold: float) -> None:
    """Write figures at many thresholds, and what was found; that holds text of judged posts."""
    figures = {
        name: [found.at(step, config.hired_from) for step in sorted({*_STEPS, threshold})]
        for name, found in measured.items()
    }
    text = json.dumps({"threshold": threshold, **figures}, indent=1)
    (run / "metrics.json").write_text(text + "\n", "utf-8")
    for name, found in measured.items():
        lines = (json.dumps(row, ensure_ascii=False) for row in found.rows())
        (run / f"{name}.jsonl").write_text("\n".join([*lines, ""]), "utf-8")
