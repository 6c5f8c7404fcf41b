"""Counterfactual gates: what a known change of a post must do to the model's labels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from labels.evaluate.bootstrap import Bootstrap, Estimate
from labels.evaluate.gate_cases import Case
from labels.train.data import Example

if TYPE_CHECKING:
    from enrich.bundle import Bundle

Labels = tuple[str, ...]
"""H, N or X for every mention of a post, title mentions first."""

BARS = {
    "exchange exchanges the labels": 0.95,
    "inserted clause changes no other label": 0.99,
    "inserted bait word is not hired": 0.97,
    "replaced position stays hired": 0.97,
    "bait word of a title is not hired": 0.85,
}
"""The gates and the share that each must reach."""

_BATCH = 32


@dataclass(frozen=True, slots=True)
class GateFigure:
    """How often a change did what it must; ``missed``: ids of the posts where it did not."""

    gate: str
    good: int
    total: int
    bar: float
    share: Estimate | None
    missed: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether the bar is reached; a gate without a case is not."""
        return self.share is not None and self.share.value >= self.bar

    def to_mapping(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "gate": self.gate,
            "good": self.good,
            "total": self.total,
            "bar": self.bar,
            "share": self.share.to_mapping() if self.share else None,
            "passed": self.passed,
        }

    def __str__(self) -> str:
        """Write figure, interval and counts in one line."""
        return f"{self.gate}: {self.share} of {self.total}, bar {self.bar}"


def judge_cases(
    bundle: Bundle, cases: Sequence[Case], advance: Callable[[int], None] = lambda _: None
) -> list[tuple[Labels, Labels]]:
    """Let the model label every case before and after its change."""
    found: list[tuple[Labels, Labels]] = []
    for at in range(0, len(cases), _BATCH):
        batch = cases[at : at + _BATCH]
        labels = judge_examples(bundle, [e for case in batch for e in (case.before, case.after)])
        found.extend(zip(labels[::2], labels[1::2], strict=True))
        advance(len(batch))
    return found


def judge_examples(bundle: Bundle, examples: Sequence[Example]) -> list[Labels]:
    """Label the marked mentions of posts as indexing does."""
    from enrich.reality import decide, judge_windows
    from enrich.windows import cut_windows, tokenize

    fields = tokenize(
        bundle.tokenizer, [f for e in examples for f in (e.title, e.body)], bundle.specials
    )
    windows = [
        (number, window)
        for number in range(len(examples))
        for window in cut_windows(fields[2 * number], fields[2 * number + 1], bundle.specials)[0]
    ]
    verdicts = judge_windows(bundle, windows)
    return [
        tuple(
            span.label
            for span in decide(
                e.title.spans + e.body.spans,
                [verdicts.get((number, mention)) for mention in range(len(e.classes))],
                bundle.calibration,
            )
        )
        for number, e in enumerate(examples)
    ]


def score(cases: Sequence[Case], judged: Sequence[tuple[Labels, Labels]]) -> list[GateFigure]:
    """Return the figure of every gate; intervals are over posts."""
    results: dict[str, list[tuple[str, int, int]]] = {gate: [] for gate in BARS}
    for case, (before, after) in zip(cases, judged, strict=True):
        for gate, good, total in _results(case, before, after):
            results[gate].append((case.after.id, good, total))
    return [_figure(gate, rows) for gate, rows in results.items()]


def _results(case: Case, before: Labels, after: Labels) -> list[tuple[str, int, int]]:
    """Return (gate, good, of how many) for one case."""
    exchange, other, bait, replaced, title = BARS
    was, now = _hired(case.before, before), _hired(case.after, after)
    new, old = set(case.new), set(case.old)
    if case.change == "exchange":
        good = old <= was and was.isdisjoint(new) and new <= now and now.isdisjoint(old)
        return [(exchange, int(good), 1)]
    if case.change == "replace":
        # What the model never took for hired says nothing about keeping it.
        return [(replaced, int(new <= now), 1)] if old <= was else []
    if case.change == "title":
        return [(title, len(new - now), len(new))]
    words = _words(case.after)
    kept = [label for word, label in zip(words, after, strict=True) if word not in new]
    same = sum(a == b for a, b in zip(before, kept, strict=True))
    return [(other, same, len(before)), (bait, len(new - now), len(new))]


def _figure(gate: str, rows: Sequence[tuple[str, int, int]]) -> GateFigure:
    good, total = (np.array([row[i] for row in rows], dtype=float) for i in (1, 2))
    return GateFigure(
        gate,
        int(good.sum()),
        int(total.sum()),
        BARS[gate],
        Bootstrap(len(rows)).ratio(good, total) if rows else None,
        tuple(dict.fromkeys(id_ for id_, part, whole in rows if part < whole)),
    )


def _words(example: Example) -> list[str]:
    return [field.text[s:e] for field in (example.title, example.body) for s, e in field.spans]


def _hired(example: Example, labels: Labels) -> set[str]:
    words = _words(example)
    return {word for word, label in zip(words, labels, strict=True) if label == "H"}
