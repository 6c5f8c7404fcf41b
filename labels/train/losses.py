"""What a step makes smaller: the loss against judges and the loss against teachers."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from enrich.encoder import CLASSES, group_log_probabilities
from labels.train.data import IGNORED

_GROUPS = torch.tensor([0, 2, *[1] * (len(CLASSES) - 2)])
"""Of each class the group: hired, mentioned, nothing."""


def mention_loss(
    logits: Tensor, classes: Tensor, reason_weight: float, weights: Tensor | None = None
) -> Tensor:
    """Cross-entropy over hired / mentioned / none, plus the kind of mention where it is known.

    ``weights``: of each class; the mean is weighted by those of the mentions at hand.
    """
    known = classes != IGNORED
    logits, classes = logits[known], classes[known]
    if not len(classes):
        return logits.sum() * 0
    weight = torch.ones_like(logits[:, 0]) if weights is None else weights[classes]
    groups = _GROUPS.to(classes.device)[classes]
    each = nn.functional.nll_loss(group_log_probabilities(logits), groups, reduction="none")
    loss = _weighted(each, weight)
    named = classes >= 2
    if bool(named.any()):
        kinds = nn.functional.cross_entropy(
            logits[named][:, 2:], classes[named] - 2, reduction="none"
        )
        loss = loss + reason_weight * _weighted(kinds, weight[named])
    return loss


def soft_loss(logits: Tensor, targets: Tensor, temperature: float) -> Tensor:
    """Divergence from a teacher's softened probabilities (Hinton et al. 2015), per mention.

    Times the squared temperature, which keeps gradients of the size of the hard loss.
    """
    log_p = torch.log_softmax(logits / temperature, dim=1)
    divergence = nn.functional.kl_div(log_p, targets, reduction="batchmean")
    return divergence * temperature**2


def class_weights(given: Mapping[str, float]) -> Tensor | None:
    """Return the weight of every class, None where all are one."""
    if not given:
        return None
    return torch.tensor([given.get(name, 1.0) for name in CLASSES])


def _weighted(each: Tensor, weight: Tensor) -> Tensor:
    return (each * weight).sum() / weight.sum().clamp(min=1e-8)
