"""The network of both towers: one BERT encoder, pooling, and a projection for each side.

Query and post share the encoder (a Siamese form of the two towers of Huang et al. 2013, "Learning
deep structured semantic models for web search using clickthrough data") and differ in their
prefix and in their projection.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor, nn

from enrich.towers.text import Reads

Side = Literal["query", "post"]
Pooling = Literal["mean", "conv"]
_WIDTH = 3


@dataclass(frozen=True, slots=True)
class TowerShape:
    """What a vector is made of: everything that decides the space, beside the weights.

    ``reads``: what of a post; ``tokens``: most tokens of either side, special ones and prefix
    included; ``pooling``: the mean of the token states, or the maximum over a convolution of
    width 3 (Shen et al. 2014, "A latent semantic model with convolutional-pooling structure");
    ``dimensions``: length of a vector; the prefixes stand before the texts of each side.
    """

    reads: Reads = "lead"
    tokens: int = 64
    pooling: Pooling = "mean"
    dimensions: int = 256
    query_prefix: str = "query: "
    post_prefix: str = "passage: "

    def prefix(self, side: Side) -> str:
        """Return what stands before a text of that side."""
        return self.query_prefix if side == "query" else self.post_prefix


class TowerNet(nn.Module):
    """Encodes texts of either side to unit vectors."""

    def __init__(self, config: dict[str, Any], shape: TowerShape) -> None:
        """Build the network from a Hugging Face BERT ``config``; weights come later."""
        super().__init__()
        from transformers import BertConfig, BertModel

        self.encoder = BertModel(BertConfig(**config), add_pooling_layer=False)
        width = int(config["hidden_size"])
        self.convolution = (
            nn.Conv1d(width, width, _WIDTH, padding=_WIDTH // 2)
            if shape.pooling == "conv"
            else None
        )
        self.query = nn.Linear(width, shape.dimensions)
        self.post = nn.Linear(width, shape.dimensions)

    def pooled(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Return what the projections read, shape (texts, width)."""
        states = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        weight = mask[:, :, None].to(states.dtype)
        if self.convolution is None:
            mean = (states * weight).sum(dim=1) / weight.sum(dim=1)
            return nn.functional.normalize(mean.float(), dim=1)
        mixed = torch.tanh(self.convolution((states * weight).transpose(1, 2))).transpose(1, 2)
        return mixed.masked_fill(weight == 0, -1.0).amax(dim=1).float()

    def forward(self, ids: Tensor, mask: Tensor, side: Side) -> Tensor:
        """Return unit vectors in single precision, shape (texts, dimensions)."""
        projection = self.query if side == "query" else self.post
        return nn.functional.normalize(projection(self.pooled(ids, mask)).float(), dim=1)
