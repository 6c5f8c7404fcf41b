"""Channels on graded posts: alone, as if nothing had been stripped, and beside a crowd."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hirelens.channel_runs import ASKED, FUSED, PAGE, SINGLE, Asked, Run, by_query, runs, write_runs
from hirelens.crowd import unstripped_home
from hirelens.errors import ForeseenError
from hirelens.judged import posts_of, temporary_home
from hirelens.wiring import Workplace

if TYPE_CHECKING:
    from enrich.post import Post
    from labels.evaluate.channels import ChannelReport, Pair
    from labels.evaluate.relevance import GradedQuery

UNSTRIPPED = "not stripped"
READ: tuple[Asked, ...] = (*SINGLE, FUSED)
"""Channels that read what was stripped; ``plain`` reads the original."""


@dataclass(frozen=True, slots=True)
class Measures:
    """How deep rankings go, and where run files are kept (None: nowhere)."""

    depth: int
    out: Path | None = None

    def runs(
        self, place: Workplace, queries: Sequence[str], name: str, channels: Sequence[Asked] = ASKED
    ) -> dict[Asked, Run]:
        """Ask every query of every channel; keep the runs where they are to be kept."""
        found = runs(place.searcher, queries, self.depth, channels, f"searched ({name})")
        if self.out is not None:
            write_runs(self.out, name.replace(" ", "-"), found)
        return found


def read_queries(path: Path, half: str | None) -> list[GradedQuery]:
    """Read graded posts, of one half only where it is named.

    Raises:
        ForeseenError: the file is malformed, has no such half, or a post stands twice.
    """
    from labels.evaluate.relevance import RelevanceError, read_graded

    try:
        found = read_graded(path)
    except RelevanceError as error:
        raise ForeseenError(str(error)) from None
    if half is not None:
        found = [one for one in found if one.half == half]
    if not found:
        told = "no query" if half is None else f"no query with half = {half!r}"
        raise ForeseenError(f"{path}: {told}; name a file of graded posts")
    ids = [post.id for one in found for post in one.posts]
    twice = sorted(id_ for id_ in set(ids) if ids.count(id_) > 1)
    if twice:
        raise ForeseenError(f"{path}: post {twice[0]!r} stands twice; give each an id of its own")
    return found


def graded_posts(queries: Sequence[GradedQuery]) -> list[Post]:
    """Return the posts of graded queries, grades left out."""
    return posts_of(
        [
            {"id": p.id, "title": p.title, "body": p.body, "city": p.city, "salary": p.salary}
            for one in queries
            for p in one.posts
        ]
    )


@contextmanager
def graded_home(place: Workplace, queries: Sequence[GradedQuery]) -> Iterator[Workplace]:
    """Give a temporary home with the posts of graded queries, read by the model."""
    with temporary_home(place, graded_posts(queries)) as measured:
        yield measured


def alone(
    place: Workplace, measured: Workplace, queries: Sequence[GradedQuery], how: Measures
) -> ChannelReport:
    """Measure the channels on graded posts, stripped and as if nothing had been stripped."""
    from labels.evaluate.channels import graded_report

    texts = [one.query for one in queries]
    asked = [(one.id, one.query) for one in queries]
    systems: dict[str, Any] = {
        channel: by_query(run, asked)
        for channel, run in how.runs(measured, texts, "graded", (*ASKED, PAGE)).items()
    }
    with ExitStack() as stack:
        raw = stack.enter_context(unstripped_home(place, graded_posts(queries)))
        for channel, run in how.runs(raw, texts, UNSTRIPPED, READ).items():
            systems[f"{channel}, {UNSTRIPPED}"] = by_query(run, asked)
    beside: list[Pair] = [(channel, f"{channel}, {UNSTRIPPED}") for channel in READ]
    pairs = [*_fused_against(("plain", *SINGLE)), (PAGE, FUSED), *beside]
    return graded_report(queries, systems, pairs)


def crowded(both: Workplace, queries: Sequence[GradedQuery], how: Measures) -> ChannelReport:
    """Measure the channels on graded posts that stand in a crowd."""
    from labels.evaluate.channels import graded_report

    asked = [(one.id, one.query) for one in queries]
    found = how.runs(both, [text for _, text in asked], "crowd")
    systems = {str(channel): by_query(run, asked) for channel, run in found.items()}
    return graded_report(queries, systems, _fused_against(("plain", *SINGLE)), crowd=True)


def _fused_against(channels: Sequence[str]) -> list[Pair]:
    return [(FUSED, channel) for channel in channels]
