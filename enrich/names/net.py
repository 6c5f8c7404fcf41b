"""The head that tags tokens as beginning, inside or outside a position's name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

TAGS = ("O", "B", "I")
"""Order of the head's outputs (Ramshaw and Marcus, "Text Chunking using Transformation-Based
Learning", 1995): outside a name, its first token, its other tokens."""


@dataclass(frozen=True, slots=True)
class TaggerShape:
    """``layers``: whose states are read (0: embeddings); ``width``: of one of them."""

    layers: tuple[int, ...] = (3, 6)
    width: int = 384
    hidden: int = 96


class NameTagger(nn.Module):
    """Tags each token from the states of itself and its two neighbours."""

    def __init__(self, shape: TaggerShape, dropout: float = 0.2) -> None:
        """Build the head; weights come later."""
        super().__init__()
        self.shape = shape
        size = shape.width * len(shape.layers)
        self.scale = nn.LayerNorm(size)
        self.dropout = nn.Dropout(dropout)
        self.look = nn.Conv1d(size, shape.hidden, kernel_size=3, padding=1)
        self.tag = nn.Linear(shape.hidden, len(TAGS))

    def forward(self, states: Tensor) -> Tensor:
        """Return logits, shape (windows, tokens, tags), of states (windows, tokens, size)."""
        read = self.dropout(self.scale(states)).transpose(1, 2)
        seen = nn.functional.gelu(self.look(read)).transpose(1, 2)
        logits: Tensor = self.tag(self.dropout(seen))
        return logits


def read_layers(shape: TaggerShape, layers: Sequence[Tensor]) -> Tensor:
    """Return what the head reads of an encoder's layers, shape (windows, tokens, size)."""
    return torch.cat([layers[number] for number in shape.layers], dim=2)
