"""Both back ends of the index protocol, opened the same way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from search.elastic.config import ElasticConfig
from search.elastic.generations import Generations, Plan
from search.elastic.index import ElasticIndex
from search.embedded import EmbeddedIndex
from search.index import Index

Opener = Callable[[Path, str], Index]
"""Opens the index of a folder under a vector space; the same folder gives the same index."""


@pytest.fixture(params=["embedded", pytest.param("elasticsearch", marks=pytest.mark.service)])
def opener(request: pytest.FixtureRequest) -> Iterator[Opener]:
    if request.param == "embedded":
        yield lambda folder, space: EmbeddedIndex(folder / "i.db", space)
    else:
        server = request.getfixturevalue("elasticsearch")
        yield from elastic_opener(server.url, request.getfixturevalue("fresh_prefix"))


def elastic_opener(url: str, fresh_prefix: Callable[[], str]) -> Iterator[Opener]:
    """Indices on a real node that show every write at once."""
    prefixes: dict[Path, str] = {}
    opened: list[Index] = []

    def open_(folder: Path, space: str) -> Index:
        first = folder not in prefixes
        prefix = prefixes.setdefault(folder, fresh_prefix() if first else "")
        config = ElasticConfig((url,), prefix, replicas=0, immediate=True)
        if first:
            generations = Generations.open(config)
            generations.create(Plan(space, None, shards=2, replicas=0))
            generations.close()
        opened.append(ElasticIndex(config, space))
        return opened[-1]

    yield open_
    for index in opened:
        index.close()
