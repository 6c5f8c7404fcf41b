"""Scoring attribute marks and rejected tags against judged posts: pure, from rows of values.

A predicted mark meets a judged one of the same attribute, field and polarity whose spans overlap;
each judged mark is met once. Positions have their own figures (``pairs``) and are left out here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

STRUCTURED = ("salary", "age", "gender", "education", "experience")
"""Attributes whose values are compared, too."""

POSITION = "position"
ALL = "all"
TOLERANCE = 0.005
"""Two numbers agree within this share of the larger one."""

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts of one attribute, and the shares that follow from them."""

    gold: int
    guessed: int
    met: int
    value_right: int

    @property
    def precision(self) -> float:
        """The share of predicted marks that meet a judged one."""
        return self.met / max(self.guessed, 1)

    @property
    def recall(self) -> float:
        """The share of judged marks that are met."""
        return self.met / max(self.gold, 1)

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0

    @property
    def value(self) -> float:
        """The share of met marks whose value is right."""
        return self.value_right / max(self.met, 1)

    def __add__(self, other: Figures) -> Figures:
        """Return the figures of both together."""
        return Figures(
            self.gold + other.gold,
            self.guessed + other.guessed,
            self.met + other.met,
            self.value_right + other.value_right,
        )

    def to_mapping(self, *, with_value: bool) -> dict[str, Any]:
        """Return the JSON form; the value's share only where values are compared."""
        data: dict[str, Any] = {
            "gold": self.gold,
            "guessed": self.guessed,
            "met": self.met,
            "precision": round(self.precision, 3),
            "recall": round(self.recall, 3),
            "f1": round(self.f1, 3),
        }
        return {**data, "value": round(self.value, 3)} if with_value else data


@dataclass(frozen=True, slots=True)
class TagFigures:
    """Figures by attribute and over all; ``missing`` judged posts have no enrichment."""

    missing: int
    by_attribute: tuple[tuple[str, Figures], ...]
    overall: Figures

    def to_mapping(self) -> dict[str, Any]:
        """Return the JSON form."""
        attributes = {
            name: figures.to_mapping(with_value=name in STRUCTURED)
            for name, figures in self.by_attribute
        }
        return {
            "missing": self.missing,
            "attributes": {**attributes, ALL: self.overall.to_mapping(with_value=False)},
        }


@dataclass(frozen=True, slots=True)
class RejectionFigures:
    """How well rejected tags agree with the tags judged bad; examples name (post, tag)."""

    bad: int
    rejected: int
    right: int
    wrongly_rejected: tuple[tuple[str, str], ...] = field(default=())
    kept_bad: tuple[tuple[str, str], ...] = field(default=())

    @property
    def precision(self) -> float:
        """The share of rejected tags that are bad."""
        return self.right / max(self.rejected, 1)

    @property
    def recall(self) -> float:
        """The share of bad tags that are rejected."""
        return self.right / max(self.bad, 1)

    def to_mapping(self) -> dict[str, Any]:
        """Return the JSON form, without the examples."""
        return {
            "bad": self.bad,
            "rejected": self.rejected,
            "right": self.right,
            "precision": round(self.precision, 3),
            "recall": round(self.recall, 3),
        }


def score_tags(gold_rows: Iterable[Row], enrichment_rows: Iterable[Row]) -> TagFigures:
    """Score enrichments (``id``, ``tags`` by attribute) against judged posts (``id``, ``tags``)."""
    predicted = {str(row["id"]): row["tags"] for row in enrichment_rows}
    totals: dict[str, Figures] = {}
    missing = 0
    for post in gold_rows:
        missing += str(post["id"]) not in predicted
        guesses: Mapping[str, Any] = predicted.get(str(post["id"]), {})
        judged: dict[str, list[Row]] = {}
        for mark in post["tags"]:
            judged.setdefault(mark["attribute"], []).append(mark)
        for name in judged.keys() | (guesses.keys() - {POSITION}):
            figures = _score(judged.get(name, []), guesses.get(name, ()))
            totals[name] = totals.get(name, Figures(0, 0, 0, 0)) + figures
    overall = sum(totals.values(), Figures(0, 0, 0, 0))
    return TagFigures(missing, tuple(sorted(totals.items())), overall)


def score_rejection(gold_rows: Iterable[Row], enrichment_rows: Iterable[Row]) -> RejectionFigures:
    """Score ``rejected_tags`` against ``bad_tags``; a rejected category is no tag and left out."""
    rejected = {
        str(row["id"]): Counter(item["tag"] for item in row["rejected_tags"])
        for row in enrichment_rows
    }
    bad_count = rejected_count = right = 0
    wrong: list[tuple[str, str]] = []
    kept: list[tuple[str, str]] = []
    for post in gold_rows:
        id_ = str(post["id"])
        tags = set(post.get("tags") or ())
        bad = set(post.get("bad_tags") or ())
        guessed = set(rejected.get(id_, ())) & tags
        bad_count += len(bad)
        rejected_count += len(guessed)
        right += len(guessed & bad)
        wrong += [(id_, tag) for tag in sorted(guessed - bad)]
        kept += [(id_, tag) for tag in sorted(bad - guessed)]
    return RejectionFigures(bad_count, rejected_count, right, tuple(wrong), tuple(kept))


def _score(judged: list[Row], guesses: Iterable[Row]) -> Figures:
    left = list(judged)
    guessed = met = right = 0
    for guess in guesses:
        guessed += 1
        gold = next((mark for mark in left if _meets(mark, guess)), None)
        if gold is not None:
            left.remove(gold)
            met += 1
            right += _same_value(gold["value"], guess.get("value"))
    return Figures(len(judged), guessed, met, right)


def _meets(gold: Row, guess: Row) -> bool:
    return bool(
        gold["field"] == guess["field"]
        and gold["polarity"] == guess.get("polarity", "+")
        and gold["start"] < guess["end"]
        and guess["start"] < gold["end"]
    )


def _same_value(gold: object, guess: object) -> bool:
    """Return whether two values agree, numbers within the tolerance."""
    if not isinstance(gold, Mapping) or not isinstance(guess, Mapping):
        return gold == guess
    return all(_same_part(gold.get(key), guess.get(key)) for key in gold.keys() | guess.keys())


def _same_part(gold: object, guess: object) -> bool:
    if isinstance(gold, int | float) and isinstance(guess, int | float):
        return abs(gold - guess) <= TOLERANCE * max(abs(gold), abs(guess))
    return gold == guess
