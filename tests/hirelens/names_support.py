"""The tiny bundle with a head that has learnt one name which no lexicon knows."""

from __future__ import annotations

import shutil
from pathlib import Path

NAME = "餐月工"
"""No form covers it; its characters are in the tiny vocabulary."""
_TEXTS = (
    "招餐月工,包吃住",
    "餐月工不如送餐员",
    "保安不如餐月工的了",
    "会计工资月休,餐月工双休",
    "仓库管理,产品工资,包住包吃",
    "重庆长沙,月休双休",
    "送餐员月资元,招保安",
)


def bundle_with_head(bundle: Path, folder: Path, hired_from: float, threshold: float = 0.5) -> Path:
    """Copy a bundle and give it a head that finds ``NAME``; others are hired from the share on."""
    from enrich.bundle import load_bundle
    from enrich.lexicon import Lexicon
    from enrich.names.bundle import NameHead, save_names
    from enrich.names.net import TaggerShape
    from enrich.taxonomy import Taxonomy
    from enrich.windows import MarkedText
    from labels.train.data import Example
    from labels.train.names.config import NamesConfig
    from labels.train.names.draw import Drawer
    from labels.train.names.features import compute, tags_of
    from labels.train.names.fit import Taught, fit
    from labels.train.watch import Watch

    shutil.copytree(bundle, folder)
    loaded = load_bundle(bundle)
    taxonomy = Taxonomy.load()
    lexicon = Lexicon(taxonomy)
    examples = []
    for number, text in enumerate(_TEXTS * 3):
        at = text.find(NAME)
        spans = {(m.start, m.end): 0 for m in lexicon.find(text)}
        if at >= 0:
            met = [span for span in spans if span[0] < at + 3 and span[1] > at]
            assert not met, "the name must be unknown"
            spans[at, at + len(NAME)] = 0
        marked = MarkedText(text, tuple(sorted(spans)))
        empty = MarkedText("", ())
        parts = (marked, empty) if number % 2 else (empty, marked)
        examples.append(Example(f"n{number}", f"g{number}", *parts, (0,) * len(spans)))
    tasks = Drawer(taxonomy).tasks(examples, ())
    shape = TaggerShape((0, 1), 16, 24)
    features = compute(loaded, shape, tasks, folder / "states", Watch())
    tags = tuple(tags_of(tasks[s.task], s, frozenset()) for s in features.windows)
    config = NamesConfig(layers=(0, 1), hidden=24, epochs=60, batch=4, rate=2e-2)
    tagger = fit(config, 16, [Taught(features, tags)], Watch())
    shutil.rmtree(folder / "states")
    save_names(folder, NameHead(tagger, threshold, hired_from), folder / "model.safetensors")
    return folder
