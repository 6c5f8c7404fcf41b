"""TREC run files: one line a hit, ``query Q0 post_id rank score tag``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

TAG = "hirelens"
_BLANK = re.compile(r"\s")

Ranking = Iterable[tuple[str, float]]
"""Ids and scores, best first."""


def trec_lines(query: str, hits: Ranking) -> Iterator[str]:
    """Yield the lines of one query; every blank in it is written ``_``."""
    name = _BLANK.sub("_", query)
    for rank, (id_, score) in enumerate(hits, start=1):
        yield f"{name} Q0 {id_} {rank} {score:.6f} {TAG}\n"


def write_trec(path: Path, rankings: Iterable[tuple[str, Ranking]]) -> int:
    """Write a run file of several queries and return the number of lines."""
    count = 0
    with path.open("w", encoding="utf-8") as file:
        for query, hits in rankings:
            for line in trec_lines(query, hits):
                file.write(line)
                count += 1
    return count
