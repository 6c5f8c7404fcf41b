"""Votes as arrays: one row a mention, one column a labelling function or a kind of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from labels.weak.functions import KINDS
from labels.weak.seen import SeenMention
from labels.weak.votes import CLASSES, LabellingFunction, Vote

if TYPE_CHECKING:
    import numpy.typing as npt

    Votes = npt.NDArray[np.int8]

Unit = Literal["function", "kind"]
"""What counts as one voter: each function, or all functions of a module together."""
UNITS: tuple[Unit, ...] = get_args(Unit)
ABSTAIN = -1


def cast(
    functions: Sequence[LabellingFunction], mentions: Iterable[SeenMention]
) -> list[list[Vote | None]]:
    """Let every function vote on every mention."""
    return [[function.rule(mention) for function in functions] for mention in mentions]


def classes(votes: Sequence[Sequence[Vote | None]], width: int) -> Votes:
    """Return the numbers of the votes' classes, ``ABSTAIN`` where there is none."""
    found = np.full((len(votes), width), ABSTAIN, dtype=np.int8)
    for row, line in enumerate(votes):
        for column, vote in enumerate(line):
            if vote is not None:
                found[row, column] = CLASSES.index(vote[0])
    return found


def by_kind(votes: Votes, functions: Sequence[LabellingFunction]) -> Votes:
    """Let each kind vote once, with its majority; it abstains on a tie.

    Functions of one kind look at the same words and err together: as one voter they count once.
    """
    found = np.full((len(votes), len(KINDS)), ABSTAIN, dtype=np.int8)
    for number, kind in enumerate(KINDS):
        own = votes[:, [at for at, f in enumerate(functions) if f.kind == kind]]
        counts = count(own)
        top = counts.max(axis=1)
        clear = (top > 0) & ((counts == top[:, None]).sum(axis=1) == 1)
        found[:, number] = np.where(clear, counts.argmax(axis=1), ABSTAIN)
    return found


def count(votes: Votes) -> npt.NDArray[np.int64]:
    """Return how many votes each class has, a row a mention."""
    return np.stack([(votes == number).sum(axis=1) for number in range(len(CLASSES))], axis=1)


def names_of(unit: Unit, functions: Sequence[LabellingFunction]) -> tuple[str, ...]:
    """Return the names of the voters."""
    return KINDS if unit == "kind" else tuple(function.name for function in functions)


def votes_of(unit: Unit, votes: Votes, functions: Sequence[LabellingFunction]) -> Votes:
    """Return the votes of the voters from those of the functions."""
    return by_kind(votes, functions) if unit == "kind" else votes
