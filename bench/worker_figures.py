"""One measured figure, its bar, and a table of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Figure:
    """A figure; ``bar`` is what it must reach (``at_least``) or must not pass."""

    part: str
    what: str
    value: float
    unit: str
    bar: float | None = None
    at_least: bool = True

    @property
    def reached(self) -> bool | None:
        """Tell whether the bar is reached; None where there is none."""
        if self.bar is None:
            return None
        return self.value >= self.bar if self.at_least else self.value <= self.bar


def status(figures: Sequence[Figure]) -> int:
    """Return the exit status: 1 where a bar is missed."""
    return int(any(figure.reached is False for figure in figures))


def table(figures: Sequence[Figure]) -> str:
    """Return the figures as lines of equal columns."""
    width = max((len(f.what) for f in figures), default=0)
    return "\n".join(f"{f.part}  {f.what:<{width}}  {_number(f)}  {_verdict(f)}" for f in figures)


def json_lines(figures: Sequence[Figure]) -> str:
    """Return one JSON object a figure; ``reached`` is null where there is no bar."""
    return "\n".join(json.dumps({**asdict(f), "reached": f.reached}) for f in figures)


def alternate(rounds: int, *calls: Callable[[], float]) -> list[list[float]]:
    """Call each in turn, so that a busy moment of the machine meets all of them."""
    found: list[list[float]] = [[] for _ in calls]
    for _ in range(rounds):
        for call, results in zip(calls, found, strict=True):
            results.append(call())
    return found


def _number(figure: Figure) -> str:
    digits = 0 if figure.value >= 100 else 1 if figure.value >= 10 else 3
    return f"{figure.value:>10,.{digits}f} {figure.unit:<12}"


def _verdict(figure: Figure) -> str:
    if figure.bar is None:
        return ""
    sign = ">=" if figure.at_least else "<="
    return f"bar {sign} {figure.bar:g}: {'reached' if figure.reached else 'MISSED'}"
