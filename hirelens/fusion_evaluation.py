"""Which fusion is best on graded posts: every setting on the same candidates of the channels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from hirelens.channel_runs import SINGLE
from hirelens.errors import ForeseenError
from hirelens.progress import progress

if TYPE_CHECKING:
    from labels.evaluate.channels import ChannelReport, Rankings
    from labels.evaluate.fusion import Choice
    from labels.evaluate.relevance import GradedQuery
    from search.fusion import Fusion
    from search.service import Searcher
    from search.taken import Candidates

PLAIN = "rrf, untuned"
"""Equal weights of words and nearness, k = 60: what fusion is where there are no grades."""
TUNED = {"rrf": "rrf, tuned", "convex": "convex, tuned"}
_STEPS = 10
_KS = (0.0, 5.0, 10.0, 20.0, 60.0, 120.0)


@dataclass(frozen=True, slots=True)
class FusionReport:
    """Figures of fusions and channels on the same queries, and the setting to use.

    Figures of tuned fusions are held out: no query was judged under a setting that was chosen with
    its own group. ``folds``: by fusion what was chosen for each group.
    """

    figures: ChannelReport
    folds: Mapping[str, Mapping[str, Fusion]]
    best: str
    setting: Fusion

    def to_mapping(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            **self.figures.to_mapping(),
            "folds": {
                name: {group: settings(one) for group, one in some.items()}
                for name, some in self.folds.items()
            },
            "best": self.best,
            "fusion": settings(self.setting),
        }


def settings(fusion: Fusion) -> dict[str, object]:
    """Return the entries of the settings table that were compared."""
    names = ("method", *(("k",) if fusion.method == "rrf" else ()), *SINGLE)
    return {name: getattr(fusion, name) for name in names}


def table_of(fusion: Fusion) -> str:
    """Return the settings table as TOML."""
    lines = (
        f'{name} = "{value}"' if isinstance(value, str) else f"{name} = {value:g}"
        for name, value in settings(fusion).items()
    )
    return "\n".join(("[fusion]", *lines))


def compared() -> list[Fusion]:
    """Return the fusions that are compared: the published one first, weights in steps of a tenth.

    Only the ratio of weights matters, so that they add up to 1.
    """
    from search.fusion import Fusion

    weights: list[dict[str, Any]] = [
        {"text": t / _STEPS, "intent": i / _STEPS, "vector": (_STEPS - t - i) / _STEPS}
        for t in range(_STEPS + 1)
        for i in range(_STEPS + 1 - t)
    ]
    published = Fusion(method="rrf", k=60, text=0.5, intent=0.5, vector=1.0)
    ranks = [Fusion(method="rrf", k=k, **some) for k in _KS for some in weights]
    scores = [Fusion(method="convex", **some) for some in weights]
    return [published, *ranks, *scores]


def compare_fusions(
    searcher: Searcher, queries: Sequence[GradedQuery], depth: int, fusions: Sequence[Fusion]
) -> FusionReport:
    """Choose a fusion by cross-validation over the groups of queries.

    Raises:
        ForeseenError: the queries are of one group only.
    """
    from labels.evaluate.channels import graded_report
    from labels.evaluate.fusion import cross_validated
    from labels.evaluate.relevance import judged, score

    groups = [one.group for one in queries]
    if len(set(groups)) < 2:
        raise ForeseenError("every query is of one group; fusion is chosen across groups, name two")
    corpus, _ = judged(queries)
    found = _candidates(searcher, queries, depth)
    ranked: list[Rankings] = []
    values = np.zeros((len(fusions), len(queries)))
    with progress("fusions compared", len(fusions)) as advance:
        for row, fusion in enumerate(fusions):
            ranked.append(_fused(found, fusion, corpus, queries))
            values[row] = [one.ndcg for one in score(queries, ranked[-1])]
            advance(1)
    numbers = {
        name: [row for row, one in enumerate(fusions) if one.method == method]
        for method, name in TUNED.items()
    }
    choices = {name: cross_validated(values, groups, some) for name, some in numbers.items()}
    systems: dict[str, Rankings] = {
        channel: {
            one.id: [hit.id for hit in found[one.id].lists.get(channel, ())] for one in queries
        }
        for channel in SINGLE
    }
    systems[PLAIN] = ranked[0]
    for name, choice in choices.items():
        systems[name] = _held_out(choice, ranked, queries)
    single = max(SINGLE, key=lambda channel: _mean(queries, systems[channel]))
    pairs = [(name, other) for name in choices for other in (PLAIN, single)]
    figures = graded_report(queries, systems, [*pairs, (PLAIN, single)])
    best = max(choices, key=lambda name: choices[name].held_out)
    beats = choices[best].held_out > values[0].mean()
    return FusionReport(
        figures,
        {
            name: {g: fusions[n] for g, n in zip(groups, choice.by_query, strict=True)}
            for name, choice in choices.items()
        },
        best if beats else PLAIN,
        fusions[choices[best].best] if beats else fusions[0],
    )


def _candidates(
    searcher: Searcher, queries: Sequence[GradedQuery], depth: int
) -> dict[str, Candidates]:
    found = {}
    with progress("searched", len(queries)) as advance:
        for one in queries:
            found[one.id] = searcher.candidates(one.query, limit=depth)
            advance(1)
    return found


def _fused(
    found: Mapping[str, Candidates],
    fusion: Fusion,
    corpus: Mapping[str, set[str]],
    queries: Sequence[GradedQuery],
) -> Rankings:
    """Return the posts of each query's own group in their fused order."""
    from search.fuse import fuse

    ranked = {}
    for one in queries:
        given = found[one.id]
        fused = fuse(given.lists, fusion, floor=given.floor)
        ranked[one.id] = [item.hit.id for item in fused if item.hit.id in corpus[one.group]]
    return ranked


def _held_out(
    choice: Choice, ranked: Sequence[Rankings], queries: Sequence[GradedQuery]
) -> Rankings:
    pairs = zip(queries, choice.by_query, strict=True)
    return {one.id: ranked[number][one.id] for one, number in pairs}


def _mean(queries: Sequence[GradedQuery], rankings: Rankings) -> float:
    from labels.evaluate.relevance import score

    return float(np.mean([row.ndcg for row in score(queries, rankings)]))
