"""Defects of the Elasticsearch back end that the checker must notice; as ``defects.py``."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from search import copying
from search.compare import Pair, pages
from search.elastic import bulk
from search.elastic.bulk import Item, Kind
from search.elastic.config import ElasticConfig
from search.elastic.roles import Roles
from search.elastic.writer import Writer
from search.index import Index, Outcome
from worker import settle

Patch = Callable[[Any, str, Any], None]
_LINE = bulk.line
_ROLES = Writer._roles


def no_external_version(patch: Patch) -> None:
    """Documents go without their version: whatever comes last stays."""

    def line(id_: str, version: int, source: Mapping[str, Any]) -> bytes:
        whole = _LINE(id_, version, source).split(b"\n", 1)[1]
        return json.dumps({"index": {"_id": id_}}).encode() + b"\n" + whole

    patch(bulk, "line", line)


def items_not_read(patch: Patch) -> None:
    """The answer to a bulk request counts as a whole: refused items pass for written."""

    def read(answer: Mapping[str, Any], _config: ElasticConfig) -> Item:
        return Item(Kind.TAKEN, answer.get("_index"))

    patch(bulk, "read", read)


def retry_is_done(patch: Patch) -> None:
    """A row whose document is to be written again is settled as if it were done."""
    patch(settle, "_DONE", {Outcome.OK, Outcome.SAME, Outcome.SUPERSEDED, Outcome.RETRY})


def standby_not_written(patch: Patch) -> None:
    """Live writes reach the generation that serves, and no other."""

    def roles(self: Writer, only: str | None, *, fresh: bool) -> Roles:
        found = _ROLES(self, only, fresh=fresh)
        return found if only is not None else Roles(found.current)

    patch(Writer, "_roles", roles)


def tombstones_not_copied(patch: Patch) -> None:
    """A new generation is filled with open posts only."""

    def of_the_open(current: Index, standby: Index) -> Sequence[tuple[Pair, ...]]:
        return [
            tuple(pair for pair in page if not pair.current or pair.current.state == "open")
            for page in pages(current, standby)
        ]

    patch(copying, "pages", of_the_open)


DEFECTS: dict[str, Callable[[Patch], None]] = {
    "no_external_version": no_external_version,
    "items_not_read": items_not_read,
    "retry_is_done": retry_is_done,
    "standby_not_written": standby_not_written,
    "tombstones_not_copied": tombstones_not_copied,
}
"""Those that live in a worker or in an operator's command."""
