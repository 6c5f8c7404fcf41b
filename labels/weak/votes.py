"""What a labelling function is and what it may vote.

A vote is a label of the guide (``H``, ``N:coop`` …, ``X``) or None, an abstention. The label model
works with the three classes; the kind of N is kept for the label that is written.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from labels.weak.seen import SeenMention

Vote = Literal[
    "H",
    "X",
    "N:coop",
    "N:manage",
    "N:exp",
    "N:exclude",
    "N:career",
    "N:compare",
    "N:context",
    "N:bait",
    "N:other",
]
Rule = Callable[[SeenMention], Vote | None]

CLASSES = ("H", "N", "X")
"""The classes of the label model, in the order of every array of probabilities."""
UNDECIDED = "?"


@dataclass(frozen=True, slots=True)
class LabellingFunction:
    """A named rule; ``kind`` is the module that it stands in, ``meaning`` its first line."""

    name: str
    kind: str
    meaning: str
    rule: Rule

    def __call__(self, mention: SeenMention) -> Vote | None:
        """Vote on a mention, or abstain with None."""
        return self.rule(mention)


def labelling(rule: Rule) -> LabellingFunction:
    """Make a labelling function of a rule; its docstring's first line says what it means.

    Raises:
        ValueError: the rule has no docstring.
    """
    name, meaning = rule.__name__, (rule.__doc__ or "").strip().split("\n")[0]
    if not meaning:
        raise ValueError(f"labelling function {name} says not what it means; write a docstring")
    return LabellingFunction(name, rule.__module__.rpartition(".")[2], meaning, rule)


def class_of(label: str) -> str | None:
    """Return the class of a label, None for an undecided one."""
    return label[0] if label[:1] in CLASSES else None
