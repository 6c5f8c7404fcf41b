"""Marks of characters, and the likeliest cut of a text into parts under them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, get_args

import numpy as np
from numpy.typing import NDArray

from enrich.post import AttributeName
from search.intent.model import Attribute

Floats = NDArray[np.float32]

GENERIC: Final = "generic"
ATTRIBUTES: tuple[Attribute, ...] = (*get_args(AttributeName), GENERIC)
MARKS = tuple(f"{border}-{name}" for border in "BI" for name in ATTRIBUTES)
"""What a character can be: the first of a part, or inside of one."""

_HALF = len(ATTRIBUTES)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the text, the attribute that it is read as, and how sure that is (0 to 1)."""

    start: int
    end: int
    attribute: Attribute
    confidence: float


def parts(text: str, shares: Floats) -> Iterator[Span]:
    """Yield the likeliest parts of a text, blanks left out.

    Each is as sure as its least sure border or character.

    Args:
        text: the normalised query.
        shares: how likely each of ``MARKS`` is for each character, ``(length, marks)``.
    """
    marks = _best(text, shares)
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
