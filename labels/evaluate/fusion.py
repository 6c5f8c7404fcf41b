"""Choosing how channels are fused, and what the choice is worth on queries that it never saw.

Cross-validation over groups of queries: for each group the setting is chosen that is best on all
the others, and the group's queries are counted under it (Stone 1974, "Cross-validatory choice and
assessment of statistical predictions").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from labels.evaluate.bootstrap import Array


@dataclass(frozen=True, slots=True)
class Choice:
    """The setting of every query's fold, and the one that is best on all queries (numbers).

    ``held_out``: the mean value of queries under the settings that were chosen without them;
    ``seen``: that of the best setting on all queries, which is too good.
    """

    by_query: tuple[int, ...]
    best: int
    held_out: float
    seen: float


def cross_validated(values: Array, groups: Sequence[str], candidates: Sequence[int]) -> Choice:
    """Choose among settings by their values, one fold a group; of equals the first candidate.

    Args:
        values: what each query is worth under each setting, shape (settings, queries).
        groups: the fold of each query.
        candidates: numbers of the settings that may be chosen.

    Raises:
        ValueError: there are fewer than two groups, or no candidate.
    """
    if len(set(groups)) < 2 or not len(candidates):
        raise ValueError("choosing needs queries of two groups and a setting")
    some = values[list(candidates)]
    folds = np.array(groups)
    chosen = {group: candidates[_best(some[:, folds != group])] for group in sorted(set(groups))}
    by_query = tuple(chosen[group] for group in groups)
    best = candidates[_best(some)]
    return Choice(
        by_query,
        best,
        float(np.mean([values[setting, query] for query, setting in enumerate(by_query)])),
        float(values[best].mean()),
    )


def _best(values: Array) -> int:
    # Rounded, so that the order of adding decides nothing between equals.
    return int(np.argmax(np.round(values.mean(axis=1), 9)))
