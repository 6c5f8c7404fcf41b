"""From texts to vectors: tokens of one side, batches by length, unit vectors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from enrich.towers.text import query_text
from enrich.windows import Specials, Tokenizer, batches

if TYPE_CHECKING:
    from enrich.towers.net import Side, TowerNet, TowerShape

Vectors = np.ndarray[Any, np.dtype[np.float32]]


def tokens(
    tokenizer: Tokenizer, specials: Specials, texts: Sequence[str], shape: TowerShape, side: Side
) -> list[list[int]]:
    """Return the ids of texts of one side in their special tokens, cut to the shape's length."""
    prefix = shape.prefix(side)
    if side == "query":
        texts = [query_text(text) for text in texts]
    encoded = tokenizer.encode_batch([prefix + text for text in texts], add_special_tokens=False)
    room = shape.tokens - 2
    return [[specials.bos, *item.ids[:room], specials.eos] for item in encoded]


def encode(net: TowerNet, rows: Sequence[Sequence[int]], pad: int, side: Side) -> Vectors:
    """Return the unit vectors of tokenised texts, shape (texts, dimensions)."""
    import torch

    from enrich.encoder import padded

    found: Vectors = np.zeros((len(rows), net.post.out_features), dtype=np.float32)
    with torch.inference_mode():
        for group in batches([len(row) for row in rows]):
            found[group] = net(*padded([rows[i] for i in group], pad), side).numpy()
    return found
