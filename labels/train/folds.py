"""Parting judged posts by employer and by author, so that no voice is trained on and measured."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Sequence

from labels.train.data import Example


class SplitError(ValueError):
    """The posts cannot be parted as asked; the message names the remedy."""


def split(
    examples: Sequence[Example], share: float, named: Collection[str] = ()
) -> tuple[list[Example], list[Example]]:
    """Part posts into those to train on and those held out.

    Whole groups are held out, in the order of their digests: employers until ``share`` of the
    posts that have one is reached, and apart from them authors, at least one; groups in ``named``
    besides. Employers are decided one by one, so that new posts do not move old ones.

    Raises:
        SplitError: nothing is left to train on, or a named group does not exist.
    """
    missing = sorted(set(named) - {e.group for e in examples})
    if missing:
        raise SplitError(f"held_out_groups: no post is of {', '.join(missing)}; correct the name")
    held_groups = set(named)
    if share > 0:
        held_groups |= {e.group for e in examples if not e.authored and _place(e.group) < share}
        held_groups |= _authors(examples, share, held_groups)
    kept = [e for e in examples if e.group not in held_groups]
    if not kept:
        raise SplitError("everything is held out; lower data.held_out or name more judged files")
    return kept, [e for e in examples if e.group in held_groups]


def folds(examples: Sequence[Example], count: int) -> list[tuple[list[Example], list[Example]]]:
    """Return (to train on, to judge) of every fold; each post is judged once.

    Groups go, the largest first, to the fold with the fewest posts of their kind.

    Raises:
        SplitError: there are fewer groups than folds.
    """
    sizes = Counter((e.authored, e.group) for e in examples)
    if len(sizes) < count:
        raise SplitError(f"data.folds: {count} folds need as many groups, there are {len(sizes)}")
    loads: Counter[tuple[bool, int]] = Counter()
    fold_of: dict[str, int] = {}
    for (authored, group), size in sorted(sizes.items(), key=lambda i: (-i[1], _place(i[0][1]))):
        total = {f: loads[authored, f] for f in range(count)}
        both = {f: loads[True, f] + loads[False, f] for f in range(count)}
        fold = min(range(count), key=lambda f: (total[f], both[f], f))
        fold_of[group] = fold
        loads[authored, fold] += size
    return [
        (
            [e for e in examples if fold_of[e.group] != fold],
            [e for e in examples if fold_of[e.group] == fold],
        )
        for fold in range(count)
    ]


def _authors(examples: Sequence[Example], share: float, held: set[str]) -> set[str]:
    """Choose whole authors: one at least, never all, while the share is not exceeded by more."""
    sizes = Counter(e.group for e in examples if e.authored)
    total = sum(sizes.values())
    chosen: set[str] = set()
    count = sum(size for group, size in sizes.items() if group in held)
    for group in sorted(sizes.keys() - held, key=_place):
        left = len(sizes) - len(chosen) - len(held & sizes.keys())
        if left <= 1 or (count and count + sizes[group] / 2 > share * total):
            break
        chosen.add(group)
        count += sizes[group]
    return chosen


def _place(group: str) -> float:
    """Return where a group stands between 0 and 1, by its digest."""
    return int(hashlib.sha256(group.encode()).hexdigest()[:8], 16) / 2**32
