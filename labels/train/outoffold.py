"""Judging every post by a model that was not trained on its employer or author."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from torch import Tensor

from labels.train.data import Example
from labels.train.folds import folds, split
from labels.train.one import Setting, train_one
from labels.train.view import judge_examples


def out_of_fold(
    setting: Setting, run: Path, examples: Sequence[Example]
) -> dict[tuple[int, int], Tensor]:
    """Train a model a fold and return the logits of the posts that it has not seen.

    Early stopping looks at a held-out part of what a fold trains on, never at the fold itself.
    Writes ``out_of_fold.jsonl``: post, number of the mention, logits.
    """
    config = setting.config
    seed = config.seeds[0]
    places = {id(example): number for number, example in enumerate(examples)}
    found: dict[tuple[int, int], Tensor] = {}
    for number, (rest, fold) in enumerate(folds(examples, config.data.folds), start=1):
        posts = split(rest, config.data.held_out) if config.fit.patience else (rest, [])
        trained = train_one(setting, run / f"fold-{number}", posts, (seed, seed))
        for (post, mention), logits in judge_examples(trained.bundle, setting.reader, fold).items():
            found[places[id(fold[post])], mention] = logits
    lines = (
        json.dumps([examples[post].id, mention, [round(v, 4) for v in logits.tolist()]])
        for (post, mention), logits in sorted(found.items(), key=lambda item: item[0])
    )
    (run / "out_of_fold.jsonl").write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return found
