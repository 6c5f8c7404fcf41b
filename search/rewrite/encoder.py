"""Vectors of position names from the shipped bi-encoder, computed with numpy alone.

A name is a handful of tokens, so four layers cost a few milliseconds without torch, whose import
alone would cost seconds. Names of equal length are computed together: nothing is padded.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from enrich.bundle import files_digest
from enrich.text import normalize_query
from enrich.windows import Specials, Tokenizer, load_tokenizer

Array = np.ndarray[Any, np.dtype[np.float32]]

SHIPPED = Path(__file__).parent / "artefacts" / "names"
_BATCH = 256
_REMEDY = "restore its files, or train one with 'hirelens train rewrite'"


class NameEncoderError(ValueError):
    """A bundle is missing or broken; the message names the file and the remedy."""


@dataclass(frozen=True, slots=True)
class NameEncoder:
    """Encodes names; ``slope`` and ``shift`` lead from a cosine to a probability.

    ``weights``: by the names of transformers' BERT; word embeddings stay in half precision.
    ``digest``: over the files of the bundle.
    """

    weights: Mapping[str, Array]
    tokenizer: Tokenizer
    specials: Specials
    layers: int
    heads: int
    epsilon: float
    max_tokens: int
    slope: float
    shift: float
    digest: str

    @classmethod
    def load(cls, folder: Path = SHIPPED) -> NameEncoder:
        """Load a bundle.

        Raises:
            NameEncoderError: a file is missing or does not fit the others.
        """
        digest = bundle_digest(folder)
        try:
            return _load(folder, digest)
        except Exception as error:  # safetensors and tokenizers raise nothing narrower in common
            raise NameEncoderError(
                f"name encoder {folder} is broken ({type(error).__name__}: {error}); {_REMEDY}"
            ) from error

    @property
    def width(self) -> int:
        """Return the length of a vector."""
        return int(self.weights["embeddings.word_embeddings.weight"].shape[1])

    @property
    def threshold(self) -> float:
        """Return the cosine from which on a name may stand for another."""
        return -self.shift / self.slope

    def encode(self, texts: Sequence[str]) -> Array:
        """Return unit vectors, shape (texts, width); texts are normalised here.

        Names longer than ``max_tokens`` are cut; one without any token is all zeros.
        """
        found: Array = np.zeros((len(texts), self.width), dtype=np.float32)
        encoded = self.tokenizer.encode_batch(
            [normalize_query(text) for text in texts], add_special_tokens=False
        )
        by_length: defaultdict[int, list[int]] = defaultdict(list)
        for number, item in enumerate(encoded):
            if item.ids:
                by_length[min(len(item.ids), self.max_tokens)].append(number)
        for length, numbers in sorted(by_length.items()):
            for at in range(0, len(numbers), _BATCH):
                part = numbers[at : at + _BATCH]
                ids = np.array(
                    [[self.specials.bos, *encoded[i].ids[:length], self.specials.eos] for i in part]
                )
                found[part] = self._forward(ids)
        return found

    def probability(self, cosines: Array | float) -> Array:
        """Return the chance, 0 to 1, that names of these cosines may stand for each other.

        It is 0.5 at the threshold.
        """
        logits = self.slope * np.asarray(cosines, dtype=np.float32) + self.shift
        return np.asarray(1 / (1 + np.exp(-logits)), dtype=np.float32)

    def _forward(self, ids: np.ndarray[Any, np.dtype[np.int64]]) -> Array:
        """Return unit mean vectors of token ids, shape (names, tokens)."""
        w = self.weights
        states = (
            w["embeddings.word_embeddings.weight"][ids].astype(np.float32)
            + w["embeddings.position_embeddings.weight"][None, : ids.shape[1]]
            + w["embeddings.token_type_embeddings.weight"][0]
        )
        states = self._normal(states, "embeddings.LayerNorm")
        for number in range(self.layers):
            layer = f"encoder.layer.{number}"
            mixed = self._attention(states, f"{layer}.attention")
            inner = _gelu(self._linear(mixed, f"{layer}.intermediate.dense"))
            states = self._normal(
                self._linear(inner, f"{layer}.output.dense") + mixed, f"{layer}.output.LayerNorm"
            )
        mean = states.mean(axis=1)
        return np.asarray(mean / np.linalg.norm(mean, axis=1, keepdims=True))

    def _attention(self, states: Array, part: str) -> Array:
        names, tokens, width = states.shape
        size = width // self.heads

        def split(which: str) -> Array:
            value = self._linear(states, f"{part}.self.{which}")
            return value.reshape(names, tokens, self.heads, size).transpose(0, 2, 1, 3)

        logits = split("query") @ split("key").transpose(0, 1, 3, 2) / np.float32(np.sqrt(size))
        weights = np.exp(logits - logits.max(axis=-1, keepdims=True))
        weights /= weights.sum(axis=-1, keepdims=True)
        mixed = (weights @ split("value")).transpose(0, 2, 1, 3).reshape(names, tokens, width)
        out = self._linear(mixed, f"{part}.output.dense")
        return self._normal(out + states, f"{part}.output.LayerNorm")

    def _linear(self, states: Array, name: str) -> Array:
        shape = (*states.shape[:-1], -1)
        flat = states.reshape(-1, states.shape[-1]) @ self.weights[f"{name}.weight"].T
        return np.asarray((flat + self.weights[f"{name}.bias"]).reshape(shape))

    def _normal(self, states: Array, name: str) -> Array:
        centred = states - states.mean(axis=-1, keepdims=True)
        spread = np.sqrt((centred * centred).mean(axis=-1, keepdims=True) + self.epsilon)
        return np.asarray(
            centred / spread * self.weights[f"{name}.weight"] + self.weights[f"{name}.bias"],
            dtype=np.float32,
        )


def bundle_digest(folder: Path) -> str:
    """Return the digest of a bundle's files.

    Raises:
        NameEncoderError: a file is missing.
    """
    return files_digest(folder, lambda path: NameEncoderError(f"{path} is missing; {_REMEDY}"))


def _load(folder: Path, digest: str) -> NameEncoder:
    from safetensors.numpy import load_file

    config = json.loads((folder / "config.json").read_text("utf-8"))
    calibration = json.loads((folder / "calibration.json").read_text("utf-8"))
    weights = _single(load_file(folder / "model.safetensors"))
    encoder = NameEncoder(
        weights,
        load_tokenizer(folder / "tokenizer.json"),
        Specials(**config["specials"]),
        int(config["encoder"]["num_hidden_layers"]),
        int(config["encoder"]["num_attention_heads"]),
        float(config["encoder"]["layer_norm_eps"]),
        int(config["max_tokens"]),
        float(calibration["slope"]),
        float(calibration["shift"]),
        digest,
    )
    if not np.isfinite(encoder.encode(["服务员"])).all():
        raise ValueError("its weights give no finite vector")
    return encoder


def _single(weights: Mapping[str, Any]) -> dict[str, Array]:
    """Return the weights in single precision, but for the word embeddings, which are looked up."""
    kept = "embeddings.word_embeddings.weight"
    names: Iterable[str] = weights
    return {
        name: weights[name] if name == kept else np.ascontiguousarray(weights[name], np.float32)
        for name in names
    }


def _gelu(x: Array) -> Array:
    """Return x times the normal distribution's share below it.

    Its error function is 7.1.26 of Abramowitz and Stegun 1964 ("Handbook of mathematical
    functions"), off by 1.5e-7 at most.
    """
    z = np.abs(x) * np.float32(np.sqrt(0.5))
    t = 1 / (1 + np.float32(0.3275911) * z)
    series: Array = np.full_like(z, 1.061405429)
    for factor in (-1.453152027, 1.421413741, -0.284496736, 0.254829592):
        series = np.asarray(series * t + factor, dtype=np.float32)
    erf = np.copysign(1 - series * t * np.exp(-z * z), x)
    return np.asarray(x * (1 + erf) / 2)
