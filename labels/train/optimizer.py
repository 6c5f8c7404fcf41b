"""The optimizer's groups of parameters with their learning rates, and how those run."""

from __future__ import annotations

import re

import torch
from torch import nn

from enrich.encoder import RealityModel
from labels.train.config import FitConfig

_LAYER = re.compile(r"encoder\.encoder\.layer\.(\d+)\.")
FULL_RATE = "full_rate"
"""Entry of a group of parameters: its rate where nothing is warmed up or fallen."""


def freeze(model: RealityModel) -> None:
    """Keep the word embeddings: judged posts touch a few thousand of the pieces only."""
    model.encoder.embeddings.word_embeddings.weight.requires_grad_(False)


def trainable(model: nn.Module) -> dict[str, nn.Parameter]:
    """Return the parameters that training moves, by name."""
    return {name: value for name, value in model.named_parameters() if value.requires_grad}


def build_optimizer(model: RealityModel, config: FitConfig) -> torch.optim.AdamW:
    """Return AdamW over the head, each layer and the embeddings, each at its rate."""
    layers = int(model.encoder.config.num_hidden_layers)
    by_rate: dict[float, list[nn.Parameter]] = {}
    for name, parameter in trainable(model).items():
        by_rate.setdefault(rate_of(name, layers, config), []).append(parameter)
    groups = [{"params": found, "lr": rate, FULL_RATE: rate} for rate, found in by_rate.items()]
    return torch.optim.AdamW(groups, weight_decay=config.weight_decay)


def rate_of(name: str, layers: int, config: FitConfig) -> float:
    """Return a parameter's full learning rate; embeddings lie below the first layer."""
    if not name.startswith("encoder."):
        return config.head_rate
    layer = _LAYER.match(name)
    depth = layers - 1 - int(layer[1]) if layer else layers
    return config.encoder_rate * float(config.layer_decay**depth)


def set_rates(optimizer: torch.optim.Optimizer, done: float, warm_share: float) -> None:
    """Set all rates for the share of the run that is done: a rise, then a fall to zero."""
    rising = done / warm_share if warm_share else 1.0
    factor = min(1.0, rising, (1 - done) / (1 - warm_share))
    for group in optimizer.param_groups:
        group["lr"] = group[FULL_RATE] * max(factor, 0.0)
