"""A small learned tagger: reads names that no dictionary holds, from characters and known words.

A convolutional network over the characters of a query; each character comes with what the other
steps made of it. Weights and all that is needed to read them lie in one safetensors file, numpy
runs it. ``hirelens train tagger`` writes it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, cast, get_args

import numpy as np
from numpy.typing import NDArray

from enrich.post import AttributeName
from search.intent.model import Attribute, Candidate
from search.intent.path import UNKNOWN

ARTEFACT = Path(__file__).parent / "artefacts" / "tagger.safetensors"
"""The tagger that ships with the package; without the file queries are read without one."""

TAGGER = "tagger"
FORMAT = "1"
NEVER = 2.0
"""How sure nothing ever is."""
GENERIC = "generic"
ATTRIBUTES: tuple[Attribute, ...] = (*get_args(AttributeName), GENERIC)
MARKS = tuple(f"{border}-{name}" for border in "BI" for name in ATTRIBUTES)
"""What a character can be: the first of a part, or inside of one."""

KINDS = 2 + 2 * (len(ATTRIBUTES) + 1)
STRENGTHS = 5
"""How many values the second and the third input of a character have."""

_STRONG = 0.9
_WEAK = 0.6
_DOUBTFUL = 0.8
_COUNTED = frozenset({"salary", "age", "gender", "education", "experience"})
"""What rules read exactly; no name swallows it."""
_NAMED, _SILENT = 1.0, 0.3
"""What a character of a name is worth on the path, and one that is read as saying nothing."""

Floats = NDArray[np.float32]


class TaggerError(ValueError):
    """A file of weights cannot be used; says which file and the remedy."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the text, the attribute that it is read as, and how sure that is (0 to 1)."""

    start: int
    end: int
    attribute: Attribute
    confidence: float


class Tagger:
    """Proposes readings of what the other steps left unknown; callable as the reader's hook."""

    def __init__(self, arrays: Mapping[str, Floats], about: Mapping[str, Any]) -> None:
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
        if not any(map(_doubtful, path)):
            return
        for said in proposals(text, path, self.spans(text, path)):
            if all(span.confidence >= self._least(span) for span, _ in said):
                yield from (found for _, found in said)

    def _least(self, span: Span) -> float:
        return self._thresholds.get(span.attribute, NEVER)

    def spans(self, text: str, path: Sequence[Candidate]) -> list[Span]:
        """Return the likeliest cut of the text into parts, blanks left out."""
        shares = self.shares(text, path)
        return list(_spans(text, shares, _best(text, shares)))

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


Said = tuple[tuple[Span, Candidate], ...]
"""A span with the reading that it amounts to; two where the second takes what the first left."""


def proposals(text: str, path: Sequence[Candidate], spans: Sequence[Span]) -> Iterator[Said]:
    """Yield the readings that spans amount to, where the other steps do not know better.

    A span says something where part of it is unknown or weakly explained; it swallows neither a
    repaired word nor an amount nor a negator. It may take the first characters of a known
    position (鼎盛|物业保安) where the next span reads the rest as one.
    """
    for number, span in enumerate(spans):
        inside = [item for item in path if item.start < span.end and span.start < item.end]
        if not _sayable(text, span, inside):
            continue
        found = _reading(text, span, inside[-1])
        last = inside[-1]
        if last.end <= span.end or last.weight < _WEAK:
            yield ((span, found),)
        elif number + 1 < len(spans) and last.attribute == "position" != span.attribute:
            rest = spans[number + 1]
            if (rest.start, rest.end, rest.attribute) == (span.end, last.end, "position"):
                second = Candidate(*_stretch(text, rest), TAGGER, _NAMED)
                yield (span, found), (rest, second)


def _sayable(text: str, span: Span, inside: Sequence[Candidate]) -> bool:
    if not any(map(_doubtful, inside)) or not text[span.start : span.end].isalnum():
        return False
    if inside[0].start < span.start and inside[0].weight >= _WEAK:
        return False
    if any(item.repair or item.attribute in _COUNTED or item.negates for item in inside):
        return False
    return span.attribute != GENERIC or all(item.attribute == GENERIC for item in inside)


def _reading(text: str, span: Span, last: Candidate) -> Candidate:
    """Return a span as a reading; a position keeps the name of the known one at its end."""
    if span.attribute == last.attribute == "position" and last.end == span.end:
        return replace(last, start=span.start, source=TAGGER, weight=_NAMED)
    worth = _SILENT if span.attribute == GENERIC else _NAMED
    return Candidate(*_stretch(text, span), TAGGER, worth)


def _stretch(text: str, span: Span) -> tuple[int, int, Attribute, str]:
    return span.start, span.end, span.attribute, text[span.start : span.end]


def _doubtful(item: Candidate) -> bool:
    return item.source == UNKNOWN or (item.attribute != GENERIC and item.weight < _DOUBTFUL)


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


_HALF = len(ATTRIBUTES)


def _best(text: str, shares: Floats) -> list[int]:
    """Return the likeliest marks where an inner one follows its own kind (Viterbi)."""
    scores = np.log(shares + 1e-9)
    back = np.zeros(scores.shape, dtype=np.int64)
    total = scores[0].copy()
    total[_HALF:] = -np.inf
    for at in range(1, len(text)):
        if text[at].isspace() or text[at - 1].isspace():
            stay = np.full(_HALF, -np.inf, dtype=np.float32)
        else:
            stay = np.maximum(total[:_HALF], total[_HALF:])
        top = int(total.argmax())
        back[at, :_HALF] = top
        back[at, _HALF:] = np.where(
            total[:_HALF] >= total[_HALF:], np.arange(_HALF), np.arange(_HALF, 2 * _HALF)
        )
        total = np.concatenate([total[top] + scores[at, :_HALF], stay + scores[at, _HALF:]])
    marks = [int(total.argmax())]
    for at in range(len(text) - 1, 0, -1):
        marks.append(int(back[at, marks[-1]]))
    return marks[::-1]


def _spans(text: str, shares: Floats, marks: Sequence[int]) -> Iterator[Span]:
    """Yield the parts that marks make, each as sure as its least sure border or character."""
    start = 0
    for at in range(1, len(text) + 1):
        if at < len(text) and marks[at] >= _HALF:
            continue
        if not text[start].isspace():
            sure = min(float(shares[number, marks[number]]) for number in range(start, at))
            if at < len(text) and not text[at].isspace():
                sure = min(sure, float(shares[at, :_HALF].sum()))
            yield Span(start, at, ATTRIBUTES[marks[start]], sure)
        start = at
