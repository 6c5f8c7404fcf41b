"""The network: a BERT encoder and a head over mentions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from enrich.windows import Window

CLASSES = (
    "H",
    "X",
    "N:coop",
    "N:manage",
    "N:exp",
    "N:exclude",
    "N:career",
    "N:compare",
    "N:context",
    "N:bait",
    "N:other",
)
"""Order of the head's outputs: hired, no position, and the kinds of mentioned-only."""


@dataclass(frozen=True, slots=True)
class WindowBatch:
    """Padded windows; ``mentions`` rows are (window, start, end), ``title`` and ``body`` spans."""

    ids: Tensor
    mask: Tensor
    mentions: Tensor
    title: Tensor
    body: Tensor


def collate(windows: Sequence[Window], pad: int) -> WindowBatch:
    """Pad windows to one tensor of shape (windows, longest)."""
    ids, mask = padded([window.ids for window in windows], pad)
    mentions = [
        (row, start, end) for row, window in enumerate(windows) for _, start, end in window.mentions
    ]
    return WindowBatch(
        ids,
        mask,
        torch.tensor(mentions, dtype=torch.long).reshape(-1, 3),
        torch.tensor([window.title for window in windows]),
        torch.tensor([window.body for window in windows]),
    )


def padded(rows: Sequence[Sequence[int]], pad: int) -> tuple[Tensor, Tensor]:
    """Return token ids and their mask, both of shape (texts, longest)."""
    longest = max(map(len, rows))
    ids = torch.full((len(rows), longest), pad, dtype=torch.long)
    for row, found in enumerate(rows):
        ids[row, : len(found)] = torch.tensor(found)
    lengths = torch.tensor([len(found) for found in rows])
    return ids, (torch.arange(longest)[None, :] < lengths[:, None]).long()


class RealityModel(nn.Module):
    """Labels every mention of a window from its tokens, the title, the body and ``<s>``."""

    def __init__(self, config: dict[str, Any], hidden: int = 384, dropout: float = 0.1) -> None:
        """Build the network from a Hugging Face BERT ``config``; weights come later."""
        super().__init__()
        from transformers import BertConfig, BertModel

        self.encoder = BertModel(BertConfig(**config), add_pooling_layer=False)
        width = int(config["hidden_size"])
        self.head = nn.Sequential(
            nn.LayerNorm(6 * width),
            nn.Dropout(dropout),
            nn.Linear(6 * width, hidden),
            nn.GELU(),
            nn.Dropout(dropout),
            nn.Linear(hidden, len(CLASSES)),
        )

    def hidden_states(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Return the last layer, shape (windows, tokens, width)."""
        states: Tensor = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        return states

    def layer_states(self, ids: Tensor, mask: Tensor) -> tuple[Tensor, ...]:
        """Return the embeddings and every layer, each of shape (windows, tokens, width)."""
        found = self.encoder(input_ids=ids, attention_mask=mask, output_hidden_states=True)
        states: tuple[Tensor, ...] = found.hidden_states
        return states

    def forward(self, batch: WindowBatch) -> Tensor:
        """Return logits, shape (mentions, classes)."""
        return self.classify(self.hidden_states(batch.ids, batch.mask), batch)

    def classify(self, states: Tensor, batch: WindowBatch) -> Tensor:
        """Return logits of a batch's mentions from the last layer; shape (mentions, classes)."""
        sums = torch.cat([torch.zeros_like(states[:, :1]), states.cumsum(dim=1)], dim=1)
        row, start, end = batch.mentions.unbind(dim=1)
        features = torch.cat(
            [
                states[row, start],
                states[row, end - 1],
                _mean(sums, row, start, end),
                states[row, 0],
                _mean(sums, row, batch.title[row, 0], batch.title[row, 1]),
                _mean(sums, row, batch.body[row, 0], batch.body[row, 1]),
            ],
            dim=1,
        )
        logits: Tensor = self.head(features)
        return logits


def _mean(sums: Tensor, row: Tensor, start: Tensor, end: Tensor) -> Tensor:
    """Mean of states over ``[start, end)`` from their running sums; zero where empty."""
    total = sums[row, end] - sums[row, start]
    return total / (end - start).clamp(min=1)[:, None]


def group_log_probabilities(logits: Tensor) -> Tensor:
    """Return log-probabilities of (H, N, X), the N kinds summed; shape (mentions, 3)."""
    log_p = torch.log_softmax(logits, dim=1)
    return torch.stack([log_p[:, 0], torch.logsumexp(log_p[:, 2:], dim=1), log_p[:, 1]], dim=1)
