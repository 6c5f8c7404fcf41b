"""Pass 2: vectors of what stays of a post, and of queries, in one space."""

from __future__ import annotations

from collections.abc import Sequence

from enrich.bundle import Bundle
from enrich.text import GAP, clauses
from enrich.windows import batches

MAX_TOKENS = 64
MAX_CLAUSES = 12
SPACE = "mean-pooled encoder, title and first clauses, 64 tokens"


def vector_text(clean_title: str, clean_body: str) -> str:
    """Return the text that pass 2 reads: the clean title and the first clauses of the body.

    Gaps vanish here, so that what was stripped leaves no trace in the vector.
    """
    parts = [
        text[clause.start : clause.end]
        for text in (clean_title, clean_body)
        for clause in clauses(text.replace(GAP, "\n"))[:MAX_CLAUSES]
    ]
    return ",".join(parts)


def encode(bundle: Bundle, texts: Sequence[str]) -> list[tuple[float, ...]]:
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
