"""One run: every form with every seed, the base beside them, one table, the best as a bundle."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from enrich.bundle import write_json
from enrich.taxonomy import Taxonomy
from enrich.text import normalize_query
from enrich.towers.bundle import save_towers
from enrich.towers.names import name_vectors
from enrich.towers.net import TowerNet
from labels.evaluate.relevance import GradedQuery, read_graded
from labels.train.base import Base
from labels.train.config_file import ConfigError, to_toml
from labels.train.towers import build
from labels.train.towers.base import EarlierTowers, load_start
from labels.train.towers.calibrate import floor_of
from labels.train.towers.card import card
from labels.train.towers.config import FormConfig, TowersConfig
from labels.train.towers.draw import Drawer, Sources
from labels.train.towers.examples import Makes
from labels.train.towers.fit import fit
from labels.train.towers.measure import Figures, Sets, measure
from labels.train.towers.mine import Encode, mine
from labels.train.towers.posts import ReadPost, balanced, is_held_out
from labels.train.towers.reading import Reader, read_texts
from labels.train.towers.table import Line, as_table
from labels.train.towers.written import SHIPPED, read_written
from labels.train.watch import Watch

_ALL_LAYERS = 48
_NAMELESS = 1000
"""Held-out posts that measure."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a run says at its end: the table, the form that is kept, its figures and its digest."""

    table: str
    kept: str
    figures: dict[str, Any]
    digest: str


@dataclass(frozen=True, slots=True)
class _Found:
    form: FormConfig
    seed: int
    net: TowerNet
    base: Base
    figures: Figures
    looks: list[dict[str, float]]

    @property
    def score(self) -> float:
        """Return what chooses: nDCG of the judged half that may be looked at, else nameless AUC."""
        for part, name in (("look", "ndcg@10"), ("nameless", "auc")):
            estimate = self.figures.get(part, {}).get(name)
            if estimate is not None:
                return estimate.value
        return 0.0


def train_towers(
    config: TowersConfig,
    out: Path,
    posts: Sequence[ReadPost],
    taxonomy: Taxonomy,
    reader: Reader,
    watch: Watch,
) -> Report:
    """Train every form with every seed, write the bundle of the best, and the folder run/.

    Args:
        config: the run.
        out: where the bundle is written.
        posts: real posts that the reality model has read.
        taxonomy: names of positions, and which are kin.
        reader: reads written and graded posts as the product does.
        watch: is told of the run.

    Raises:
        BaseError, ConfigError, WrittenError, RelevanceError, ReadFileError: what is named is not
            usable.
    """
    sources, sets = _material(config, posts, reader, watch)
    corpus = _corpus(config, sources, sets, taxonomy)
    base = load_start(config.base, _ALL_LAYERS, corpus)
    net, form = build.plain_base(base)
    makes = Makes(taxonomy, form)
    plain = measure(sets, makes, _encoder(net, base, form, config))
    watch.log(f"{form.name}: {told(plain)}")
    lines, found = [Line(form.name, plain)], []
    for one in config.forms:
        base = load_start(config.base, one.layers, corpus)
        for seed in config.seeds:
            trained = _train(config, one, seed, base, sources, sets, taxonomy, watch)
            watch.log(f"{one.name}, seed {seed}: {told(trained.figures)}")
            lines.append(Line(one.name, trained.figures))
            found.append(trained)
            _leave(out / "run", config, lines, found)
    best = max(found, key=lambda one: one.score)
    table = as_table(lines)
    kept = f"{best.form.name}, seed {best.seed}"
    queries = sets.graded.get("look", ())
    encode = _encoder(best.net, best.base, best.form, config)
    floor = floor_of(queries, sets.read, Makes(taxonomy, best.form), encode)
    digest = save_towers(
        out,
        best.net,
        best.base.tokenizer,
        best.base.config,
        best.base.specials,
        build.shape_of(best.form),
        {"floor": floor},
        name_vectors(taxonomy, lambda names: encode(names, "query"), watch.progress),
        card(config, best.form, best.base.origin, table, kept, len(sources.blocks)),
    )
    return Report(table, kept, told(best.figures), digest)


def told(figures: Figures) -> dict[str, Any]:
    """Return figures as plain values."""
    return {
        part: {name: round(value.value, 4) for name, value in named.items() if value is not None}
        for part, named in figures.items()
    }


def _material(
    config: TowersConfig, posts: Sequence[ReadPost], reader: Reader, watch: Watch
) -> tuple[Sources, Sets]:
    """Return what is learnt from and what measures, apart."""
    blocks = read_written(config.written or SHIPPED)
    graded: dict[str, tuple[GradedQuery, ...]] = {}
    for path in config.graded:
        for one in read_graded(path):
            half = one.half or path.stem
            graded[half] = (*graded.get(half, ()), one)
    texts = [(post.title, post.body) for block in blocks for post in block.posts]
    judged = [(p.title, p.body) for queries in graded.values() for q in queries for p in q.posts]
    read = read_texts([*texts, *judged], reader, config.read, watch)
    refused = _refused(config.exclude)
    seed = config.seeds[0]
    kept = balanced(posts, config.draw.most, seed, refused)
    held_out = [post for post in kept if is_held_out(post, config.held_out)]
    rng = np.random.default_rng(seed)
    chosen = sorted(rng.permutation(len(held_out))[:_NAMELESS].tolist())
    measured = {one.query for queries in graded.values() for one in queries} | refused
    sources = Sources(
        # A query that measures is not learnt, whoever wrote posts for it.
        tuple(block for block in blocks if block.query not in measured),
        read,
        tuple(post for post in kept if not is_held_out(post, config.held_out)),
    )
    watch.log(
        f"{len(sources.blocks)} of {len(blocks)} written queries, {len(sources.posts)} real posts; "
        f"{len(chosen)} held out"
    )
    return sources, Sets(graded, read, tuple(held_out[i] for i in chosen))


def _refused(paths: Sequence[Path]) -> frozenset[str]:
    """Return ids and companies of posts, and queries, that no training may see.

    Raises:
        ConfigError: a line is neither.
    """
    found: set[str] = set()
    for path in paths:
        if not path.is_file():
            raise ConfigError(f"exclude: {path} does not exist; name a JSONL file")
        for number, line in enumerate(path.read_text("utf-8").split("\n"), 1):
            if not line.strip():
                continue
            try:
                row = dict(json.loads(line))
            except (TypeError, ValueError):
                raise ConfigError(
                    f"exclude: {path}:{number}: no post and no query; name a JSONL file of objects "
                    "with id, company or query"
                ) from None
            found |= {str(row[name]) for name in ("id", "company", "query") if row.get(name)}
    return frozenset(found)


def _corpus(config: TowersConfig, sources: Sources, sets: Sets, taxonomy: Taxonomy) -> list[str]:
    """Return the texts that choose the vocabulary; written ones count thrice, as they are rare."""
    form = config.forms[0]
    prefixes = [build.shape_of(form).query_prefix, build.shape_of(form).post_prefix] * 10
    real = [f"{post.raw_title}\n{post.raw_body}" for post in (*sources.posts, *sets.nameless)]
    written = [f"{post.raw_title}\n{post.raw_body}" for post in sources.read.values()] * 3
    queries = [normalize_query(block.query) for block in sources.blocks] * 3
    return [*real, *written, *queries, *sorted(taxonomy.forms), *prefixes]


def _train(
    config: TowersConfig,
    form: FormConfig,
    seed: int,
    base: Base,
    sources: Sources,
    sets: Sets,
    taxonomy: Taxonomy,
    watch: Watch,
) -> _Found:
    """Train one form with one seed and measure it."""
    makes = Makes(taxonomy, form)
    net = build.net_of(base, form, config.fit.dropout)
    if form.pooling == "mean" and not isinstance(base, EarlierTowers):
        _start(net, base, form, makes, sources, half=config.fit.half)
    mined = mine(makes, sources.posts, config.draw, _encoder(net, base, form, config))
    drawer = Drawer(makes, config.draw, sources, mined)
    looked = Sets({name: q for name, q in sets.graded.items() if name == "look"}, sets.read)

    def look(now: TowerNet) -> dict[str, float]:
        seen = measure(looked, makes, _encoder(now, base, form, config)).get("look", {})
        return {name: value.value for name, value in seen.items() if value is not None}

    averaged, looks = fit(net, base, form, drawer, makes.kinship, config.fit, seed, look, watch)
    found = measure(sets, makes, _encoder(averaged, base, form, config))
    return _Found(form, seed, averaged, base, found, looks)


def _start(
    net: TowerNet, base: Base, form: FormConfig, makes: Makes, sources: Sources, *, half: bool
) -> None:
    """Give the projections a start from texts of both sources."""
    some = [
        *list(sources.read.values())[: build.SAMPLE // 2],
        *sources.posts[: build.SAMPLE // 2],
    ]
    rows = build.rows_of(base, form, [makes.texts(post)[0] for post in some], "post")
    build.keep_most(net, build.pooled_of(net, rows, base.specials.pad, half=half))


def _encoder(net: TowerNet, base: Base, form: FormConfig, config: TowersConfig) -> Encode:
    half = config.fit.half
    return lambda texts, side: build.vectors_of(net, base, form, texts, side, half=half)


def _leave(
    folder: Path, config: TowersConfig, lines: Sequence[Line], found: Sequence[_Found]
) -> None:
    """Write what a run leaves beside its bundle, after each model."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.toml").write_text(to_toml(config), "utf-8")
    (folder / "table.md").write_text(as_table(lines), "utf-8")
    models = [
        {"form": one.form.name, "seed": one.seed, "figures": told(one.figures), "looks": one.looks}
        for one in found
    ]
    rows = {"base": told(lines[0].figures), "models": models}
    write_json(folder / "metrics.json", rows)
