"""Scoring a search run against judged (word, post) pairs: pure, from rows of values.

A pair is positive where a mention of the word in the post is hired, negative where none is; a
negative word inside a longer hired mention is left out (``inside_hired``), so is an undecided one.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HIRED = "H"
UNDECIDED = "?"
INSIDE = "inside_hired"
SEVERAL = 2
"""Hired positions from which on a post counts as one that hires for several."""

Pair = tuple[str, str]
"""Word in lower case and post id."""


class RunError(ValueError):
    """A line of a run file is no run line; names the line and the remedy."""


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    count: int
    total: int

    def __str__(self) -> str:
        """Write it as the scorer does: ``3/17``."""
        return f"{self.count}/{self.total}"


@dataclass(frozen=True, slots=True)
class PairFigures:
    """The figures of one run over one set of pairs."""

    pairs: int
    positives: int
    precision: float
    recall: float
    f1: float
    wrongly_returned: tuple[tuple[str, Share], ...]
    inside_hired: Share
    unjudged: int

    def to_mapping(self) -> dict[str, Any]:
        """Return the JSON form, equal to the shared scorer's."""
        return {
            "pairs": self.pairs,
            "positives": self.positives,
            "precision": self.precision,
            "recall": self.recall,
            "f1": self.f1,
            "wrongly_returned": {reason: str(share) for reason, share in self.wrongly_returned},
            "inside_hired": str(self.inside_hired),
            "unjudged": self.unjudged,
        }


@dataclass(frozen=True, slots=True)
class PairReport:
    """A run beside ``raw``, a plain "the text contains the word" search.

    ``several``: the same over the posts that hire for two or more positions.
    """

    raw: PairFigures
    run: PairFigures
    raw_several: PairFigures
    several: PairFigures

    def to_mapping(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "raw": self.raw.to_mapping(),
            "run": self.run.to_mapping(),
            "raw_several": self.raw_several.to_mapping(),
            "several": self.several.to_mapping(),
        }


def judged_pairs(rows: Iterable[Mapping[str, Any]]) -> dict[Pair, str]:
    """Return, for each judged pair, ``H``, the negative's reason, or ``inside_hired``."""
    pairs: dict[Pair, str] = {}
    for row in rows:
        labels: defaultdict[str, list[str]] = defaultdict(list)
        for mention in row["mentions"]:
            labels[mention["text"].lower()].append(mention["label"])
        for word in labels:
            verdict = _verdict(word, labels)
            if verdict is not None:
                pairs[word, row["id"]] = verdict
    return pairs


def judged_words(pairs: Iterable[Pair]) -> list[str]:
    """Return every judged word once: the queries of a run."""
    return sorted({word for word, _ in pairs})


def read_run(path: Path) -> set[Pair]:
    """Return the pairs of a TREC run file.

    Raises:
        RunError: a line has fewer than three columns.
    """
    returned: set[Pair] = set()
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, start=1):
            columns = line.split()
            if not columns:
                continue
            if len(columns) < 3:
                raise RunError(
                    f"{path}, line {number}: has {len(columns)} columns; "
                    "write 'query Q0 post_id rank score tag', blanks in a query as _"
                )
            returned.add((columns[0].replace("_", " ").lower(), columns[2]))
    return returned


def score(pairs: Mapping[Pair, str], returned: Collection[Pair]) -> PairFigures:
    """Return the figures of what a run returned."""
    found = set(returned)
    inside = {pair for pair, label in pairs.items() if label == INSIDE}
    positives = {pair for pair, label in pairs.items() if label == HIRED}
    negatives = pairs.keys() - positives - inside
    hit, wrong = len(positives & found), len(negatives & found)
    precision = hit / (hit + wrong) if hit + wrong else 0.0
    recall = hit / len(positives) if positives else 0.0
    total = Counter(pairs[pair] for pair in negatives)
    bad = Counter(pairs[pair] for pair in negatives & found)
    return PairFigures(
        pairs=len(positives) + len(negatives),
        positives=len(positives),
        precision=round(precision, 4),
        recall=round(recall, 4),
        f1=round(2 * precision * recall / (precision + recall), 4) if hit else 0.0,
        wrongly_returned=tuple((name, Share(bad[name], n)) for name, n in sorted(total.items())),
        inside_hired=Share(len(inside & found), len(inside)),
        unjudged=len(found - pairs.keys()),
    )


def report(rows: Iterable[Mapping[str, Any]], returned: Collection[Pair]) -> PairReport:
    """Return all figures of a run on judged posts."""
    kept = list(rows)
    pairs = judged_pairs(kept)
    several = judged_pairs(row for row in kept if len(row.get("hired") or ()) >= SEVERAL)
    ids = {id_ for _, id_ in several}
    return PairReport(
        raw=score(pairs, pairs.keys()),
        run=score(pairs, returned),
        raw_several=score(several, several.keys()),
        several=score(several, {pair for pair in returned if pair[1] in ids}),
    )


def _verdict(word: str, labels: Mapping[str, list[str]]) -> str | None:
    found = labels[word]
    if HIRED in found:
        return HIRED
    if UNDECIDED in found:
        return None
    if any(HIRED in other and word in longer for longer, other in labels.items()):
        return INSIDE
    reasons = [label for label in found if label.startswith("N")]
    return reasons[0] if reasons else "X"
