"""One run: rows with and without made errors, judged across authors, then weights of all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from enrich.bundle import Calibration
from enrich.lexicon import Lexicon
from enrich.tagfit.clues import NAMES
from enrich.tagfit.judge import Weights, save_weights
from enrich.taxonomy import Taxonomy
from labels.train.tagfit.examples import TagRow, read_tagged, rows
from labels.train.tagfit.fit import Array, Rate, balanced, fit, rate
from labels.train.tagfit.noise import Errors

Judged = tuple[TagRow, float]
"""A row and the probability that it is bad."""


class TagfitError(ValueError):
    """The posts are too few to train on; the message names the remedy."""


@dataclass(frozen=True, slots=True)
class TagfitConfig:
    """A run; ``copies`` of the posts have made errors, beside one that has none."""

    errors: Errors = field(default_factory=lambda: Errors(lost=0.07, won=0.1))
    copies: int = 2
    penalty: float = 4.0
    seed: int = 1


@dataclass(frozen=True, slots=True)
class TagfitReport:
    """What a run found; rates are of authors that the weights had not seen.

    ``clean`` and ``erring``: of the posters' own tags, under right verdicts and under made errors.
    ``foreign``: share of the tags of other posts that is refused.
    """

    tags: int
    bad: int
    threshold: float
    clean: Rate
    erring: Rate
    foreign: float
    by_author: dict[str, Rate]


def train(
    gold: Sequence[Path],
    out: Path,
    taxonomy: Taxonomy,
    calibration: Calibration,
    config: TagfitConfig | None = None,
) -> TagfitReport:
    """Train weights of judged posts and write them.

    Raises:
        GoldError: a line is no judged post with tags.
        TagfitError: the posts are of one author, or all tags are alike.
    """
    config = config or TagfitConfig()
    lexicon = Lexicon(taxonomy)
    posts = read_tagged(gold, lexicon)

    def made(errors: Errors, seed: int) -> list[TagRow]:
        return rows(posts, taxonomy, lexicon, calibration, errors, seed)

    clean = made(Errors(), config.seed)
    erring = [made(config.errors, config.seed + n) for n in range(1, config.copies + 1)]
    # The thresholds are judged on errors that the weights of no fold have met.
    fresh = made(config.errors, config.seed + config.copies + 1)
    authors = sorted({row.author for row in clean})
    if len(authors) < 2 or len({row.bad for row in clean if not row.foreign}) < 2:
        raise TagfitError("posts of two authors are needed, with good and bad tags; name more")
    known = [clean, *erring]
    sure = _across(authors, known, clean, config.penalty)
    doubtful = _across(authors, known, fresh, config.penalty)
    own = [(row.bad, p) for row, p in [*sure, *doubtful] if not row.foreign]
    threshold = balanced([bad for bad, _ in own], [p for _, p in own])
    line = fit(*_arrays(known), config.penalty * len(known))
    weights = dict(zip(NAMES, map(float, line.weights), strict=True))
    save_weights(out, Weights(weights, line.bias, threshold))
    foreign = [p >= threshold for row, p in doubtful if row.foreign]
    return TagfitReport(
        sum(not row.foreign for row in clean),
        sum(row.bad for row in clean if not row.foreign),
        threshold,
        _rate(sure, threshold),
        _rate(doubtful, threshold),
        round(sum(foreign) / max(1, len(foreign)), 4),
        {
            author: _rate([item for item in doubtful if item[0].author == author], threshold)
            for author in authors
        },
    )


def _across(
    authors: Sequence[str],
    known: Sequence[Sequence[TagRow]],
    asked: Sequence[TagRow],
    penalty: float,
) -> list[Judged]:
    """Return each row with its probability by weights that have not seen its author."""
    found: list[Judged] = []
    for author in authors:
        line = fit(
            *_arrays([[row for row in some if row.author != author] for some in known]),
            penalty * len(known),
        )
        own = [row for row in asked if row.author == author]
        found += zip(own, line.probabilities(_arrays([own])[0]).tolist(), strict=True)
    return found


def _arrays(some: Sequence[Sequence[TagRow]]) -> tuple[Array, Array]:
    found = [row for part in some for row in part]
    clues: Any = np.array([row.clues for row in found])
    bad: Any = np.array([float(row.bad) for row in found])
    return clues, bad


def _rate(judged: Sequence[Judged], threshold: float) -> Rate:
    own = [(row.bad, p >= threshold) for row, p in judged if not row.foreign]
    found = rate([bad for bad, _ in own], [refused for _, refused in own])
    return Rate(round(found.precision, 4), round(found.recall, 4))
