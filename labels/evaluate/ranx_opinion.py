"""A second opinion by ranx: its own nDCG and MAP of the same rankings, and Student's paired test.

Of its tests only Student's is used: its randomisation test (0.3.21) draws in threads that its seed
does not reach, so that equal runs get different p values, and it can answer 0. Ours is in
``paired``.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from labels.evaluate.relevance import DEPTH, RIGHT, GradedQuery, judged

FIGURES = {f"ndcg_burges@{DEPTH}": "ndcg@10", f"map-l{RIGHT}": "map"}
"""ranx's figure (nDCG with gains of 2^grade - 1) and the name of ours."""
_NOTHING = "(nothing found)"

Rankings = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Opinion:
    """ranx's figures by system and name, and p values of one system against each other one."""

    figures: Mapping[str, Mapping[str, float]]
    p: Mapping[str, Mapping[str, float]]


def has_ranx() -> bool:
    """Tell whether ranx is installed (``pip install 'hirelens[evaluate]'``)."""
    return find_spec("ranx") is not None


def opinion(
    queries: Sequence[GradedQuery], systems: Mapping[str, Rankings], against: str
) -> Opinion:
    """Return what ranx says of systems, each compared with the one that is named.

    Args:
        queries: what was asked, with grades.
        systems: by name its rankings, ids best first by query id; two at least.
        against: the system that the others are compared with.
    """
    with warnings.catch_warnings():
        # numba warns of a cast within ranx while it compiles it.
        warnings.simplefilter("ignore")
        from ranx import Qrels, Run, compare

        corpus, grades = judged(queries)
        groups = {one.id: one.group for one in queries}
        wanted = Qrels({id_: grades[id_] for id_ in groups})
        runs = []
        for name, rankings in systems.items():
            found = {
                id_: [post for post in rankings.get(id_, ()) if post in corpus[group]]
                for id_, group in groups.items()
            }
            runs.append(Run({id_: _scores(posts) for id_, posts in found.items()}, name=name))
        report: Any = compare(wanted, runs, list(FIGURES), stat_test="student").to_dict()
    return Opinion(
        {name: _named(report[name]["scores"]) for name in systems},
        {name: _named(report[name]["comparisons"][against]) for name in systems if name != against},
    )


def _scores(posts: Sequence[str]) -> dict[str, float]:
    # ranx takes no empty answer: an id that nobody judged stands for it.
    return {post: 1 / rank for rank, post in enumerate(posts or [_NOTHING], start=1)}


def _named(values: Mapping[str, Any]) -> dict[str, float]:
    # Of two systems that are the same everywhere the test's p is no number.
    found = {ours: float(values[theirs]) for theirs, ours in FIGURES.items()}
    return {name: 1.0 if math.isnan(value) else value for name, value in found.items()}
