"""How the index's and the database's view of one post can disagree: a pure decision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from search.index import Stamp, document_version
from worker.pages import Pair, Row, revision_of
from worker.recipes import Activation


class Kind(StrEnum):
    """How index and database can disagree."""

    MISSING = "missing"
    STALE_REVISION = "stale_revision"
    STALE_RECIPE = "stale_recipe"
    SHOULD_BE_CLOSED = "should_be_closed"
    OPEN_THOUGH_DELETED = "open_though_deleted"
    CLOSED_THOUGH_OPEN = "closed_though_open"
    AHEAD = "ahead"
    UNKNOWN = "unknown"


ALARMS = frozenset({Kind.AHEAD, Kind.UNKNOWN})
"""What no worker can mend; ``hirelens recover`` does."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One post on which index and database disagree."""

    id: str
    kind: Kind
    version: int | None
    revision: int | None


def findings(pairs: Sequence[Pair], activation: Activation | None) -> list[Finding]:
    """Return those of a page's posts on which both sides disagree; see ``judge``."""
    return [
        Finding(
            pair.id,
            kind,
            pair.stamp.version if pair.stamp else None,
            pair.row.revision if pair.row else None,
        )
        for pair in pairs
        if (kind := judge(pair.stamp, pair.row, activation)) is not None
    ]


def judge(stamp: Stamp | None, row: Row | None, activation: Activation | None) -> Kind | None:
    """Say how one post's document and row disagree; None: not at all, or it is being mended.

    Documents ahead of the database are told whatever waits: no worker can write below them.
    """
    if row is None:
        return Kind.UNKNOWN if stamp is not None else None
    if stamp is not None and _is_ahead(stamp, row, activation):
        return Kind.AHEAD
    if row.waiting or row.dead:
        return None
    if stamp is None:
        return None if row.deleted and not row.fresh else Kind.MISSING
    if row.deleted and stamp.state == "open":
        same = revision_of(stamp) == row.revision
        return Kind.OPEN_THOUGH_DELETED if same else Kind.SHOULD_BE_CLOSED
    if revision_of(stamp) < row.revision:
        return Kind.STALE_REVISION
    if stamp.state == "closed" and not row.deleted:
        return Kind.CLOSED_THOUGH_OPEN
    return Kind.STALE_RECIPE if _is_stale(stamp, row, activation) else None


def _is_ahead(stamp: Stamp, row: Row, activation: Activation | None) -> bool:
    if activation is None:
        return revision_of(stamp) > row.revision
    return stamp.version > document_version(row.revision, activation.number)


def _is_stale(stamp: Stamp, row: Row, activation: Activation | None) -> bool:
    if activation is None:
        return False
    oldest = document_version(row.revision, activation.since)
    return stamp.recipe != activation.recipe or stamp.version < oldest
