"""Tables and lines of the search log for people."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from hirelens.output import safe, shorten, table
from hirelens.times import shown

if TYPE_CHECKING:
    from rich.table import Table

    from search.searchlog.figures import Row
    from search.searchlog.model import SearchRecord, Shown


def figures_table(rows: Iterable[Row], title: str) -> Table:
    """Return the figures, one line a channel of a bucket."""
    columns = ("bucket", "channel", "#answers", "#empty", "#failed", "#p50 ms", "#p95 ms",
               "#posts shown", "#found", "#only there")  # fmt: skip
    cells = [
        (
            row.bucket or "-",
            row.channel,
            row.searches,
            _percent(row.empty),
            _percent(row.failed),
            _time(row.p50_ms),
            _time(row.p95_ms),
            row.shown,
            _percent(row.share),
            _percent(row.exclusive),
        )
        for row in rows
    ]
    return table(title, columns, cells)


def latest_table(found: Iterable[SearchRecord]) -> Table:
    """Return answers, one a line."""
    columns = ("answer", "when", "bucket", "query", "#shown", "#matches", "#ms")
    rows = [
        (x.id, shown(x.at), x.bucket or "-", shorten(x.query, 40), x.returned, x.total,
         _time(x.milliseconds))
        for x in found
    ]  # fmt: skip
    return table("answers", columns, rows)


def record_lines(record: SearchRecord) -> str:
    """Return all of one answer as lines."""
    intents = "; ".join(
        f"{'not ' if part.negated else ''}{part.attribute} {part.text}" for part in record.intents
    )
    lines = [
        f"answer      {record.id}, {shown(record.at)} UTC",
        f"query       {safe(record.query)}",
        f"read as     {safe(intents) or '-'}",
        f"filters     {safe(str(record.filters)) if record.filters else '-'}",
        f"session     {record.session or '-'}, bucket {record.bucket or '-'}",
        f"generation  {record.generation or '-'}",
        f"answered    {record.returned} of {record.total} in {_time(record.milliseconds)} ms",
        f"asked       {safe(record.channel)}",
    ]
    lines += [f"given up    {name}" for name in record.relaxed]
    lines += [f"note        {safe(text)}" for text in record.notes]
    lines += [
        f"channel     {one.channel}: {one.hits} of {one.total} in {_time(one.milliseconds)} ms"
        + (f", failed: {safe(one.trouble)}" if one.trouble else "")
        for one in record.channels
    ]
    return "\n".join(lines + [_post_line(post) for post in record.shown])


def _post_line(post: Shown) -> str:
    found = ", ".join(
        via.channel
        + (f" {via.rank}." if via.rank is not None else "")
        + (f" ({via.score:.4g})" if via.score is not None else "")
        for via in post.channels
    )
    score = "" if post.score is None else f"{post.score:.4f} "
    return f"{post.rank:>3}. {safe(post.id)}  {score}from {found or '-'}"


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.1%}"


def _time(milliseconds: float | None) -> str:
    return "-" if milliseconds is None else f"{milliseconds:.1f}"
