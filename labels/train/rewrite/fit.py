"""The training loop of names: batches, one of the losses, a moving average of the weights."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from enrich.encoder import padded
from labels.train.averaging import follow
from labels.train.base import Base
from labels.train.optimizer import FULL_RATE, set_rates
from labels.train.rewrite.config import FitConfig, Loss, RewriteConfig
from labels.train.rewrite.draw import Drawer
from labels.train.rewrite.kinship import Kin
from labels.train.rewrite.losses import hardest_loss, softmax_loss
from labels.train.rewrite.names import Names
from labels.train.rewrite.net import NameNet, net_of, tokens
from labels.train.watch import Watch

_PARTS = 3
"""Tensors that a batch is cut into, so that a long name pads few others."""

Look = Callable[[NameNet], dict[str, float]]
"""Figures of a network on held-out pairs."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """The averaged network and what was seen of it on the way."""

    net: NameNet
    looks: tuple[dict[str, float], ...]


@dataclass(frozen=True, slots=True)
class Job:
    """One model to fit: with which loss and which random numbers."""

    loss: Loss
    seed: int


def fit(
    base: Base, names: Names, config: RewriteConfig, job: Job, look: Look, watch: Watch
) -> Fitted:
    """Fit the base to the names; everything random follows from the job's seed."""
    torch.manual_seed(job.seed)
    rng = random.Random(f"{job.seed} names")  # noqa: S311 - nothing is kept secret by it
    settings = config.fit
    net = net_of(_with_dropout(base, settings.dropout))
    averaged = copy.deepcopy(net).eval()
    group = {"params": list(net.parameters()), FULL_RATE: settings.rate}
    optimizer = torch.optim.AdamW(
        [group], lr=settings.rate, weight_decay=settings.weight_decay, fused=True
    )
    drawer = Drawer(names, config.draw)
    rows = tokens(base.tokenizer, base.specials, names.texts)
    looks: list[dict[str, float]] = []
    loss = 0.0
    label = f"{job.loss}, seed {job.seed}"
    with watch.progress(label, settings.steps) as advance:
        for step in range(1, settings.steps + 1):
            set_rates(optimizer, (step - 0.5) / settings.steps, settings.warm_share)
            batch = drawer.batch(rng)
            found = _step(
                net, optimizer, _Batch(names, batch, rows, base.specials.pad), config, job
            )
            loss = found if step == 1 else 0.95 * loss + 0.05 * found
            follow(averaged, net, min(settings.average_decay, step / (step + 10)))
            advance(1)
            if step % settings.look_every == 0:
                figures = {"step": float(step), "loss": round(loss, 5), **look(averaged)}
                looks.append(figures)
                told = " ".join(f"{k} {v:.3f}" for k, v in figures.items() if k != "step")
                watch.log(f"{label}: step {step}: {told}")
    return Fitted(averaged, tuple(looks))


@dataclass(frozen=True, slots=True)
class _Batch:
    names: Names
    numbers: Sequence[int]
    rows: Sequence[list[int]]
    pad: int


def _step(
    net: NameNet,
    optimizer: torch.optim.Optimizer,
    batch: _Batch,
    config: RewriteConfig,
    job: Job,
) -> float:
    """Make one step and return the loss."""
    net.train()
    vectors = _vectors(net, batch, config.fit.half)
    wanted, refused = masks(batch.names, batch.numbers, config.fit.related_weight)
    loss = batch_loss(vectors @ vectors.T, wanted, refused, job.loss, config.fit)
    optimizer.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    optimizer.step()
    return float(loss.item())


def _vectors(net: NameNet, batch: _Batch, half: bool) -> Tensor:
    """Return the vectors of a batch in its order; names of like length share a tensor."""
    rows = [batch.rows[i] for i in batch.numbers]
    order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
    size = -(-len(rows) // _PARTS)
    parts = []
    for at in range(0, len(order), size):
        ids, mask = padded([rows[i] for i in order[at : at + size]], batch.pad)
        with torch.autocast("cpu", torch.bfloat16, enabled=half):
            parts.append(net(ids, mask).float())
    back = torch.empty(len(order), dtype=torch.long)
    back[torch.tensor(order)] = torch.arange(len(order))
    return torch.cat(parts)[back]


def batch_loss(
    similar: Tensor, wanted: Tensor, refused: Tensor, loss: Loss, settings: FitConfig
) -> Tensor:
    """Return the loss that is named, or both added."""
    total = torch.zeros(())
    if loss in ("softmax", "both"):
        total = total + softmax_loss(similar, wanted, refused, settings.temperature)
    if loss in ("hardest", "both"):
        weight = settings.hardest_weight if loss == "both" else 1.0
        total = total + weight * hardest_loss(similar, wanted, refused, settings.margin)
    return total


def masks(names: Names, batch: Sequence[int], related_weight: float) -> tuple[Tensor, Tensor]:
    """Return which pairs of a batch belong together, weighted, and which do not.

    A name that was drawn twice is no pair with itself.
    """
    kin = torch.from_numpy(names.kin(batch, batch).astype("int64"))
    numbers = torch.tensor(batch)
    other = numbers[:, None] != numbers[None, :]
    wanted = (kin == Kin.SAME).float() + related_weight * (kin == Kin.RELATED).float()
    return wanted * other, (kin == Kin.NONE) & other


def _with_dropout(base: Base, dropout: float) -> Base:
    config = {
        **base.config,
        "hidden_dropout_prob": dropout,
        "attention_probs_dropout_prob": dropout,
    }
    return Base(config, base.weights, base.tokenizer, base.specials, base.origin)
