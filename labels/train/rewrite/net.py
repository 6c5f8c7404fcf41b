"""The network of names: a BERT encoder whose mean over all tokens is the name's vector."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from enrich.encoder import padded
from enrich.windows import Specials, Tokenizer, batches
from labels.train.base import Base

MAX_TOKENS = 16
"""Tokens of a name that are read, beside the two special ones."""

Vectors = np.ndarray[Any, np.dtype[np.float32]]


class NameNet(nn.Module):
    """Encodes names to unit vectors."""

    def __init__(self, config: dict[str, Any]) -> None:
        """Build the network from a Hugging Face BERT ``config``; weights come later."""
        super().__init__()
        from transformers import BertConfig, BertModel

        self.encoder = BertModel(BertConfig(**config), add_pooling_layer=False)

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Return unit vectors, shape (names, width)."""
        states = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        weight = mask[:, :, None].to(states.dtype)
        return nn.functional.normalize((states * weight).sum(dim=1).float(), dim=1)


def net_of(base: Base) -> NameNet:
    """Return the network with a base's weights."""
    net = NameNet(base.config)
    net.encoder.load_state_dict(base.weights)
    return net


def tokens(tokenizer: Tokenizer, specials: Specials, texts: Sequence[str]) -> list[list[int]]:
    """Return the ids of names in their special tokens."""
    encoded = tokenizer.encode_batch(list(texts), add_special_tokens=False)
    return [[specials.bos, *item.ids[:MAX_TOKENS], specials.eos] for item in encoded]


def encode(net: NameNet, rows: Sequence[Sequence[int]], pad: int) -> Vectors:
    """Return the vectors of tokenised names, shape (names, width), in single precision."""
    net.eval()
    found: Vectors = np.zeros((len(rows), net.encoder.config.hidden_size), dtype=np.float32)
    with torch.inference_mode():
        for group in batches([len(row) for row in rows], budget=2048):
            found[group] = net(*padded([rows[i] for i in group], pad)).numpy()
    return found
