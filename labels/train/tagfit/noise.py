"""Made errors: verdicts as an honest model gives them on posts that it has not seen.

The shipped model was trained on the posts that the weights learn from, so its own verdicts of
them are too good. The judges' labels are taken instead, and some of them are got wrong.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from enrich.reality import Verdict

_SURE = (1, 12)
"""Shape of the beta distribution of how far a right verdict stays below certainty."""
_MOST_DOUBT = 0.4
_KINDS = ("N:coop", "N:exp", "N:career", "N:compare", "N:context", "N:bait", "N:other")
_ALL_MENTIONS = 0.6
"""Share of the mentions of a wrongly hired word that are taken for hired."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the judges say of one mention: the word's form, H, X or a kind of N, and its field."""

    form: str
    label: str
    title: bool


@dataclass(frozen=True, slots=True)
class Errors:
    """Share of the hired words of posts that are lost, and of the others that are won."""

    lost: float = 0.0
    won: float = 0.0


def verdicts(
    found: Sequence[Judgement], errors: Errors, threshold: float, rng: random.Random
) -> list[Verdict]:
    """Return verdicts of the mentions of one post; the words of a form err together."""
    hired = {item.form for item in found if item.label == "H"}
    wrong = {
        form: rng.random() < (errors.lost if form in hired else errors.won)
        for form in dict.fromkeys(item.form for item in found)
    }
    return [_verdict(item, wrong[item.form], threshold, rng) for item in found]


def _verdict(item: Judgement, wrong: bool, threshold: float, rng: random.Random) -> Verdict:
    hired = item.label == "H"
    if wrong and hired:
        score = rng.uniform(0.02, threshold)
    elif wrong and rng.random() < _ALL_MENTIONS:
        score = rng.uniform(threshold, 0.99)
    else:
        doubt = min(rng.betavariate(*_SURE), _MOST_DOUBT)
        score = 1 - doubt if hired else doubt
    reason = item.label if item.label.startswith("N:") else _kind(item, rng)
    named = 0.2 if item.label == "X" else 0.8
    return Verdict(score, (1 - score) * named, (1 - score) * (1 - named), reason)


def _kind(item: Judgement, rng: random.Random) -> str:
    """Return what a hired mention is taken for: a title's bait, in a body anything."""
    return "N:bait" if item.title else rng.choice(_KINDS)
