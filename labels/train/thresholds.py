"""How sure a model must be before it is listened to, from what it said of held out queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

NEVER = 2.0
"""A threshold that nothing reaches."""

_FEWEST = 30


def thresholds(
    said: Iterable[tuple[str, float, bool]], precision: float, lowest: float = 0.8
) -> Mapping[str, float]:
    """Return for each attribute how sure a reading of it must be to be right often enough.

    Args:
        said: what was said: the attribute, how sure (0 to 1), whether it is right.
        precision: share of the readings at or above the threshold that must be right.
        lowest: no threshold is lower.
    """
    by_name: defaultdict[str, list[tuple[float, bool]]] = defaultdict(list)
    for name, sure, right in said:
        by_name[name].append((sure, right))
    return {name: _lowest(pairs, precision, lowest) for name, pairs in sorted(by_name.items())}


def _lowest(pairs: list[tuple[float, bool]], precision: float, lowest: float) -> float:
    best, right = NEVER, 0
    pairs.sort(key=lambda pair: -pair[0])
    for number, (sure, good) in enumerate(pairs, 1):
        right += good
        last = number == len(pairs) or pairs[number][0] < sure
        if sure >= lowest and last and number >= _FEWEST and right >= precision * number:
            best = sure
    return best
