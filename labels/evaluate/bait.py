"""How much bait a channel returns: of the judged (word, post) pairs that are wrong, and where.

Pure, from rankings of posts by word. A pair is wrong where a judge says that the post names the
word and does not hire for it (see ``pairs``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from labels.evaluate.bootstrap import Array
from labels.evaluate.pairs import HIRED, INSIDE, Pair

FIRST = 10


def bait_counts(
    pairs: Mapping[Pair, str], rankings: Mapping[str, Sequence[str]]
) -> dict[str, Array]:
    """Return (part, whole) by word, words in order; shape (words, 2) each.

    ``bait_first``: of its wrong posts those among the first ten, ``bait``: those returned at all,
    ``bait_above``: of its pairs of a right and a wrong post those in which the wrong one is higher
    (neither returned: half), ``right_first``, ``right``: of its right posts; ``bait_share``: the
    wrong ones of all judged posts among the first ten.
    """
    right: defaultdict[str, list[str]] = defaultdict(list)
    wrong: defaultdict[str, list[str]] = defaultdict(list)
    for (word, post), label in sorted(pairs.items()):
        if label != INSIDE:
            (right if label == HIRED else wrong)[word].append(post)
    found: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
    for word in sorted(right.keys() | wrong.keys()):
        rank = {post: place for place, post in enumerate(rankings.get(word, ()))}
        for name, posts in (("bait", wrong[word]), ("right", right[word])):
            places = [rank[post] for post in posts if post in rank]
            first = sum(place < FIRST for place in places)
            found[f"{name}_first"].append((first, len(posts)))
            found[name].append((len(places), len(posts)))
        wrong_first, right_first = found["bait_first"][-1][0], found["right_first"][-1][0]
        found["bait_share"].append((wrong_first, wrong_first + right_first))
        found["bait_above"].append(_above(rank, right[word], wrong[word]))
    return {name: np.array(some, dtype=float).reshape(-1, 2) for name, some in found.items()}


def _above(
    rank: Mapping[str, int], right: Sequence[str], wrong: Sequence[str]
) -> tuple[float, float]:
    last = len(rank)
    differences = [rank.get(bad, last) - rank.get(good, last) for good in right for bad in wrong]
    part = sum(0.5 if not d else float(d < 0) for d in differences)
    return part, float(len(differences))
