"""Wrong answers about queries as pages that need no other file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from labels.evaluate.errors_page import page
from labels.evaluate.intent import Row, attributes
from labels.evaluate.rewrite import MISSING, Guess, JudgedPair

_LABELS = {0: "wrong", 1: "acceptable", 2: "same"}


def rewrites_page(
    heading: str, judged: Sequence[JudgedPair], guesses: Mapping[tuple[str, str], Guess]
) -> str:
    """Render the pairs whose verdict is not the judge's: wrongly accepted first, surest first."""
    pairs = [(pair, guesses.get((pair.query, pair.candidate), MISSING)) for pair in judged]
    bad = sorted(
        (item for item in pairs if item[1].accept and not item[0].label),
        key=lambda item: -item[1].score,
    )
    lost = sorted(
        (item for item in pairs if not item[1].accept and item[0].label),
        key=lambda item: item[1].score,
    )
    columns = ("query", "candidate", "judged", "score", "decided by", "why")
    sides = (("accepted, but wrong", bad), ("refused, but good", lost))
    tables = [
        _section(f"{title} ({len(items)} of {len(judged)})", columns, map(_pair_cells, items))
        for title, items in sides
        if items
    ]
    return page(heading, "\n".join(tables) or "<p>No pair is answered wrongly.</p>")


def intents_page(heading: str, judged: Sequence[Row], read: Sequence[Row]) -> str:
    """Render the queries that are not exact: their judged and their found parts, one below other.

    Args:
        heading: of the page.
        judged: judged rows, ``query`` and ``intents``.
        read: what was found, in the same order.
    """
    rows = [
        (row["query"], _parts(row["intents"]), _parts(guess["intents"]))
        for row, guess in zip(judged, read, strict=True)
        if attributes(row["query"], row["intents"]) != attributes(row["query"], guess["intents"])
    ]
    if not rows:
        return page(heading, "<p>Every query is exact.</p>")
    title = f"not exact ({len(rows)} of {len(judged)})"
    return page(heading, _section(title, ("query", "judged", "found"), rows))


def _pair_cells(item: tuple[JudgedPair, Guess]) -> tuple[str, ...]:
    pair, guess = item
    label = _LABELS[pair.label]
    return (pair.query, pair.candidate, label, f"{guess.score:.3f}", guess.source, guess.why)


def _parts(intents: Sequence[Mapping[str, Any]]) -> str:
    return " | ".join(
        f"{'not ' * bool(one.get('negated'))}{one['text']}: {one['attribute']}" for one in intents
    )


def _section(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f"<th>{escape(column)}</th>" for column in columns)
    cells = ("".join(f'<td class="text">{escape(cell)}</td>' for cell in row) for row in rows)
    lines = "".join(f"<tr>{row}</tr>\n" for row in cells)
    return f"<h2>{escape(title)}</h2>\n<table><tr>{head}</tr>\n{lines}</table>"
