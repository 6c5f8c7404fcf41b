"""The in-batch softmax over the posts of a batch."""

from __future__ import annotations

import torch
from torch import Tensor


def softmax_loss(similar: Tensor, log_q: Tensor, refused: Tensor, temperature: float) -> Tensor:
    """Return the cross-entropy of each query's right post against its refused ones.

    Sampled softmax with the correction of Yi et al. 2019 ("Sampling-bias-corrected neural modeling
    for large corpus item recommendations"): a post that is drawn often is a negative often, so the
    logarithm of its chance is taken off its logit.

    Args:
        similar: cosines, shape (queries, posts); the right post of query i is post i.
        log_q: of each post, shape (posts,).
        refused: which posts count as wrong for a query, shape (queries, posts).
        temperature: divides the cosines.
    """
    queries = similar.shape[0]
    logits = similar / temperature - log_q[None, :]
    own = torch.zeros_like(refused)
    own[torch.arange(queries), torch.arange(queries)] = True
    logits = logits.masked_fill(~(refused | own), float("-inf"))
    return torch.nn.functional.cross_entropy(logits, torch.arange(queries))
