"""The table of forms: a line for each, its figures with intervals; seeds of one form together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from labels.evaluate.bootstrap import Estimate
from labels.train.towers.measure import Figures

CELLS = (
    ("look", "ndcg@10"),
    ("blind", "ndcg@10"),
    ("blind", "recall_without"),
    ("blind", "bait"),
    ("nameless", "recall@10"),
    ("nameless", "auc"),
)


@dataclass(frozen=True, slots=True)
class Line:
    """One measured model; models of one name are told together."""

    name: str
    figures: Figures


def as_table(lines: Sequence[Line]) -> str:
    """Return the figures as Markdown.

    Of several seeds the mean of the figures and of the ends of their intervals is told.
    """
    head = " | ".join(f"{part} {figure}" for part, figure in CELLS)
    rows = [f"| form | seeds | {head} |", "|---" * (len(CELLS) + 2) + "|"]
    for name in dict.fromkeys(line.name for line in lines):
        own = [line.figures for line in lines if line.name == name]
        cells = " | ".join(_cell(own, part, figure) for part, figure in CELLS)
        rows.append(f"| {name} | {len(own)} | {cells} |")
    return "\n".join(rows) + "\n"


def _cell(own: Sequence[Figures], part: str, figure: str) -> str:
    found = [one.get(part, {}).get(figure) for one in own]
    values = [value for value in found if value is not None]
    if not values:
        return "-"
    return str(
        Estimate(
            fmean(value.value for value in values),
            fmean(value.low for value in values),
            fmean(value.high for value in values),
            values[0].count,
        )
    )
