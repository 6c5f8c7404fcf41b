"""What `bench/searching.py` computes of its answers: percentiles whole, by kind and by step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Self

from bench.knn_figures import percentile


@dataclass(frozen=True, slots=True)
class Asked:
    """One search: its kind, seconds by the clock and of the processor, hits, seconds by step.

    ``steps``: wall and processor time of each; ``trouble``: why a channel gave nothing.
    """

    kind: str
    query: str
    wall: float
    cpu: float
    hits: int
    steps: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    trouble: str | None = None

    def with_cpu(self, cpu: float) -> Self:
        """Return the same with another processor time."""
        return replace(self, cpu=cpu)

    def to_mapping(self) -> dict[str, Any]:
        """Return the JSON form."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds of several searches; ``cpu`` is what the whole process spent."""

    p50: float
    p90: float
    p99: float
    cpu_p50: float
    cpu_p99: float

    @classmethod
    def of(cls, some: Sequence[Asked]) -> Times:
        """Summarise."""
        wall = [one.wall * 1000 for one in some]
        cpu = [one.cpu * 1000 for one in some]
        return cls(*(percentile(wall, at) for at in (50, 90, 99)),
                   *(percentile(cpu, at) for at in (50, 99)))  # fmt: skip


def table(runs: Mapping[str, Sequence[Asked]]) -> str:
    """Return Markdown: every run, and its kinds of queries."""
    lines = [["run", "kind", "queries", "p50", "p90", "p99", "cpu p50", "cpu p99", "empty"]]
    for name, some in runs.items():
        kinds = sorted({one.kind for one in some})
        for kind in ("", *kinds) if len(kinds) > 1 else ("",):
            chosen = [one for one in some if kind in ("", one.kind)]
            times = Times.of(chosen)
            empty = sum(not one.hits for one in chosen)
            lines.append([
                name, kind or "all kinds", str(len(chosen)),
                *(f"{value:.1f}" for value in asdict(times).values()), str(empty),
            ])  # fmt: skip
    return _markdown(lines)


def step_table(cold: Sequence[Asked], warm: Sequence[Asked]) -> str:
    """Return Markdown: wall and processor time of each step, in ms, cold and warm."""
    lines = [["step", *(f"{run} {what}" for run in ("cold", "warm")
                        for what in ("p50", "p99", "cpu p50", "cpu p99"))]]  # fmt: skip
    for step in cold[0].steps:
        line = [step]
        for some in (cold, warm):
            for part in (0, 1):
                values = [one.steps[step][part] * 1000 for one in some]
                line += [f"{percentile(values, at):.1f}" for at in (50, 99)]
        lines.append(line)
    return _markdown(lines)


def _markdown(lines: Sequence[Sequence[str]]) -> str:
    ruled = [lines[0], ["---"] * len(lines[0]), *lines[1:]]
    return "\n".join("| " + " | ".join(line) + " |" for line in ruled)
