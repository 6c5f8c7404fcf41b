"""Coverage, overlap, conflict and accuracy of each labelling function against judged posts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from labels.weak.functions import load
from labels.weak.judged import decided, truth_of
from labels.weak.matrix import ABSTAIN, cast, classes
from labels.weak.reader import JudgedPost
from labels.weak.seen import SeenMention
from labels.weak.votes import CLASSES, LabellingFunction


@dataclass(frozen=True, slots=True)
class FunctionFigures:
    """What one function does on judged mentions; shares are of all of them.

    ``coverage``: it votes; ``overlap``: another one votes too; ``conflict``: another one votes for
    another class. ``accuracy``: share of its votes whose class is right, None without a vote.
    """

    name: str
    kind: str
    meaning: str
    classes: str
    votes: int
    coverage: float
    overlap: float
    conflict: float
    accuracy: float | None


@dataclass(frozen=True, slots=True)
class Summary:
    """All functions' figures; ``covered`` is the share of mentions with a vote."""

    posts: int
    mentions: int
    covered: float
    conflicting: float
    labels: dict[str, int]
    functions: tuple[FunctionFigures, ...]

    def to_mapping(self) -> dict[str, Any]:
        """Return the JSON form."""
        return asdict(self)


def summarise(
    posts: Iterable[JudgedPost], functions: Sequence[LabellingFunction] | None = None
) -> Summary:
    """Let every function vote on the judged mentions of posts and count."""
    functions = load() if functions is None else functions
    seen: list[tuple[SeenMention, str]] = []
    number = 0
    for post in posts:
        number += 1
        seen.extend(decided([post]))
    votes = classes(cast(functions, (mention for mention, _ in seen)), len(functions))
    truth = truth_of(label for _, label in seen)
    voted = votes != ABSTAIN
    several = voted.sum(axis=1) > 1
    kinds_of_vote = np.stack([(votes == c).any(axis=1) for c in range(len(CLASSES))], axis=1)
    split = kinds_of_vote.sum(axis=1) > 1
    total = max(len(seen), 1)
    figures = []
    for at, function in enumerate(functions):
        own = voted[:, at]
        count = int(own.sum())
        right = int((votes[own, at] == truth[own]).sum())
        figures.append(
            FunctionFigures(
                name=function.name,
                kind=function.kind,
                meaning=function.meaning,
                classes="".join(c for n, c in enumerate(CLASSES) if (votes[:, at] == n).any()),
                votes=count,
                coverage=round(count / total, 4),
                overlap=round(int((own & several).sum()) / total, 4),
                conflict=round(int((own & split).sum()) / total, 4),
                accuracy=round(right / count, 4) if count else None,
            )
        )
    return Summary(
        posts=number,
        mentions=len(seen),
        covered=round(int(voted.any(axis=1).sum()) / total, 4),
        conflicting=round(int(split.sum()) / total, 4),
        labels=dict(Counter(CLASSES[number] for number in truth)),
        functions=tuple(figures),
    )
