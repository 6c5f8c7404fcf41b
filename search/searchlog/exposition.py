"""Figures in Prometheus' text format, for the textfile collector of a node exporter."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from search.searchlog.figures import Row

_GAUGES: tuple[tuple[str, str, Callable[[Row], float | None]], ...] = (
    ("answers", "Answers for which the channel was asked.", lambda row: row.searches),
    ("empty_ratio", "Of these, those in which it found nothing.", lambda row: row.empty),
    ("failed_ratio", "Of these, those in which it could not answer.", lambda row: row.failed),
    ("shown", "Posts that were shown in these answers.", lambda row: row.shown),
    ("shown_ratio", "Of these posts, those that the channel found.", lambda row: row.share),
    ("exclusive_ratio", "Of these posts, those that only it found.", lambda row: row.exclusive),
)


def exposition(rows: Iterable[Row]) -> str:
    """Return gauges of the span of time that the rows are of; what is not known is left out."""
    rows = list(rows)
    lines: list[str] = []
    for name, meaning, value_of in _GAUGES:
        lines += _gauge(f"hirelens_search_{name}", meaning)
        lines += (
            f"hirelens_search_{name}{{{_labels(row)}}} {value:g}"
            for row in rows
            if (value := value_of(row)) is not None
        )
    lines += _gauge("hirelens_search_seconds", "Time of the channel, by quantile.")
    for row in rows:
        for quantile, milliseconds in (("0.5", row.p50_ms), ("0.95", row.p95_ms)):
            if milliseconds is not None:
                labels = f'{_labels(row)},quantile="{quantile}"'
                lines.append(f"hirelens_search_seconds{{{labels}}} {milliseconds / 1000:g}")
    return "\n".join(lines) + "\n"


def _gauge(name: str, meaning: str) -> list[str]:
    return [f"# HELP {name} {meaning}", f"# TYPE {name} gauge"]


def _labels(row: Row) -> str:
    return f'bucket="{_quoted(row.bucket)}",channel="{_quoted(row.channel)}"'


def _quoted(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
