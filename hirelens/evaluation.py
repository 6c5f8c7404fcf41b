"""What the evaluation verbs share: reading posts in batches, and tables of figures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hirelens.judged import need, posts_of, read_rows
from hirelens.output import table
from hirelens.progress import progress
from hirelens.wiring import Workplace

if TYPE_CHECKING:
    from rich.console import Console

    from enrich.post import Enrichment, Post
    from labels.evaluate.keep import KeepReport, StrippedReport
    from labels.evaluate.pairs import PairFigures, PairReport


def enriched(place: Workplace, posts: Sequence[Post]) -> list[Enrichment]:
    """Read posts in batches, with progress."""
    found: list[Enrichment] = []
    with progress("read", len(posts)) as advance:
        for at in range(0, len(posts), place.settings.batch):
            batch = posts[at : at + place.settings.batch]
            found.extend(place.enricher.enrich(batch))
            advance(len(batch))
    return found


def show_pairs(out: Console, found: PairReport, channel: str) -> None:
    """Print the figures of a run beside plain search."""
    rows = [
        _pair_row("raw: the text contains the word", found.raw),
        _pair_row(f"run: {channel}", found.run),
        _pair_row("raw, several positions hired", found.raw_several),
        _pair_row(f"run: {channel}, several hired", found.several),
    ]
    columns = ("", "#pairs", "#positive", "#precision", "#recall", "#F1", "#inside hired")
    out.print(table("(word, post) pairs", columns, rows))
    raw = dict(found.raw.wrongly_returned)
    reasons = [(name, raw[name], share) for name, share in found.run.wrongly_returned]
    out.print(table("wrongly returned, by reason", ("reason", "#raw", "#run"), reasons))


def _pair_row(name: str, figures: PairFigures) -> tuple[object, ...]:
    ratios = (f"{x:.4f}" for x in (figures.precision, figures.recall, figures.f1))
    return (name, figures.pairs, figures.positives, *ratios, figures.inside_hired)


def show_keep(out: Console, found: KeepReport, cut: StrippedReport, lost: int) -> None:
    """Print the keep rate, by kind, some lost terms, and what was stripped."""
    rows = [
        (name, kept.kept, kept.total, f"{kept.rate:.4f}")
        for name, kept in (("all", found.overall), *found.by_kind)
    ]
    out.print(table("stated terms that still return their post", _KEEP, rows))
    if found.lost and lost:
        shown = [(t.kind, t.text, t.post) for t in found.lost[:lost]]
        title = f"lost ({len(shown)} of {len(found.lost)})"
        out.print(table(title, ("kind", "term", "post"), shown))
    facts = [
        ("posts", cut.posts),
        ("characters a post, median", cut.median),
        ("characters a post, 95th percentile", cut.p95),
        ("share of all characters", f"{cut.share:.4f}"),
        *((f"characters, {reason}", count) for reason, count in cut.by_reason),
    ]
    out.print(table("stripped", ("what", "#figure"), facts))


_KEEP = ("kind", "#kept", "#terms", "#rate")


def tag_figures(place: Workplace, gold: Path, rejection: Path | None) -> dict[str, Any]:
    """Return the figures of marks and, where asked, of rejected tags, as JSON."""
    from labels.evaluate.tags import score_rejection, score_tags

    rows = read_rows([gold])
    need(rows, "tags")
    read = [item.to_mapping() for item in enriched(place, posts_of(rows))]
    figures: dict[str, Any] = {"marks": score_tags(rows, read).to_mapping()}
    if rejection is not None:
        rows = read_rows([rejection])
        need(rows, "bad_tags")
        read = [item.to_mapping() for item in enriched(place, posts_of(rows, tags=True))]
        figures["rejected_tags"] = score_rejection(rows, read).to_mapping()
    return figures


def show_tags(out: Console, figures: dict[str, Any]) -> None:
    """Print the figures of marks and rejected tags."""
    columns = ("attribute", "#gold", "#guessed", "#precision", "#recall", "#F1", "#value right")
    rows = [
        (name, row["gold"], row["guessed"], row["precision"], row["recall"], row["f1"],
         row.get("value", ""))
        for name, row in figures["marks"]["attributes"].items()
    ]  # fmt: skip
    out.print(table("attribute marks", columns, rows))
    if figures["marks"]["missing"]:
        out.print(f"missing posts: {figures['marks']['missing']}")
    if "rejected_tags" in figures:
        names = ("#bad", "#rejected", "#right", "#precision", "#recall")
        out.print(table("rejected tags", names, [tuple(figures["rejected_tags"].values())]))
