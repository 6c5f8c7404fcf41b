"""Label models beside one another: fitted on one half of judged posts, measured on the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from labels.weak.fit import METHODS, Method, fit
from labels.weak.functions import load
from labels.weak.judged import decided, halves, truth_of
from labels.weak.matrix import ABSTAIN, UNITS, Unit, cast, classes
from labels.weak.measure import Figures, measure
from labels.weak.reader import JudgedPost


@dataclass(frozen=True, slots=True)
class Compared:
    """One label model's figures on the half that it was not fitted on."""

    method: Method
    unit: Unit
    figures: Figures

    def to_mapping(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {"method": self.method, "unit": self.unit, **self.figures.to_mapping()}


def compare(
    posts: Sequence[JudgedPost],
    done: Callable[[int], None],
    methods: Sequence[Method] = METHODS,
) -> list[Compared]:
    """Fit every method on one half of the employers and measure it on the other.

    Methods that need no judgement get none. ``done`` is told of each finished model.
    """
    functions = load()
    sides = []
    for part in halves(posts):
        seen = list(decided(part))
        votes = classes(cast(functions, (mention for mention, _ in seen)), len(functions))
        sides.append((votes, truth_of(label for _, label in seen)))
    (votes, truth), (held_votes, held_truth) = sides
    voted = (held_votes != ABSTAIN).any(axis=1)
    found = []
    for unit in UNITS:
        for method in methods:
            model = fit(method, unit, votes, functions, truth)
            figures = measure(model.judge(held_votes, functions), voted, held_truth)
            found.append(Compared(method, unit, figures))
            done(1)
    return found
