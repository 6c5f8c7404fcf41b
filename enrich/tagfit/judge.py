"""Whether a tag fits its post: a logistic model over the clues; weights are a dictionary here.

``weights.tsv`` is part of the rules' digest. It does not depend on any model bundle: it weighs
what a bundle says of the post's words.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from enrich.lexicon import Lexicon
from enrich.tagfit.clues import NAMES, clues
from enrich.tagfit.side import PostSide, head_of
from enrich.taxonomy import Taxonomy

SHIPPED = Path(__file__).parent / "weights.tsv"
BIAS, THRESHOLD = "(bias)", "(threshold)"


class WeightsError(ValueError):
    """The weights do not fit the clues; the message names the file and the remedy."""


@dataclass(frozen=True)
class Weights:
    """Weights by clue; a tag is refused from probability ``threshold`` (0 to 1) on."""

    by_clue: Mapping[str, float]
    bias: float
    threshold: float

    @cached_property
    def _ordered(self) -> tuple[float, ...]:
        return tuple(self.by_clue[name] for name in NAMES)

    def refused(self, found: Sequence[float]) -> float:
        """Return the probability, 0 to 1, that the post does not hire for a tag of these clues."""
        total = sum(w * v for w, v in zip(self._ordered, found, strict=True)) + self.bias
        return 1 / (1 + math.exp(-max(-50.0, min(50.0, total))))


def load_weights(path: Path = SHIPPED) -> Weights:
    """Read weights.

    Raises:
        WeightsError: they are of other clues than this version has.
    """
    rows = [line.split("\t") for line in path.read_text("utf-8").splitlines() if line.strip()]
    found = {row[0]: float(row[1]) for row in rows}
    wrong = sorted(found.keys() ^ {*NAMES, BIAS, THRESHOLD})
    if wrong:
        raise WeightsError(
            f"{path}: {wrong[0]} is unknown or missing; train again: hirelens train tags"
        )
    by_clue = {name: found[name] for name in NAMES}
    return Weights(by_clue, found[BIAS], found[THRESHOLD])


def save_weights(path: Path, weights: Weights) -> None:
    """Write weights as lines of a name and a number."""
    rows = {**weights.by_clue, BIAS: weights.bias, THRESHOLD: weights.threshold}
    path.write_text("".join(f"{name}\t{value:.5f}\n" for name, value in rows.items()), "utf-8")


class TagJudge:
    """Judges tags that name a position."""

    def __init__(self, taxonomy: Taxonomy, lexicon: Lexicon, weights: Weights) -> None:
        """Use loaded weights."""
        self._taxonomy = taxonomy
        self._lexicon = lexicon
        self._weights = weights

    def fits(self, tag: str, post: PostSide) -> bool | None:
        """Tell whether a tag fits its post; None where it names no position."""
        head = head_of(tag, self._taxonomy, self._lexicon)
        if head is None:
            return None
        found = clues(tag, head, post, self._taxonomy)
        return self._weights.refused(found) < self._weights.threshold
