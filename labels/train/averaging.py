"""Means of weights: over the steps of a run, with the base, over the seeds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor, nn

from labels.train.optimizer import trainable

State = Mapping[str, Tensor]


def follow(averaged: nn.Module, model: nn.Module, decay: float) -> None:
    """Move the average towards a model's present weights."""
    with torch.no_grad():
        news = trainable(model)
        for name, kept in averaged.named_parameters():
            if name in news:
                kept.lerp_(news[name], 1 - decay)


def mix(model: nn.Module, base: State, share: float) -> None:
    """Give ``base`` its share in a model's weights."""
    with torch.no_grad():
        for name, value in model.state_dict().items():
            if value.is_floating_point():
                value.lerp_(base[name].to(value.device), share)


def mean(states: Sequence[State]) -> dict[str, Tensor]:
    """Return the mean of every weight; what is no number with a fraction is the first's."""
    return {
        name: torch.stack([state[name].double() for state in states]).mean(dim=0).to(value.dtype)
        if value.is_floating_point()
        else value
        for name, value in states[0].items()
    }


def greedy(
    states: Sequence[State], scores: Sequence[float], score: Callable[[State], float]
) -> tuple[dict[str, Tensor], list[int]]:
    """Average the states, the best first, that do not lower the score of the mean.

    Returns the mean and the numbers of the states in it.
    """
    order = sorted(range(len(states)), key=lambda i: -scores[i])
    chosen, best = [order[0]], scores[order[0]]
    for number in order[1:]:
        found = score(mean([states[i] for i in [*chosen, number]]))
        if found >= best:
            chosen, best = [*chosen, number], found
    return mean([states[i] for i in chosen]), chosen
