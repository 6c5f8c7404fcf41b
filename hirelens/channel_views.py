"""Tables of what channels are worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from hirelens.output import table
from labels.evaluate.channels import ChannelReport

if TYPE_CHECKING:
    from rich.console import Console

    from hirelens.crowd_evaluation import FrequentReport
    from labels.evaluate.bootstrap import Estimate
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

NAMELESS = {"recall_60": "recall@60", "auc": "AUC"}
BAIT = {
    "bait_first": "bait in the first 10",
    "bait_share": "of what is judged there",
    "bait_above": "bait above",
    "bait": "bait at all",
    "right_first": "right in the first 10",
    "right": "right at all",
}
FREQUENT = {"right_60": "right of the first 60"}
_WHOLE = {
    "graded": ("ndcg@10", "recall_without", "bait"),
    "crowd": ("ndcg@10", "recall_without", "bait", "first_60_without"),
    "pairs": ("bait_first", "bait_share", "bait_above"),
    "pairs in the crowd": ("bait_first", "bait_share", "right_first"),
    "nameless": tuple(NAMELESS),
    "base": tuple(NAMELESS),
    "frequent": tuple(FREQUENT),
}
"""Figures that are told with intervals and compared."""
_NAMES = {
    "graded": GRADED,
    "crowd": GRADED,
    "pairs": BAIT,
    "pairs in the crowd": BAIT,
    "nameless": NAMELESS,
    "base": NAMELESS,
    "frequent": FREQUENT,
}
_TITLES = {
    "graded": "{} graded queries",
    "crowd": "{} graded queries in a crowd",
    "pairs": "bait: {} judged words among the judged posts",
    "pairs in the crowd": "bait: {} judged words among the posts of the crowd",
    "nameless": "names deleted: {} posts among those that do not say the position",
    "base": "names deleted: {} posts in a sample of the crowd, by cosine alone",
    "frequent": "{} frequent queries: share of 60 places",
}


def show_all(out: Console, found: Mapping[str, ChannelReport | FrequentReport]) -> None:
    """Print the tables of whatever was measured."""
    for name, one in found.items():
        figures, whole = one if isinstance(one, ChannelReport) else one.figures, _WHOLE[name]
        title = _TITLES[name].format(figures.items)
        if not isinstance(one, ChannelReport):
            rows = [(query, *some.values()) for query, some in one.queries]
            columns = ("query", *(f"#{channel}" for channel in figures.figures))
            out.print(table("right posts among the first 60", columns, rows))
        show_report(out, title, figures, _NAMES[name], whole=whole, compared=whole)
        if name == "crowd":
            places = "right posts among the first places, the crowd's included"
            show_report(out, places, figures, PLACES, whole=tuple(PLACES))


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
            names.get(name, PLACES.get(name, name)),
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
