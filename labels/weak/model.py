"""The label model: what each voter's vote is worth, and the probabilities of classes from votes.

Every way of fitting (``labels.weak.fit``) ends in the same few numbers: the classes' prior and, for
each voter, how likely each vote is under each class. Voters are taken as independent given the
class; an abstention says nothing. Applying a model needs numpy only.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from labels.weak.matrix import Unit, names_of, votes_of
from labels.weak.votes import CLASSES, LabellingFunction

if TYPE_CHECKING:
    import numpy.typing as npt

    from labels.weak.matrix import Votes

    Floats = npt.NDArray[np.float64]

SHIPPED = Path(__file__).parent / "data" / "label_model.json"
"""The model that ``hirelens label weak apply`` takes by default."""
FORMAT = 1
FLOOR = 1e-3
"""Least likelihood of a vote: no single voter is ever certain."""
_DIGITS = 5


class ModelError(ValueError):
    """A label model cannot be used; names the file and the remedy."""


@dataclass(frozen=True)
class LabelModel:
    """A fitted label model.

    ``likelihood[voter, class, vote]``: how likely the vote is where the class is true;
    ``functions``: those that it was fitted with; other ones would vote differently.
    """

    method: str
    unit: Unit
    functions: tuple[str, ...]
    voters: tuple[str, ...]
    prior: Floats
    likelihood: Floats

    def probabilities(self, votes: Votes) -> Floats:
        """Return the classes' probabilities, a row a mention; the prior where nobody votes.

        Args:
            votes: those of this model's voters.
        """
        logs = np.log(np.maximum(self.likelihood, FLOOR))
        total = np.tile(np.log(np.maximum(self.prior, FLOOR)), (len(votes), 1))
        for voter in range(votes.shape[1]):
            for vote in range(len(CLASSES)):
                total[votes[:, voter] == vote] += logs[voter, :, vote]
        total -= total.max(axis=1, keepdims=True)
        odds = np.exp(total)
        return np.asarray(odds / odds.sum(axis=1, keepdims=True))

    def judge(self, votes: Votes, functions: Sequence[LabellingFunction]) -> Floats:
        """Return the probabilities from the votes of single functions."""
        return self.probabilities(votes_of(self.unit, votes, functions))

    def check(self, functions: Sequence[LabellingFunction], place: str) -> None:
        """Make sure that a model was fitted with these functions.

        Raises:
            ModelError: it was fitted with others.
        """
        names = tuple(function.name for function in functions)
        if names != self.functions:
            other = sorted(set(names) ^ set(self.functions))
            what = f"differs in {', '.join(other[:5])}" if other else "has another order"
            raise ModelError(
                f"{place}: was fitted with other labelling functions ({what}); "
                "fit it again: hirelens label weak fit"
            )
        if self.voters != names_of(self.unit, functions):
            raise ModelError(f"{place}: knows other voters; fit it again: hirelens label weak fit")

    @property
    def digest(self) -> str:
        """Return the digest of what the model says."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()[:16]

    def to_json(self) -> str:
        """Return the model as JSON."""
        return json.dumps(
            {
                "format": FORMAT,
                "method": self.method,
                "unit": self.unit,
                "classes": CLASSES,
                "functions": self.functions,
                "prior": _rounded(self.prior),
                "voters": {
                    name: _rounded(rows)
                    for name, rows in zip(self.voters, self.likelihood, strict=True)
                },
            },
            ensure_ascii=False,
            indent=1,
        )

    @classmethod
    def load(cls, path: Path = SHIPPED) -> LabelModel:
        """Load a model.

        Raises:
            ModelError: the file is none; OSError: it cannot be read.
        """
        try:
            return cls._of(json.loads(path.read_text("utf-8")))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ModelError(
                f"{path}: is no label model ({error}); write one: hirelens label weak fit"
            ) from None

    @classmethod
    def _of(cls, data: dict[str, Any]) -> LabelModel:
        if data["format"] != FORMAT or tuple(data["classes"]) != CLASSES:
            raise ValueError(f"is not of format {FORMAT}")
        if data["unit"] not in {"function", "kind"}:
            raise ValueError(f"unit {data['unit']!r}")
        voters = data["voters"]
        likelihood = np.array(list(voters.values()), dtype=float)
        prior = np.array(data["prior"], dtype=float)
        size = len(CLASSES)
        if prior.shape != (size,) or likelihood.shape != (len(voters), size, size):
            raise ValueError("numbers of another shape")
        if not all(np.isfinite(part).all() and (part >= 0).all() for part in (prior, likelihood)):
            raise ValueError("probabilities below 0 or not finite")
        return cls(
            str(data["method"]),
            data["unit"],
            tuple(data["functions"]),
            tuple(voters),
            prior,
            likelihood,
        )


def _rounded(numbers: Floats) -> Any:  # noqa: ANN401 - nested lists of floats
    return np.round(numbers, _DIGITS).tolist()
