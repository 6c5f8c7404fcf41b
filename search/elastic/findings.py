"""What is said of a cluster: pure judgements of what the server answered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from search.elastic.watermarks import Disk, Watermark, Watermarks
from search.index import IndexUnavailableError

Level = Literal["ok", "warning", "error"]
OLDEST = (9, 3)
SLOW_S = 1.0
FULL = 0.005
"""A disk with less free than this share is full, whatever the watermarks are."""
PRIVILEGES = ("read", "write", "view_index_metadata", "maintenance")
"""What workers and searches need on the indices of the prefix."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One finding: of which kind, how bad, what is so, and what to do about it."""

    kind: str
    level: Level
    text: str
    remedy: str = ""


def unavailable(kind: str, error: IndexUnavailableError) -> Diagnosis:
    """Return the finding that something could not be asked for."""
    problem, _, remedy = str(error).partition("; ")
    return Diagnosis(kind, "error", problem, remedy)


def reachable(shown: str, seconds: float) -> Diagnosis:
    """Judge how long the simplest question took."""
    text = f"{shown} answers in {seconds * 1000:.0f} ms"
    if seconds < SLOW_S:
        return Diagnosis("reachable", "ok", text)
    return Diagnosis("reachable", "warning", text, "look at the load of the cluster")


def version(number: str) -> Diagnosis:
    """Judge the server's version."""
    parts = number.split(".")
    found = tuple(int(part) for part in parts[:2] if part.isdigit())
    if len(found) < len(OLDEST):
        return Diagnosis("version", "warning", f"{number!r} is no known version", "see the server")
    if found < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        text = f"Elasticsearch {number} is too old: vectors cannot be sent packed"
        return Diagnosis("version", "error", text, f"upgrade it to {oldest} or newer")
    return Diagnosis("version", "ok", f"Elasticsearch {number}")


def privileges(answer: Mapping[str, Any]) -> Diagnosis:
    """Judge the answer of ``_has_privileges``."""
    lacking = sorted(
        {
            name
            for given in answer.get("index", {}).values()
            for name, granted in given.items()
            if not granted
        }
    )
    if lacking:
        return Diagnosis(
            "privileges",
            "error",
            f"the key lacks {', '.join(lacking)} on the indices",
            "give it the role of docs/elasticsearch.md",
        )
    return Diagnosis("privileges", "ok", "the key may read and write the indices")


def blocks(cluster: Mapping[str, Any], indices: Mapping[str, Mapping[str, Any]]) -> Diagnosis:
    """Judge what is closed to writes.

    Args:
        cluster: the cluster's ``blocks`` settings.
        indices: of each index its ``blocks`` settings.
    """
    for name, value in cluster.items():
        if _true(value):
            remedy = (
                f'lift it: PUT /_cluster/settings {{"persistent":{{"cluster.blocks.{name}":null}}}}'
            )
            return Diagnosis("blocks", "error", f"the cluster is set to {name}", remedy)
    flooded = [i for i, found in indices.items() if _true(found.get("read_only_allow_delete"))]
    if flooded:
        return Diagnosis(
            "blocks",
            "error",
            f"{', '.join(flooded)} takes no writes (read_only_allow_delete): the disk of a node "
            "is over its flood stage, or somebody has set it",
            "free disk space: the server lifts the block by itself; one that was set by hand: PUT "
            f'/{flooded[0]}/_settings {{"index.blocks.read_only_allow_delete":null}}',
        )
    for index, found in indices.items():
        for name in ("read_only", "write", "read", "metadata"):
            if _true(found.get(name)):
                remedy = f'lift it: PUT /{index}/_settings {{"index.blocks.{name}":false}}'
                return Diagnosis("blocks", "error", f"{index} has the block {name}", remedy)
    return Diagnosis("blocks", "ok", "none")


def _true(value: object) -> bool:
    return str(value).lower() == "true"


def disks(nodes: Iterable[Disk], marks: Watermarks) -> Diagnosis:
    """Judge the free space of the fullest node."""
    known = list(nodes)
    if not known:
        return Diagnosis("disk", "ok", "no node tells its disk")
    mark = marks.flood if marks.enabled else Watermark()
    fullest = min(known, key=lambda disk: disk.free - mark.free_needed(disk.total))
    text = f"{fullest.node}: {fullest.free / 1e9:.1f} GB of {fullest.total / 1e9:.1f} GB are free"
    level, consequence = _judged(fullest, marks)
    remedy = "" if level == "ok" else "make room on it, or add a node"
    return Diagnosis("disk", level, text + consequence, remedy)


def _judged(disk: Disk, marks: Watermarks) -> tuple[Level, str]:
    if disk.free < FULL * disk.total:
        return "error", ", it is full: the node can neither write nor keep its part in the cluster"
    if not marks.enabled:
        return "ok", ", watermarks are switched off"
    worse: tuple[tuple[Watermark, Level, str], ...] = (
        (marks.flood, "error", ", over the flood stage: indices are closed to writes"),
        (marks.high, "error", ", over the high watermark: shards are moved away"),
        (marks.low, "warning", ", over the low watermark: it gets no new shards"),
    )
    for mark, level, consequence in worse:
        if disk.free < mark.free_needed(disk.total):
            return level, consequence
    if disk.free < marks.low.free_needed(disk.total) * 1.1:
        return "warning", ", close to the low watermark"
    return "ok", ""


def health(status: str, unassigned: int, reason: str, nodes: int, replicas: int) -> Diagnosis:
    """Judge the health of the generations.

    Args:
        status: green, yellow or red.
        unassigned: copies of shards that no node has.
        reason: why one of them has none.
        nodes: data nodes of the cluster.
        replicas: as configured.
    """
    if status == "green":
        return Diagnosis("health", "ok", f"green, data nodes: {nodes}")
    text = f"{status}, copies of shards that no node holds: {unassigned} ({reason})"
    if status == "red":
        remedy = "start the node that has the shard; the posts are in the database in any case"
        return Diagnosis("health", "error", text, remedy)
    if nodes <= replicas:
        remedy = (
            f"add nodes ({replicas + 1} can hold HIRELENS_INDEX_REPLICAS={replicas}), or set 0 "
            "there and in the index: PUT /INDEX/_settings"
        )
        return Diagnosis("health", "warning", text, remedy)
    return Diagnosis("health", "warning", text, "it heals by itself once the nodes are back")
