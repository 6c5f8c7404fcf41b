"""The best way to read a query: the path of candidates that explains most in fewest parts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from search.intent.model import Candidate

UNKNOWN = "unknown"
_PART = 0.3
"""What each part costs: a longer reading beats two short ones."""
_WORD, _CHARACTER = 0.2, 0.6
"""What an unknown word and a single unknown character cost."""


def best_path(
    text: str, candidates: Iterable[Candidate], words: Sequence[tuple[int, int]]
) -> tuple[Candidate, ...]:
    """Return the candidates that cover the text best, in order, without blanks.

    Args:
        text: the normalised query.
        candidates: readings of stretches of it.
        words: the text cut into words by a segmenter; they cover what no candidate explains.
    """
    ends: defaultdict[int, list[tuple[float, Candidate]]] = defaultdict(list)
    for item in candidates:
        ends[item.end].append((item.weight * item.length - _PART, item))
    for start, end in words:
        if end - start > 1:
            ends[end].append((-_WORD, _unknown(start, end, text)))
    best: list[float] = [0.0] * (len(text) + 1)
    chosen: list[Candidate | None] = [None] * (len(text) + 1)
    for end in range(1, len(text) + 1):
        if text[end - 1].isspace():
            best[end] = best[end - 1]
            chosen[end] = None
            continue
        best[end] = best[end - 1] - _CHARACTER
        chosen[end] = _unknown(end - 1, end, text)
        for score, item in ends[end]:
            if best[item.start] + score > best[end]:
                best[end] = best[item.start] + score
                chosen[end] = item
    return tuple(reversed(list(_back(chosen))))


def _unknown(start: int, end: int, text: str) -> Candidate:
    return Candidate(start, end, "generic", text[start:end], UNKNOWN, 0.0)


def _back(chosen: Sequence[Candidate | None]) -> Iterable[Candidate]:
    at = len(chosen) - 1
    while at > 0:
        item = chosen[at]
        if item is None:
            at -= 1
        else:
            yield item
            at = item.start
