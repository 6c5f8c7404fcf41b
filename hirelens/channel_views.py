"""Tables of what channels are worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from hirelens.output import table

if TYPE_CHECKING:
    from rich.console import Console

    from labels.evaluate.bootstrap import Estimate
    from labels.evaluate.channels import ChannelReport
    from labels.evaluate.paired import Paired

# Figures as tables name them; those with an interval first.
GRADED = {
    "ndcg@10": "nDCG@10",
    "recall_without": "recall@10 without",
    "bait": "bait above",
    "map": "MAP",
    "recall": "recall@10",
    "recall_with": "with words",
}
PLACES = {
    "first_60_all": "right in the first 60",
    "first_60_without": "without words",
    "first_200_all": "in the first 200",
    "first_200_without": "without words",
}


def show_report(
    out: Console,
    title: str,
    found: ChannelReport,
    names: Mapping[str, str],
    *,
    whole: Sequence[str] = (),
    compared: Sequence[str] = (),
) -> None:
    """Print figures by system; those of ``whole`` with intervals; then the comparisons."""
    rows = [
        (system, *(_cell(some.get(name), name in whole) for name in names))
        for system, some in found.figures.items()
    ]
    out.print(table(title, ("", *(f"#{name}" for name in names.values())), rows))
    lines = [
        (
            f"{one.first} - {one.second}",
            names[name],
            *_paired(one.figures[name]),
            f"{one.student[name]:.4f}" if name in one.student else "",
        )
        for one in found.comparisons
        for name in compared
        if one.figures.get(name)
    ]
    if lines:
        columns = ("compared", "figure", "#difference", "#p", "#better", "#worse", "#p (Student)")
        out.print(table(f"{title}: differences (95 % intervals, paired)", columns, lines))


def _cell(estimate: Estimate | None, whole: bool) -> str:
    if estimate is None:
        return ""
    if not whole:
        return f"{estimate.value:.3f}"
    return f"{estimate.value:.3f} ({estimate.low:.2f}–{estimate.high:.2f})"


def _paired(found: Paired | None) -> tuple[object, ...]:
    if found is None:
        return ("",) * 4
    d = found.difference
    told = f"{d.value:+.3f} ({d.low:+.2f} to {d.high:+.2f})"
    return told, f"{found.p:.4f}", found.better, found.worse
