"""``hirelens demo``: plain text search beside hirelens search, on posts of the package."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hirelens.demonstration import (
    POSTS,
    Comparison,
    Figures,
    Shown,
    Side,
    compare,
    read_truth,
    totals,
)
from hirelens.errors import ForeseenError
from hirelens.inputs import Refusal, read_posts
from hirelens.options import NEW_PATH, json_option, with_home
from hirelens.output import console, emit_json, safe
from hirelens.putting import put
from hirelens.temporary import temporary_place
from hirelens.texts import examples
from hirelens.wiring import Workplace

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

PICTURE_WIDTH = 110


@click.command("demo", epilog=examples("hirelens demo --svg demo.svg"))
@click.option("--svg", type=NEW_PATH, help="Write the output as a picture too.")
@click.option("--rows", type=click.IntRange(1, 1000), default=7, show_default=True,
              help="Posts shown a query.")  # fmt: skip
@click.option("--keep", is_flag=True, help="Put the posts into --home and keep them there.")
@json_option
@with_home
def command(place: Workplace, svg: Path | None, rows: int, keep: bool, as_json: bool) -> None:
    """Put the package's posts and show plain text search beside hirelens search.

    Posts that are shown wrongly are marked ✗, with the clause that says so as hirelens read it.
    The posts go to a temporary home unless --keep is given.
    """
    with ExitStack() as stack:
        used = place if keep else stack.enter_context(temporary_place(place))
        report = put(used, read_posts(str(POSTS)), _refuse)
        found = compare(used, read_truth())
    if as_json:
        emit_json(
            {
                "put": report.to_mapping(),
                "queries": [comparison.to_mapping() for comparison in found],
                "plain": totals(found, "plain").to_mapping(),
                "hirelens": totals(found, "hirelens").to_mapping(),
            }
        )
        return
    out = console(record=svg is not None, width=PICTURE_WIDTH if svg else None)
    show(out, found, rows)
    if svg is not None:
        svg.write_text(picture(out), "utf-8")


def picture(out: Console) -> str:
    """Return what was printed as an SVG that fetches no font from elsewhere."""
    return re.sub(
        r"@font-face \{.*?\}\s*", "", out.export_svg(title="hirelens demo"), flags=re.DOTALL
    )


def show(out: Console, found: Sequence[Comparison], rows: int) -> None:
    """Print the comparisons and the figures over all queries."""
    for comparison in found:
        out.print(_table(comparison, rows))
    out.print(f"plain text search  {_line(totals(found, 'plain'))}")
    out.print(f"hirelens search    {_line(totals(found, 'hirelens'))}", style="bold")


def _table(comparison: Comparison, rows: int) -> Table:
    from rich.table import Table

    made = Table(
        title=f"search: {comparison.query}", title_justify="left", title_style="bold", expand=True
    )
    for name, side in (("plain text search", comparison.plain), ("hirelens", comparison.hirelens)):
        right = f"{side.figures.right} of {side.figures.returned} right"
        made.add_column(f"{name}: {right}", ratio=1, no_wrap=True, overflow="ellipsis")
    made.add_row(_cell(comparison.plain, rows), _cell(comparison.hirelens, rows))
    return made


def _cell(side: Side, rows: int) -> Text:
    from rich.text import Text

    lines: list[Text] = []
    for hit in side.hits[:rows]:
        style = "" if hit.right else "red"
        lines.append(Text(f"{'✓' if hit.right else '✗'} {safe(hit.title)}", style=style))
        if not hit.right:
            lines.append(Text(f"    {_because(hit)}", style="dim"))
    left = side.hits[rows:]
    if left:
        wrong = sum(not hit.right for hit in left)
        lines.append(Text(f"  … {len(left)} more, {wrong} of them ✗", style="dim"))
    return Text("\n").join(lines)


def _because(hit: Shown) -> str:
    if not hit.clause:
        return "hirelens read it as hired"
    return f"{hit.reason}: “{safe(hit.clause)}”"


def _line(figures: Figures) -> str:
    return (
        f"precision {figures.precision:.3f}  recall {figures.recall:.3f}  "
        f"({figures.returned} shown, {figures.right} right of {figures.relevant})"
    )


def _refuse(refusal: Refusal) -> None:
    raise ForeseenError(f"a demo post was refused: {refusal}")
