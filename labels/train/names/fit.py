"""Training the head on kept states: seconds an epoch, since the encoder is frozen."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from enrich.names.net import NameTagger, TaggerShape
from labels.train.names.config import NamesConfig
from labels.train.names.features import UNSEEN, Features
from labels.train.watch import Watch

_POOL = 20
_DECAY = 0.01


@dataclass(frozen=True, slots=True)
class Taught:
    """The states of one draw and the tags of each of its windows."""

    features: Features
    tags: tuple[NDArray[np.int64], ...]


def fit(config: NamesConfig, width: int, taught: Sequence[Taught], watch: Watch) -> NameTagger:
    """Return the trained head; all that is random comes from the seed."""
    torch.manual_seed(config.seed)
    rng = random.Random(config.seed)  # noqa: S311 - no secret
    tagger = NameTagger(TaggerShape(config.layers, width, config.hidden))
    optimizer = torch.optim.AdamW(tagger.parameters(), lr=config.rate, weight_decay=_DECAY)
    windows = [(t, n) for t, draw in enumerate(taught) for n in range(len(draw.tags))]
    steps = config.epochs * len(_batches(taught, windows, config.batch, random.Random(0)))  # noqa: S311
    step = 0
    tagger.train()
    for epoch in range(config.epochs):
        total = 0.0
        chosen = _batches(taught, windows, config.batch, rng)
        with watch.progress(f"epoch {epoch + 1}", len(chosen)) as advance:
            for batch in chosen:
                for group in optimizer.param_groups:
                    group["lr"] = config.rate * (1 - step / steps)
                states, tags = _tensors(taught, batch)
                logits = tagger(states).flatten(0, 1)
                loss = nn.functional.cross_entropy(logits, tags.flatten(), ignore_index=UNSEEN)
                optimizer.zero_grad()
                loss.backward()  # type: ignore[no-untyped-call]
                optimizer.step()
                total += loss.item()
                step += 1
                advance(1)
        watch.log(f"epoch {epoch + 1}: loss {total / len(chosen):.4f}")
    return tagger.eval()


def _batches(
    taught: Sequence[Taught], windows: Sequence[tuple[int, int]], size: int, rng: random.Random
) -> list[list[tuple[int, int]]]:
    """Return random batches of windows of like length that teach something."""
    order = [(t, n) for t, n in windows if (taught[t].tags[n] != UNSEEN).any()]
    rng.shuffle(order)
    found: list[list[tuple[int, int]]] = []
    for at in range(0, len(order), _POOL * size):
        pool = sorted(order[at : at + _POOL * size], key=lambda w: len(taught[w[0]].tags[w[1]]))
        found.extend(pool[start : start + size] for start in range(0, len(pool), size))
    rng.shuffle(found)
    return found


def _tensors(
    taught: Sequence[Taught], batch: Sequence[tuple[int, int]]
) -> tuple[torch.Tensor, torch.Tensor]:
    tags = [torch.from_numpy(taught[t].tags[n]) for t, n in batch]
    states = [torch.from_numpy(taught[t].features.of(n).astype(np.float32)) for t, n in batch]
    pad = nn.utils.rnn.pad_sequence
    return pad(states, batch_first=True), pad(tags, batch_first=True, padding_value=UNSEEN)
