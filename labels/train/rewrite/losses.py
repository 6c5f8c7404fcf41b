"""Two losses over the similarities of all names of a batch.

Both read ``similar``, cosines of shape (names, names), and two masks of that shape: ``wanted``
(weights of pairs that belong together, zero elsewhere) and ``refused`` (pairs that do not). What
is in neither mask, a pair that the taxonomy leaves open, moves nothing.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


def softmax_loss(similar: Tensor, wanted: Tensor, refused: Tensor, temperature: float) -> Tensor:
    """Cross-entropy of each wanted pair against all refused ones of its first name.

    The in-batch softmax of Sohn 2016 ("Improved deep metric learning with multi-class N-pair loss
    objective"); several wanted names of one are judged one by one, as in Khosla et al. 2020
    ("Supervised contrastive learning").
    """
    logits = similar / temperature
    against = logits.masked_fill(~refused, float("-inf")).logsumexp(dim=1, keepdim=True)
    each = torch.logaddexp(logits, against.clamp(min=-1e4)) - logits
    return _mean(each, wanted)


def hardest_loss(similar: Tensor, wanted: Tensor, refused: Tensor, margin: float) -> Tensor:
    """Margin of each wanted pair over the most similar refused one of the batch.

    Triplet loss with the hardest negative in the batch: Schroff et al. 2015 ("FaceNet"), Hermans
    et al. 2017 ("In defense of the triplet loss").
    """
    hardest = similar.masked_fill(~refused, -1.0).amax(dim=1, keepdim=True)
    each = nn.functional.relu(margin + hardest - similar)
    return _mean(each, wanted)


def _mean(each: Tensor, weight: Tensor) -> Tensor:
    """Mean over the pairs of a name, then over the names: one with many kin counts once."""
    total = weight.sum(dim=1)
    found = total > 0
    rows = (each * weight).sum(dim=1)[found] / total[found]
    return rows.mean() if len(rows) else (each * 0).sum()
