"""The tables that ``hirelens label weak`` prints; columns whose name begins with # are numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from labels.weak.against import Against
from labels.weak.compare import Compared
from labels.weak.measure import SURE
from labels.weak.summary import Summary


@dataclass(frozen=True, slots=True)
class Table:
    """A title, the columns and the rows."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]


def summary_table(found: Summary) -> Table:
    """Return the functions, a row each."""
    rows = tuple(
        (
            item.kind,
            item.name,
            item.classes,
            item.votes,
            f"{item.coverage:.4f}",
            f"{item.overlap:.4f}",
            f"{item.conflict:.4f}",
            "" if item.accuracy is None else f"{item.accuracy:.3f}",
        )
        for item in found.functions
    )
    title = (
        f"{len(rows)} labelling functions on {found.mentions} mentions of {found.posts} posts; "
        f"{found.covered:.1%} have a vote, {found.conflicting:.1%} votes for several classes"
    )
    head = ("kind", "function", "for", "#votes", "#coverage", "#overlap", "#conflict", "#right")
    return Table(title, head, rows)


def meanings_table(found: Summary) -> Table:
    """Return what each function looks at."""
    rows = tuple((item.name, item.meaning) for item in found.functions)
    return Table("what they mean", ("function", "votes for what it says after the colon"), rows)


def comparison_table(found: Sequence[Compared]) -> Table:
    """Return the label models, a row each."""
    rows = []
    for item in found:
        figures = item.figures.to_mapping()
        numbers = (f"{figures[name]:.4f}" for name in _FIGURES)
        rows.append((item.method, item.unit, *numbers))
    head = (
        "#accuracy",
        "#H precision",
        "#H recall",
        "#H F1",
        "#log loss",
        "#ECE",
        "#sure",
        "#right",
    )
    shares = {item.figures.coverage for item in found}
    title = (
        "fitted on half of the employers, measured on the other "
        f"({max(shares, default=0.0):.1%} have a vote; sure: at least {SURE})"
    )
    return Table(title, ("method", "voter", *head), tuple(rows))


_FIGURES = ("accuracy", "precision", "recall", "f1", "log_loss", "ece", "sure", "sure_accuracy")


def against_table(found: Against) -> Table:
    """Return the functions beside the model, those that mend most of its errors first."""
    rows = tuple(
        (
            item.kind,
            item.name,
            item.votes,
            f"{item.right / item.votes:.3f}",
            f"{item.model_right / item.votes:.3f}",
            item.errors,
            item.mended,
            "better" if item.better else "",
        )
        for item in sorted(found.functions, key=lambda item: (-item.mended, item.name))
    )
    share = found.model_right / found.mentions if found.mentions else 0.0
    title = (
        f"labelling functions beside the model ({share:.3f} right on {found.mentions} mentions of "
        f"{found.posts} posts)"
    )
    head = ("#votes", "#right", "#model right", "#model errors", "#mended", "than the model")
    return Table(title, ("kind", "function", *head), rows)
