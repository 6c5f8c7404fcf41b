"""The loop: batches of examples, one loss, a moving average of the weights."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor, nn

from enrich.encoder import padded
from enrich.towers.net import Side, TowerNet
from labels.train.averaging import follow
from labels.train.base import Base
from labels.train.optimizer import FULL_RATE, set_rates
from labels.train.rewrite.kinship import Kinship
from labels.train.towers.build import rows_of
from labels.train.towers.config import FitConfig, FormConfig
from labels.train.towers.draw import Drawer
from labels.train.towers.examples import Example, refused
from labels.train.towers.losses import softmax_loss
from labels.train.watch import Watch

_PARTS = 4
"""Tensors that a batch is cut into, so that a long text pads few others."""

Look = Callable[[TowerNet], dict[str, float]]
"""Figures of a network on what may be looked at."""


def fit(
    net: TowerNet,
    base: Base,
    form: FormConfig,
    drawer: Drawer,
    kin: Kinship,
    config: FitConfig,
    seed: int,
    look: Look,
    watch: Watch,
) -> tuple[TowerNet, list[dict[str, float]]]:
    """Train a network and return the averaged one and the looks on the way.

    Everything random follows from the seed.
    """
    torch.manual_seed(seed)
    rng = random.Random(f"{seed} towers")  # noqa: S311 - nothing is kept secret by it
    _freeze(net, config.frozen)
    averaged = copy.deepcopy(net).eval()
    optimizer = torch.optim.AdamW(_groups(net, config), weight_decay=config.weight_decay)
    looks: list[dict[str, float]] = []
    loss = 0.0
    label = f"{form.name}, seed {seed}"
    with watch.progress(label, config.steps) as advance:
        for step in range(1, config.steps + 1):
            set_rates(optimizer, (step - 0.5) / config.steps, config.warm_share)
            found = _step(net, optimizer, drawer.batch(rng), base, form, kin, config)
            loss = found if step == 1 else 0.95 * loss + 0.05 * found
            follow(averaged, net, min(config.average_decay, step / (step + 10)))
            advance(1)
            if step % config.look_every == 0 or step == config.steps:
                seen = {"step": float(step), "loss": round(loss, 4), **look(averaged)}
                looks.append(seen)
                watch.log(f"{label}: " + " ".join(f"{k} {v:.4g}" for k, v in seen.items()))
    return averaged, looks


def _step(
    net: TowerNet,
    optimizer: torch.optim.Optimizer,
    batch: Sequence[Example],
    base: Base,
    form: FormConfig,
    kin: Kinship,
    config: FitConfig,
) -> float:
    """Make one step and return the loss."""
    net.train()
    queries = [one.query for one in batch]
    wrong = [(row, item) for row, one in enumerate(batch) for item in one.wrong]
    posts = [one.right for one in batch] + [item for _, item in wrong]
    open_to = refused(queries, posts, kin)
    for column, (row, _) in enumerate(wrong, start=len(batch)):
        open_to[row, column] = True
    # A judged wrong post weighs as much as if it were drawn like its right one.
    log_q = [one.log_q for one in batch] + [batch[row].log_q for row, _ in wrong]
    similar = _encode(net, base, form, [q.text for q in queries], "query", config.half) @ _encode(
        net, base, form, [p.text for p in posts], "post", config.half
    ).transpose(0, 1)
    corrections = torch.tensor(log_q if config.log_q else [0.0] * len(posts))
    loss = softmax_loss(similar, corrections, torch.from_numpy(open_to), config.temperature)
    optimizer.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    optimizer.step()
    return float(loss.item())


def _encode(
    net: TowerNet, base: Base, form: FormConfig, texts: Sequence[str], side: Side, half: bool
) -> Tensor:
    """Return the vectors of texts in their order; texts of like length share a tensor."""
    rows = rows_of(base, form, texts, side)
    order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
    size = -(-len(rows) // _PARTS)
    parts = []
    for at in range(0, len(order), size):
        ids, mask = padded([rows[i] for i in order[at : at + size]], base.specials.pad)
        with torch.autocast("cpu", torch.bfloat16, enabled=half):
            parts.append(net(ids, mask, side))
    back = torch.from_numpy(np.argsort(np.array(order), kind="stable"))
    return torch.cat(parts)[back]


def _freeze(net: TowerNet, layers: int) -> None:
    if not layers:
        return
    kept = [net.encoder.embeddings, *net.encoder.encoder.layer[:layers]]
    for part in kept:
        part.requires_grad_(requires_grad=False)


def _groups(net: TowerNet, config: FitConfig) -> list[dict[str, object]]:
    inner = [p for p in net.encoder.parameters() if p.requires_grad]
    known = {id(p) for p in net.encoder.parameters()}
    head = [p for p in net.parameters() if id(p) not in known]
    return [
        {"params": inner, "lr": config.rate, FULL_RATE: config.rate},
        {"params": head, "lr": config.head_rate, FULL_RATE: config.head_rate},
    ]
