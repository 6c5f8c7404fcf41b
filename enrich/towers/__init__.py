"""Two towers, one space: vectors of what stays of a post (pass 2), and of queries."""

from __future__ import annotations

from collections.abc import Sequence

from enrich.bundle import Bundle
from enrich.towers.text import vector_text
from enrich.windows import batches

__all__ = ["MAX_TOKENS", "SPACE", "mean_vectors", "vector_text"]

MAX_TOKENS = 64
SPACE = "mean-pooled encoder, title and first clauses, 64 tokens"


def mean_vectors(bundle: Bundle, texts: Sequence[str]) -> list[tuple[float, ...]]:
    """Return unit vectors of normalised texts, each cut to 64 tokens."""
    import torch

    if not texts:
        return []
    specials = bundle.specials
    encoded = bundle.tokenizer.encode_batch(list(texts), add_special_tokens=False)
    ids = [[specials.bos, *item.ids[: MAX_TOKENS - 2], specials.eos] for item in encoded]
    vectors: list[tuple[float, ...]] = [()] * len(texts)
    with torch.inference_mode():
        for group in batches([len(row) for row in ids]):
            longest = max(len(ids[i]) for i in group)
            padded = torch.full((len(group), longest), specials.pad)
            mask = torch.zeros((len(group), longest), dtype=torch.long)
            for row, i in enumerate(group):
                padded[row, : len(ids[i])] = torch.tensor(ids[i])
                mask[row, : len(ids[i])] = 1
            for i, vector in zip(group, bundle.model.pooled(padded, mask).tolist(), strict=True):
                vectors[i] = tuple(round(value, 6) for value in vector)
    return vectors
