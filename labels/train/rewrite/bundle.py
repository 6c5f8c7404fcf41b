"""Writing the bundle of names that ``search.rewrite.encoder`` reads, and its card."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from enrich.bundle import write_json
from labels.train.base import Base
from labels.train.rewrite.config import RewriteConfig
from labels.train.rewrite.net import MAX_TOKENS, NameNet

_POSITIONS = "embeddings.position_embeddings.weight"


def save_names(
    folder: Path, net: NameNet, base: Base, calibration: Mapping[str, float], card: str
) -> None:
    """Write weights in half precision, config, tokenizer, calibration and card.

    Of the position embeddings only those that a name can reach are kept. ``calibration``:
    ``slope`` and ``shift`` from a cosine to a probability.
    """
    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    reached = MAX_TOKENS + 2
    weights = {
        name: (value[:reached] if name == _POSITIONS else value).detach().half().contiguous()
        for name, value in net.encoder.state_dict().items()
    }
    save_file(weights, folder / "model.safetensors")
    base.tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    encoder = {**base.config, "max_position_embeddings": reached}
    write_json(
        folder / "config.json",
        {"encoder": encoder, "specials": asdict(base.specials), "max_tokens": MAX_TOKENS},
    )
    write_json(folder / "calibration.json", dict(calibration))
    (folder / "card.md").write_text(card, "utf-8")


def file_digest(path: Path) -> dict[str, Any]:
    """Return a file's name, digest and size."""
    data = path.read_bytes()
    return {
        "file": path.name,
        "sha256": hashlib.sha256(data).hexdigest(),
        "bytes": len(data),
    }


def card(config: RewriteConfig, origin: str, table: str, kept: str) -> str:
    """Return the card of a bundle; ``table``: Markdown; ``kept``: the model that is in it."""
    return "\n".join(
        [
            "# Encoder of position names",
            "",
            "Unit vectors of Chinese names of positions; near ones may stand for each other.",
            "",
            f"- base: {origin}, first {config.layers} layers, vocabulary cut to names",
            "- trained on the taxonomy, on names composed of a deciding part and a head, and on",
            "  judged pairs of our own (the half that is looked at)",
            f"- kept: {kept}",
            "- limits: names of at most 16 tokens; a name alone, no sentence",
            "",
            table,
        ]
    )
