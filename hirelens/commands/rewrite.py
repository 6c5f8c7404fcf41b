"""``hirelens rewrite``: what a query is called otherwise, and which names may stand for it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hirelens.options import EXISTING, fail, json_option, with_home
from hirelens.output import console, emit_json, emit_text, note, table
from hirelens.rewriting import SWITCHES, rewriter_of
from hirelens.texts import examples
from hirelens.wiring import Workplace

if TYPE_CHECKING:
    from search.rewrite.model import PairScore, Rewritten
    from search.rewrite.rewriter import PositionRewriter

_STANDARD_INPUT = "-"
_AT_ONCE = 1000
"""Pairs that are judged together: the encoder is quicker with many."""


@click.command(
    "rewrite",
    epilog=examples(
        "hirelens rewrite 理发师",
        "hirelens rewrite 北京服务员4000以上 --explain",
        "hirelens rewrite --pairs pairs.tsv --without clicks",
    ),
)
@click.argument("query", required=False)
@click.option("--file", type=EXISTING, help="Queries, one a line; - for standard input.")
@click.option("--pairs", type=EXISTING, help="Lines of query and candidate with a tab between.")
@click.option("--explain", is_flag=True, help="Show who says so and why.")
@click.option("--without", multiple=True, type=click.Choice(SWITCHES),
              help="Do not ask this source; may be repeated.")  # fmt: skip
@json_option
@with_home
def command(
    place: Workplace,
    query: str | None,
    file: str | None,
    pairs: str | None,
    explain: bool,
    without: tuple[str, ...],
    as_json: bool,
) -> None:
    """Tell what the positions of QUERY (- for standard input) are called otherwise.

    A file of queries is answered as JSON lines: query, parts[query, canonical, positions,
    expansions[text, score, kind, source, positions, why]]. Pairs get two more columns: score and
    accept (1 or 0); lines that are no pair are told by number, and the exit status is 1.
    """
    from search.rewrite.model import Sources

    if sum(given is not None for given in (query, file, pairs)) != 1:
        raise click.UsageError("give one query, or --file FILE, or --pairs FILE, or - for a pipe")
    rewriter = rewriter_of(place, Sources().without(*without))
    if pairs is not None:
        for remark in rewriter.notes:
            note(remark)
        judge_file(rewriter, pairs, explain=explain, as_json=as_json)
        return
    source = file or (_STANDARD_INPUT if query == _STANDARD_INPUT else None)
    if source is not None:
        from hirelens.inputs import read_queries

        for line in read_queries(source):
            emit_json(mapping(line, rewriter.rewrite_query(line)))
        return
    found = rewriter.rewrite_query(query or "")
    if as_json:
        emit_json(mapping(query or "", found))
    else:
        show(found, explain=explain)


def mapping(query: str, parts: tuple[Rewritten, ...]) -> dict[str, object]:
    """Return the JSON form of a query's answers."""
    return {"query": query, "parts": [part.to_mapping() for part in parts]}


def show(parts: tuple[Rewritten, ...], *, explain: bool) -> None:
    """Print a table for each part of a query that names a position."""
    columns = ["name", "kind", "#score", "source"]
    for part in parts:
        rows = []
        for one in part.expansions:
            row = [one.text, one.kind, f"{one.score:.3f}", one.source]
            rows.append([*row, one.why] if explain else row)
        title = f"{part.query}: {part.canonical or 'no position that the taxonomy knows'}"
        console().print(table(title, [*columns, "why"] if explain else columns, rows))
    for remark in dict.fromkeys(remark for part in parts for remark in part.notes):
        note(remark)


def judge_file(rewriter: PositionRewriter, name: str, *, explain: bool, as_json: bool) -> None:
    """Print every pair of a file with its score and verdict; bad lines are told, exit status 1."""
    refused = 0
    lines = _lines(name)
    while chunk := list(islice(lines, _AT_ONCE)):
        pairs = []
        for number, cells in chunk:
            if len(cells) == 2 and all(cell.strip() for cell in cells):
                pairs.append((cells[0], cells[1]))
                continue
            refused += 1
            where = "stdin" if name == _STANDARD_INPUT else name
            note(f"{where}:{number}: is no pair; write a query, a tab and a candidate")
        for pair, found in zip(pairs, rewriter.judge_all(pairs), strict=True):
            _print_pair(pair, found, explain=explain, as_json=as_json)
    if refused:
        fail()


def _print_pair(pair: tuple[str, str], found: PairScore, *, explain: bool, as_json: bool) -> None:
    query, candidate = pair
    if as_json:
        data = {"query": query, "candidate": candidate, "score": round(found.score, 6)}
        why = {"source": found.source, "why": found.why} if explain else {}
        emit_json({**data, "accept": found.accept, **why})
        return
    cells = [query, candidate, f"{found.score:.6f}", str(int(found.accept))]
    emit_text("\t".join([*cells, found.source or "", found.why] if explain else cells))


def _lines(name: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the lines of a file that are not blank, with their numbers, cut at tabs."""
    raw = sys.stdin.buffer.read() if name == _STANDARD_INPUT else Path(name).read_bytes()
    for number, line in enumerate(raw.decode("utf-8-sig").split("\n"), start=1):
        if line.strip():
            yield number, line.rstrip("\r").split("\t")
