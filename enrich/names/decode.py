"""From the tags of tokens to names: pure, so that equal probabilities give equal names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

SHORTEST = 2
"""Characters of a name; one alone is nearly always a piece of a word (损 in 报损)."""
LONGEST = 12
"""Tokens of a name; what is longer is a sentence."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Tokens ``[start, end)`` tagged as a name; ``score``: the least sure of its decisions."""

    start: int
    end: int
    score: float


def pieces(
    probabilities: Sequence[Sequence[float]], start: int, end: int, threshold: float
) -> list[Piece]:
    """Return the names in tokens ``[start, end)`` of one window.

    A name begins where B is likelier than not and goes on while I is the likeliest tag. Its score
    is the product of the first token's chance to begin one and, over its further tokens and the
    token behind it, the least chance of what was decided there.

    Args:
        probabilities: of outside, begin, inside, for every token of the window.
        start: first token that is looked at.
        end: behind the last one.
        threshold: names below it are left out.
    """
    found: list[Piece] = []
    at = start
    while at < end:
        if not _begins(probabilities[at]):
            at += 1
            continue
        stop = at + 1
        least = 1.0
        while stop < end and _goes_on(probabilities[stop]):
            least = min(least, probabilities[stop][2])
            stop += 1
        if stop < end:
            least = min(least, 1.0 - probabilities[stop][2])
        score = round(probabilities[at][1] * least, 6)
        if score >= threshold and stop - at <= LONGEST:
            found.append(Piece(at, stop, score))
        at = stop
    return found


def apart(found: Iterable[tuple[int, int]], taken: Iterable[tuple[int, int]]) -> list[bool]:
    """Tell of each span whether it touches none of those that are taken."""
    places = {place for start, end in taken for place in range(start, end)}
    return [places.isdisjoint(range(start, end)) for start, end in found]


def _begins(row: Sequence[float]) -> bool:
    return row[1] > row[0] and row[1] >= row[2]


def _goes_on(row: Sequence[float]) -> bool:
    return row[2] > row[0] and row[2] > row[1]


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Return a span without what is no letter or digit at its ends; empty where nothing is left."""
    while start < end and not text[start].isalnum():
        start += 1
    while end > start and not text[end - 1].isalnum():
        end -= 1
    return start, end
