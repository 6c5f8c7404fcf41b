"""What ``hirelens recipe`` and ``hirelens reenrich`` print for people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hirelens.output import console, emit_text, safe, shorten, table
from hirelens.times import duration

if TYPE_CHECKING:
    from hirelens.recipe_diff import Change, Why, WordChange
    from worker.reenrich import Estimate

SHOWN_WORDS = 40
SHOWN_POSTS = 3


def show_diff(words: Sequence[WordChange], posts: int, changed: int) -> None:
    """Print a table of words, and for each a few posts with the reason."""
    rows = [(w.word, len(w.appear), len(w.disappear)) for w in words[:SHOWN_WORDS]]
    title = f"{changed} of {posts} posts change, for {len(words)} words"
    if len(words) > SHOWN_WORDS:
        title += f" (the first {SHOWN_WORDS}; --json prints all)"
    emit_text(title)
    if rows:
        console().print(table(None, ("word", "#appear", "#disappear"), rows))
    for word in words[:SHOWN_WORDS]:
        for sign, group in (("+", word.appear), ("-", word.disappear)):
            for change in group[:SHOWN_POSTS]:
                emit_text(f"{sign} {safe(word.word)}  {change_line(change)}")
            if len(group) > SHOWN_POSTS:
                emit_text(f"{sign} {safe(word.word)}  … and {len(group) - SHOWN_POSTS} more")


def change_line(change: Change) -> str:
    """Return one post with its verdicts and the clause that they are about."""
    clause = (change.after if change.appears else change.before).clause
    verdicts = f"{_verdict(change.before)} -> {_verdict(change.after)}"
    return f"{safe(change.id)}  {verdicts}  “{safe(shorten(clause, 60))}”"


def show_estimate(estimate: Estimate, selection: str) -> None:
    """Print what reading again will cost."""
    rows: list[tuple[str, object]] = [
        ("posts to read again", f"{estimate.posts:,}"),
        ("of them closed", f"{estimate.closed:,}"),
        ("different texts", f"{estimate.texts:,}"),
        ("in the cache", f"{estimate.cached:,}"),
        ("for the model", f"{estimate.uncached:,}"),
        ("time", f"about {duration(estimate.seconds)} of one process like this one"),
    ]
    emit_text(f"estimate for {safe(selection)}")
    console().print(table(None, ("what", "#how many"), rows))
    if estimate.measured:
        emit_text(f"time measured on {estimate.measured} texts just now; they stay in the cache")
    if estimate.sampled < estimate.posts:
        emit_text(f"all but the posts extrapolated from {estimate.sampled:,} of them, evenly taken")


def _verdict(why: Why) -> str:
    return why.label if why.score is None else f"{why.label} {why.score:.2f}"
