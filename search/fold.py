"""Folding near-identical posts of one company under the best of them: pure, over a page's posts.

Two texts are compared by their shingles, runs of three characters (Broder 1997): the share that
they have in common of all that they have. Which pairs are compared at all is told by the smallest
shingles of each under a fixed order (bottom-k sketches), of which alike texts share some.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

MAX_TEXT = 2000
"""Characters of a post that are compared."""
SKETCH = 8
"""Smallest shingles that tell whom to compare: of texts alike by 0.8 one in 400,000 pairs slips."""

Shingles = NDArray[np.uint64]
_MIX = np.uint64(0x9E3779B97F4A7C15)
_FAR = np.uint64(32)


def fold(posts: Sequence[Mapping[str, Any]], least: float) -> list[list[int]]:
    """Return groups of posts by number, best first; the first of each is shown, the others folded.

    Args:
        posts: as they were given, best first.
        least: share of common shingles from which two posts of one company (or of none, both) are
            the same, where their titles say something in common; 0 folds nothing.
    """
    if least <= 0:
        return [[number] for number in range(len(posts))]
    companies = [_letters(str(post.get("company") or "")) for post in posts]
    several = {name for name, count in Counter(companies).items() if count > 1}
    groups: list[list[int]] = []
    found: list[Shingles] = []
    heads: dict[tuple[str, int], list[int]] = {}
    for number, (post, company) in enumerate(zip(posts, companies, strict=True)):
        text = f"{post.get('title') or ''}\n{post.get('body') or ''}"
        own = shingles(text if company in several else "")
        keys = [(company, value) for value in own[:SKETCH].tolist()]
        near = sorted({group for key in keys for group in heads.get(key, ())})
        same = (one for one in near if _one_job(post, posts[groups[one][0]]))
        group = next((one for one in same if alike(own, found[one]) >= least), None)
        if group is not None:
            groups[group].append(number)
            continue
        for key in keys:
            heads.setdefault(key, []).append(len(groups))
        groups.append([number])
        found.append(own)
    return groups


def shingles(text: str) -> Shingles:
    """Return the runs of three letters or digits of a text, as mixed numbers in their order."""
    letters = _letters(text[:MAX_TEXT])
    if not letters:
        return np.empty(0, dtype=np.uint64)
    codes = np.frombuffer(letters.ljust(3, "\0").encode("utf-32-le"), dtype="<u4").astype(np.uint64)
    # A code point has 21 bits, so that three make one number; mixing keeps them apart.
    packed = codes[:-2] << np.uint64(42) | codes[1:-1] << np.uint64(21) | codes[2:]
    mixed = packed * _MIX
    return np.unique((mixed ^ mixed >> _FAR) * _MIX)


def alike(one: Shingles, other: Shingles) -> float:
    """Return the share of shingles that two texts have in common (Jaccard); 0 of empty ones."""
    common = np.intersect1d(one, other, assume_unique=True).size
    return float(common / max(one.size + other.size - common, 1))


def _one_job(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Tell whether titles are equal or share two characters in a row.

    A company writes one text around all its jobs: only the title tells 服务员 from 收银员.
    """
    first, second = (_letters(str(post.get("title") or "")) for post in (one, other))
    pairs = {first[n : n + 2] for n in range(len(first) - 1)}
    return first == second or any(second[n : n + 2] in pairs for n in range(len(second) - 1))


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).casefold()))
