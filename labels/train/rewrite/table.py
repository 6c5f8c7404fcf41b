"""The table of losses: a line for each model form, mean and deviation over its seeds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean, stdev
from typing import Any

_CELLS = (
    ("unseen", "auc"),
    ("look", "auc"),
    ("blind", "auc"),
    ("blind", "precision"),
    ("blind", "recall"),
)


@dataclass(frozen=True, slots=True)
class Line:
    """One model; models of one name are told together."""

    name: str
    figures: dict[str, Any]


def as_table(lines: Sequence[Line]) -> str:
    """Return the figures as Markdown, mean and standard deviation over models of one name."""
    head = " | ".join(f"{part} {figure}" for part, figure in _CELLS)
    rows = [f"| model | seeds | {head} |", "|---" * (len(_CELLS) + 2) + "|"]
    for name in dict.fromkeys(line.name for line in lines):
        own = [line.figures for line in lines if line.name == name]
        cells = " | ".join(_cell(own, part, figure) for part, figure in _CELLS)
        rows.append(f"| {name} | {len(own)} | {cells} |")
    return "\n".join(rows) + "\n"


def _cell(own: Sequence[dict[str, Any]], part: str, figure: str) -> str:
    values = [figures[part][figure] for figures in own if part in figures]
    if not values:
        return "-"
    spread = f" ± {stdev(values):.3f}" if len(values) > 1 else ""
    return f"{mean(values):.3f}{spread}"
