"""A small learned tagger: reads names that no dictionary holds, from characters and known words.

A convolutional network over the characters of a query; each character comes with what the other
steps made of it. Weights and all that is needed to read them lie in one safetensors file, numpy
runs it. ``hirelens train tagger`` writes it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from search.intent.marks import ATTRIBUTES, Floats, Span, parts
from search.intent.model import Candidate
from search.intent.path import UNKNOWN
from search.intent.proposals import proposals

ARTEFACT = Path(__file__).parent / "artefacts" / "tagger.safetensors"
"""The tagger that ships with the package; without the file queries are read without one."""

FORMAT = "1"
NEVER = 2.0
"""How sure nothing ever is."""

KINDS = 2 + 2 * (len(ATTRIBUTES) + 1)
STRENGTHS = 5
"""How many values the second and the third input of a character have."""

_STRONG = 0.9


class TaggerError(ValueError):
    """A file of weights cannot be used; says which file and the remedy."""


class Tagger:
    """Proposes readings of what the other steps left unknown; callable as the reader's hook."""

    def __init__(
        self, arrays: Mapping[str, NDArray[np.floating[Any]]], about: Mapping[str, Any]
    ) -> None:
        """Take the weights apart.

        Args:
            arrays: embeddings ``char``, ``kind``, ``strength``; convolutions ``weight.N`` of shape
                ``(3 * in, out)`` with ``bias.N``, and the last layer ``weight.out``, ``bias.out``.
            about: ``characters`` (known ones, the first has number 2), ``dilations``,
                ``temperature``, ``thresholds`` by attribute.
        """
        self._numbers = {char: number for number, char in enumerate(about["characters"], 2)}
        self._dilations: tuple[int, ...] = tuple(about["dilations"])
        self._temperature = float(about["temperature"])
        self._thresholds = {name: float(value) for name, value in about["thresholds"].items()}
        self._arrays = {name: array.astype(np.float32) for name, array in arrays.items()}

    def __call__(self, text: str, path: Sequence[Candidate]) -> Iterator[Candidate]:
        """Yield readings of stretches that hold something unknown, where sure enough."""
        if all(item.source != UNKNOWN for item in path):
            return
        for said in proposals(text, path, self.spans(text, path)):
            if all(span.confidence >= self._least(span) for span, _ in said):
                yield from (found for _, found in said)

    def _least(self, span: Span) -> float:
        return self._thresholds.get(span.attribute, NEVER)

    def spans(self, text: str, path: Sequence[Candidate]) -> list[Span]:
        """Return the likeliest cut of the text into parts, blanks left out."""
        return list(parts(text, self.shares(text, path)))

    def shares(self, text: str, path: Sequence[Candidate]) -> Floats:
        """Return how likely each mark of ``MARKS`` is, for each character: ``(length, marks)``."""
        numbers = inputs(text, path, self._numbers)
        arrays = self._arrays
        state = np.concatenate(
            [arrays[name][numbers[:, at]] for at, name in enumerate(("char", "kind", "strength"))],
            axis=1,
        )
        for number, dilation in enumerate(self._dilations):
            fresh = _convolved(state, arrays[f"weight.{number}"], dilation)
            fresh = np.maximum(fresh + arrays[f"bias.{number}"], 0)
            state = fresh + state if fresh.shape == state.shape else fresh
        scores = (state @ arrays["weight.out"] + arrays["bias.out"]) / self._temperature
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        return cast("Floats", powers / powers.sum(axis=1, keepdims=True))


def inputs(text: str, path: Sequence[Candidate], numbers: Mapping[str, int]) -> NDArray[np.int64]:
    """Return three numbers a character: itself (0 blank, 1 unknown), its part, how sure that is."""
    found = np.zeros((len(text), 3), dtype=np.int64)
    for at, char in enumerate(text):
        found[at, 0] = 0 if char.isspace() else numbers.get(char, 1)
    for item in path:
        kind = len(ATTRIBUTES) if item.source == UNKNOWN else ATTRIBUTES.index(item.attribute)
        found[item.start : item.end, 1] = 2 + 2 * kind + 1
        found[item.start, 1] -= 1
        found[item.start : item.end, 2] = _strength(item)
    return found


def load(path: Path = ARTEFACT) -> Tagger:
    """Read a tagger from its file.

    Raises:
        TaggerError: the file is missing, damaged or of another format.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            about = file.metadata() or {}
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError) as error:
        raise TaggerError(f"{path}: {error}; run hirelens train tagger --out {path}") from None
    if about.get("format") != FORMAT:
        raise TaggerError(
            f"{path}: format {about.get('format')!r}, this release reads {FORMAT!r}; "
            f"run hirelens train tagger --out {path}"
        )
    return Tagger(arrays, json.loads(about["tagger"]))


@cache
def shipped() -> Tagger | None:
    """Return the tagger that ships with the package, read once; None where there is none."""
    return load() if ARTEFACT.exists() else None


def _strength(item: Candidate) -> int:
    if item.source == UNKNOWN:
        return 1
    if item.repair:
        return 2
    return 3 + (item.weight >= _STRONG)


def _convolved(state: Floats, weight: Floats, dilation: int) -> Floats:
    """Multiply each character with its neighbours at a distance, nothing beyond the ends."""
    length = len(state)
    wide = np.pad(state, ((dilation, dilation), (0, 0)))
    parts = [wide[at : at + length] for at in (0, dilation, 2 * dilation)]
    return cast("Floats", np.concatenate(parts, axis=1) @ weight)
