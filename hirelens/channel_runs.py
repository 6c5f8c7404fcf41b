"""Rankings of queries by channel, as what is measured and as run files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from hirelens.progress import progress

if TYPE_CHECKING:
    from search.service import Searcher

Asked = Literal["plain", "text", "intent", "vector", "all", "page"]
ASKED: tuple[Asked, ...] = ("plain", "text", "intent", "vector", "all")
"""What is measured; ``plain``: the original text holds the query's words."""
PAGE: Asked = "page"
"""What people are shown of ``all``: ranked finely, folded, with quotas."""
MOST_SHOWN = 200
SINGLE: tuple[Asked, ...] = ("text", "intent", "vector")
FUSED: Asked = "all"

Ranking = list[tuple[str, float]]
Run = dict[str, Ranking]
"""Ids and scores, best first, by the text of the query."""


def runs(
    searcher: Searcher,
    queries: Iterable[str],
    depth: int,
    channels: Sequence[Asked] = ASKED,
    label: str = "searched",
) -> dict[Asked, Run]:
    """Ask every query once of every channel."""
    texts = list(dict.fromkeys(queries))
    found: dict[Asked, Run] = {channel: {} for channel in channels}
    with progress(label, len(texts)) as advance:
        for text in texts:
            for channel in channels:
                found[channel][text] = ranking(searcher, text, channel, depth)
            advance(1)
    return found


def ranking(searcher: Searcher, text: str, channel: Asked, depth: int) -> Ranking:
    """Return what a channel finds for a query, best first; of a page at most ``MOST_SHOWN``."""
    if channel != "page":
        return searcher.ranking(text, channel, limit=depth)
    hits = searcher.search(text, limit=min(depth, MOST_SHOWN)).hits
    return [(hit.id, hit.score) for hit in hits]


def by_query(run: Run, queries: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Return the ids of posts, best first, by query id; ``queries``: id and text of each."""
    return {id_: [post for post, _ in run[text]] for id_, text in queries}


def write_runs(folder: Path, name: str, found: Mapping[Asked, Run]) -> None:
    """Write a TREC run file for each channel: ``<name>.<channel>.trec``."""
    from search.runs import write_trec

    folder.mkdir(parents=True, exist_ok=True)
    for channel, run in found.items():
        write_trec(folder / f"{name}.{channel}.trec", run.items())
