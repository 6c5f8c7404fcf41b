"""Tables of what ``hirelens taxonomy`` reports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from hirelens.output import console, emit_json, emit_text, note, table

if TYPE_CHECKING:
    from labels.taxonomy.candidates import Candidate
    from labels.taxonomy.coverage import Coverage
    from labels.taxonomy.diff import TaxonomyDiff
    from labels.taxonomy.found import FoundName
    from labels.taxonomy.report import TaxonomyReport

SHOWN = 40
Change = tuple[str, tuple[str, ...], tuple[str, ...]]  # what, before, after


def show_report(report: TaxonomyReport) -> None:
    """Print the counts of a taxonomy and its coverage of judged sets."""
    out = console()
    counts = (
        "digest",
        "sectors",
        "groups",
        "positions",
        "forms",
        "relations",
        "retired",
        "ambiguous",
        "query_only",
        "lookalikes",
    )
    rows = [(name, getattr(report, name)) for name in counts]
    out.print(table("taxonomy", ("what", "#count"), rows))
    sectors = [(s.sector, s.groups, s.positions, s.forms) for s in report.by_sector]
    out.print(table("sectors", ("sector", "#groups", "#positions", "#forms"), sectors))
    covered = [(f"mentions {label}", found) for label, found in report.mentions.items()]
    covered += [("hired names", report.hired)] if report.hired else []
    covered += [("queries as typed", report.queries_typed)] if report.queries_typed else []
    covered += [("queries as meant", report.queries_meant)] if report.queries_meant else []
    if covered:
        lines = [(name, c.total, c.known, c.found, f"{c.share:.4f}") for name, c in covered]
        columns = ("judged", "#total", "#known", "#found", "#share found")
        out.print(table("coverage of judged sets", columns, lines))
    for name, found in covered:
        _show_missed(name, found)
    if report.finds:
        marked = report.finds.positions + report.finds.fields
        emit_text(
            f"{report.finds.total} finds: {marked} marked by a judge "
            f"({report.finds.positions} positions, {report.finds.fields} fields of work), "
            f"{report.finds.unmarked_total} not marked"
        )


def show_diff(diff: TaxonomyDiff) -> None:
    """Print what changes between two taxonomies."""
    out = console()
    rows: list[tuple[str, int, str]] = [
        ("added", len(diff.added), _some(diff.added)),
        ("retired", len(diff.retired), _some([f"{a} -> {b}" for a, b in diff.retired])),
        ("vanished", len(diff.vanished), _some(diff.vanished)),
        ("renamed", len(diff.renamed), _some([f"{i}: {a} -> {b}" for i, a, b in diff.renamed])),
        ("moved", len(diff.moved), _some(diff.moved)),
        ("groups", len(diff.groups), _some(diff.groups)),
        ("relations added", len(diff.relations_added), _some(diff.relations_added)),
        ("relations removed", len(diff.relations_removed), _some(diff.relations_removed)),
        ("look-alikes added", len(diff.lookalikes_added), _some(diff.lookalikes_added)),
        ("look-alikes removed", len(diff.lookalikes_removed), _some(diff.lookalikes_removed)),
        ("ambiguous added", len(diff.ambiguous_added), _some(diff.ambiguous_added)),
        ("ambiguous removed", len(diff.ambiguous_removed), _some(diff.ambiguous_removed)),
        ("query-only added", len(diff.query_only_added), _some(diff.query_only_added)),
        ("query-only removed", len(diff.query_only_removed), _some(diff.query_only_removed)),
    ]
    out.print(table("positions", ("change", "#count", "which"), rows))
    forms = [(change.form, change.before, change.after) for change in diff.forms]
    _show_changes(f"{len(forms)} forms change", "form", forms)
    if diff.posts_read:
        lines = [(p.id, " ".join(p.gone), " ".join(p.new)) for p in diff.posts[:SHOWN]]
        title = _titled(f"{len(diff.posts)} of {diff.posts_read} posts change", len(diff.posts))
        out.print(table(title, ("post", "no longer found", "newly found"), lines))
    if diff.queries_read:
        queries = [(change.query, change.before, change.after) for change in diff.queries]
        _show_changes(f"{len(queries)} of {diff.queries_read} queries change", "query", queries)


def show_candidates(found: Sequence[Candidate], limit: int, *, as_json: bool) -> None:
    """Print words that look like positions."""
    for item in found[:limit] if as_json else ():
        emit_json({"word": item.word, "posts": item.posts, "contexts": item.contexts})
    if not as_json:
        rows = [(item.word, item.posts, " | ".join(item.contexts)) for item in found[:limit]]
        console().print(table("candidates", ("word", "#posts", "contexts"), rows))
        note(f"{len(found)} candidates; those that are no positions go to refused.tsv")


def show_found(found: Sequence[FoundName], limit: int, *, as_json: bool) -> None:
    """Print names that the model found, and in how many posts they are hired."""
    for item in found[:limit] if as_json else ():
        emit_json(asdict(item))
    if not as_json:
        rows = [(n.word, n.posts, n.hired, " | ".join(n.contexts)) for n in found[:limit]]
        console().print(table("found names", ("word", "#posts", "#hired", "contexts"), rows))
        note(f"{len(found)} names; those that are no positions go to refused.tsv")


def _show_changes(title: str, what: str, changes: list[Change]) -> None:
    lines = [(text, " ".join(before), " ".join(after)) for text, before, after in changes[:SHOWN]]
    columns = (what, "named", "names now (* something narrower)")
    console().print(table(_titled(title, len(changes)), columns, lines))


def _titled(title: str, count: int) -> str:
    return f"{title} (the first {SHOWN}; --json prints all)" if count > SHOWN else title


def _show_missed(name: str, coverage: Coverage) -> None:
    if coverage.missed:
        shown = " ".join(f"{word}({count})" for word, count in coverage.missed)
        emit_text(f"{name}, most frequent that are not found: {shown}")


def _some(items: Sequence[str | tuple[str, ...]]) -> str:
    more = f" … and {len(items) - SHOWN} more" if len(items) > SHOWN else ""
    shown = (item if isinstance(item, str) else " ".join(item) for item in items[:SHOWN])
    return ", ".join(shown) + more
