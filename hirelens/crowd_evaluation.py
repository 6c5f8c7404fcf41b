"""Channels in a crowd of posts: names that were deleted, frequent queries; and judged pairs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from hirelens.channel_evaluation import Measures
from hirelens.channel_runs import ASKED, FUSED, PAGE, SINGLE, Asked, ranking
from hirelens.crowd_facts import CrowdPost
from hirelens.judged import posts_of, temporary_home
from hirelens.progress import progress
from hirelens.wiring import Workplace

if TYPE_CHECKING:
    from labels.evaluate.channels import ChannelReport, Pair
    from labels.evaluate.frequent import Among
    from labels.evaluate.nameless import Nameless

EVERY = 100_000
"""Depth at which a ranking is whole, as far as its channel goes."""
AGAINST: list[Pair] = [(FUSED, channel) for channel in ("plain", *SINGLE)]


@dataclass(frozen=True, slots=True)
class FrequentReport:
    """Right posts among the first sixty of each query by channel, and the channels compared."""

    queries: tuple[tuple[str, Mapping[str, Among]], ...]
    figures: ChannelReport

    def to_mapping(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            **self.figures.to_mapping(),
            "queries": {
                query: {
                    name: {"right": a.right, "returned": a.returned} for name, a in some.items()
                }
                for query, some in self.queries
            },
        }


def nameless(
    both: Workplace, hidden: Sequence[Nameless], crowd: Mapping[str, CrowdPost]
) -> ChannelReport:
    """Ask for every nameless post by its position's name, among posts that do not say it either."""
    from labels.evaluate.channels import report
    from labels.evaluate.nameless import placed, silent

    texts = {id_: post.text for id_, post in crowd.items()}
    by_position: defaultdict[str, list[Nameless]] = defaultdict(list)
    for one in hidden:
        by_position[one.position].append(one)
    found: dict[Asked, list[tuple[bool, float]]] = {channel: [] for channel in ASKED}
    with progress("searched (names deleted)", len(by_position)) as advance:
        for position, posts in sorted(by_position.items()):
            others = silent(texts, position, both.query_taxonomy)
            for channel in ASKED:
                run = ranking(both.searcher, posts[0].query, channel, EVERY)
                found[channel] += [placed(run, one.id, others - {one.origin}) for one in posts]
            advance(1)
    return report(
        len(hidden), {channel: share_counts(some) for channel, some in found.items()}, AGAINST
    )


def share_counts(found: Sequence[tuple[bool, float]]) -> dict[str, Any]:
    """Return recall and area under the curve by post, as (part, whole), shape (posts, 2)."""
    values = np.array(found, dtype=float).reshape(-1, 2)
    one = np.ones(len(values))
    return {
        "recall_60": np.stack([values[:, 0], one], axis=1),
        "auc": np.stack([values[:, 1], one], axis=1),
    }


def frequent(
    both: Workplace, queries: Sequence[str], hired: Mapping[str, frozenset[str]], how: Measures
) -> FrequentReport:
    """Count right posts among the first sixty of each query; ``hired``: by post of the crowd."""
    from labels.evaluate.channels import report
    from labels.evaluate.frequent import among_first, as_counts, positions_of

    found = how.runs(both, queries, "frequent")
    rows = []
    for query in queries:
        wanted = positions_of(query, both.query_taxonomy)
        row = {
            str(channel): among_first([id_ for id_, _ in run[query]], hired, wanted)
            for channel, run in found.items()
        }
        rows.append((query, row))
    counts = {
        str(channel): {"right_60": as_counts([row[channel] for _, row in rows])}
        for channel in ASKED
    }
    return FrequentReport(tuple(rows), report(len(rows), counts, AGAINST))


def bait(place: Workplace, rows: Sequence[dict[str, Any]], how: Measures) -> ChannelReport:
    """Search every judged word among the judged posts alone, and count the bait that comes."""
    with temporary_home(place, posts_of(rows)) as measured:
        return bait_in(measured, rows, how, "pairs", (*ASKED, PAGE))


def bait_in(
    place: Workplace,
    rows: Sequence[dict[str, Any]],
    how: Measures,
    name: str,
    channels: Sequence[Asked] = ASKED,
) -> ChannelReport:
    """Search every judged word in an index that holds the judged posts among others."""
    from labels.evaluate.bait import bait_counts
    from labels.evaluate.channels import report
    from labels.evaluate.pairs import judged_pairs, judged_words

    pairs = judged_pairs(rows)
    words = judged_words(pairs)
    counts = {
        str(channel): bait_counts(
            pairs, {word: [id_ for id_, _ in found] for word, found in run.items()}
        )
        for channel, run in how.runs(place, words, name, channels).items()
    }
    return report(len(words), counts, AGAINST)
