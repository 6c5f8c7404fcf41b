"""The posts of a home on an Elasticsearch node, for `bench/searching.py`."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from bench.elastic_write import node
from bench.search_watch import WatchedPlace
from search.elastic.generations import Generations, Plan
from search.embedded import EmbeddedIndex
from search.index import Index, Outcome
from search.parts import parts_of

PREFIX = "bench-search"
BATCH = 250


@contextmanager
def filled(home: Path, threads: int, url: str | None, posts: int | None) -> Iterator[WatchedPlace]:
    """Copy a home's posts, the first so many by id, to a new index, which is removed at the end.

    Args:
        home: whose embedded index is read.
        threads: of the query tower.
        url: a node that runs; None starts one and ends it.
        posts: how many; None: all.
    """
    with node(url) as reached:
        more = {"index": "elasticsearch", "index_url": reached, "index_prefix": PREFIX}
        place = WatchedPlace.of(home, threads, index_replicas=0, index_timeout_s=60.0, **more)
        space = place.vector_space
        generations = Generations.open(place.settings.elastic_config())
        made = generations.create(Plan(space, None, 1, 0))
        try:
            began = time.perf_counter()
            count = _copy(EmbeddedIndex(home / "index.db", space), place.index, posts)
            place.index.refresh()
            spent = time.perf_counter() - began
            print(f"{count:,} posts copied in {spent:.0f} s", file=sys.stderr)
            yield place
        finally:
            place.close()
            generations.close()
            _remove(reached, made.name)


def _copy(stored: EmbeddedIndex, index: Index, posts: int | None) -> int:
    ids = (stamp.id for stamp in stored.scan(limit=sys.maxsize) if stamp.state == "open")
    count = 0
    for part in parts_of(list(islice(ids, posts)), BATCH):
        for outcome in index.write(list(stored.get(part).values())):
            if outcome.outcome is not Outcome.OK:
                raise SystemExit(f"{outcome.id}: was not written: {outcome.error}")
            count += 1
    return count


def _remove(url: str, name: str) -> None:
    from elasticsearch import Elasticsearch

    with Elasticsearch(url) as client:
        client.indices.delete(index=name, ignore_unavailable=True)
