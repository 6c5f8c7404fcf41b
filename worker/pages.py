"""Database and index side by side, page by page, in the order of ids (by code point).

The index is read before the database: what is written meanwhile then looks too old in the index
at worst, never too new.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Select, select

from search.index import ACTIVATIONS, Index, Stamp
from worker import recipes
from worker.clock import now_ms
from worker.engine import reading
from worker.recipes import Activation
from worker.tables import dead_letters, outbox, posts

TOMBSTONES_KEPT_S = 7 * 24 * 3600
"""For how long a closed post must have its tombstone in the index; later it may be purged."""


@dataclass(frozen=True, slots=True)
class Row:
    """A post as the database has it.

    ``waiting``: an outbox row asks for it; ``dead``: a dead letter of this revision, open or closed
    by a person, says why it is not indexed; ``fresh``: written within ``TOMBSTONES_KEPT_S``.
    """

    revision: int
    deleted: bool
    waiting: bool = False
    dead: bool = False
    fresh: bool = True


@dataclass(frozen=True, slots=True)
class Pair:
    """One id with what either side knows of it; never both None."""

    id: str
    stamp: Stamp | None
    row: Row | None


@dataclass(frozen=True, slots=True)
class Page:
    """The ids of one range, in order; ``end``: where the next begins, None at the end of all."""

    pairs: tuple[Pair, ...]
    end: str | None
    activation: Activation | None


def read_page(engine: sa.Engine, index: Index, after: str, limit: int) -> Page:
    """Read the range behind ``after`` that holds at most ``limit`` ids of either side."""
    stamps = list(index.scan(after, limit))
    columns = _columns().where(posts.c.id > after).order_by(posts.c.id).limit(limit)
    rows, activation = _read(engine, columns)
    # Where a side's page is full, nothing is known of its ids behind the page's last one.
    ends = [ids[-1] for ids in ([s.id for s in stamps], list(rows)) if len(ids) >= limit]
    end = min(ends) if ends else None
    return Page(_merged(stamps, rows, end), end, activation)


def read_ids(engine: sa.Engine, index: Index, ids: Sequence[str]) -> Page:
    """Read the same of single ids, in whatever state they are now."""
    stamps = [Stamp(d.id, d.version, d.state, d.recipe) for _, d in sorted(index.get(ids).items())]
    rows, activation = _read(engine, _columns().where(posts.c.id.in_(ids)))
    return Page(_merged(stamps, rows, None), None, activation)


def revision_of(stamp: Stamp) -> int:
    """Return the revision that a document was built from."""
    return stamp.version // ACTIVATIONS


def _read(engine: sa.Engine, query: Select[Any]) -> tuple[dict[str, Row], Activation | None]:
    with reading(engine) as session:
        found = session.execute(query).all()
        activation = recipes.active(session)
    rows = {
        row.id: Row(
            row.revision, bool(row.deleted), bool(row.waiting), bool(row.dead), bool(row.fresh)
        )
        for row in found
    }
    return rows, activation


def _columns() -> Select[Any]:
    letters = dead_letters.c
    waiting = select(outbox.c.post_id).where(outbox.c.post_id == posts.c.id).exists()
    # A letter says why the post is not indexed until it is written anew, by whatever way.
    given_up = letters.state.in_(("open", "closed")) & (letters.revision >= posts.c.revision)
    dead = select(letters.id).where(letters.post_id == posts.c.id, given_up).exists()
    fresh = posts.c.written_at > now_ms() - TOMBSTONES_KEPT_S * 1000
    return select(
        posts.c.id,
        posts.c.revision,
        posts.c.deleted,
        waiting.label("waiting"),
        dead.label("dead"),
        fresh.label("fresh"),
    )


def _merged(stamps: Iterable[Stamp], rows: dict[str, Row], end: str | None) -> tuple[Pair, ...]:
    by_id = {stamp.id: stamp for stamp in stamps}
    ids = sorted(by_id.keys() | rows.keys())
    return tuple(Pair(i, by_id.get(i), rows.get(i)) for i in ids if end is None or i <= end)
