"""One row a post that still has to reach the index: asking for it, and what is due.

``claim`` leases rows, ``lease`` gives them back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    Select,
    case,
    false,
    func,
    literal,
    literal_column,
    null,
    select,
)
from sqlalchemy.orm import Session

from worker import upsert
from worker.clock import now_ms
from worker.tables import outbox as rows

Lane = Literal["live", "backfill"]
LANES: dict[Lane, int] = {"live": 0, "backfill": 1}
LANE_NAMES: dict[int, Lane] = {number: name for name, number in LANES.items()}

FREE: dict[str, Any] = {
    "lease_token": None,
    "lease_until": None,
    "lease_owner": None,
    "solo": False,
}
"""The columns of a row that nobody holds."""
# SQL literals: PyMySQL takes no parameters behind the rows of an insert.
_ZERO: ColumnElement[int] = literal_column("0")
_UNTRIED: dict[str, Any] = {
    "lease_token": null(),
    "lease_until": null(),
    "lease_owner": null(),
    "solo": false(),
    "lost": _ZERO,
    "attempts": _ZERO,
    "strikes": _ZERO,
    "last_error": null(),
}
_UNHELD = rows.c.lease_token.is_(None)
_BY_DUE = "FORCE INDEX (ix_outbox_due)"


@dataclass(frozen=True, slots=True)
class Ask:
    """A post to be indexed at least at this revision."""

    post_id: str
    revision: int
    trace: str | None = None


def put(
    session: Session, post_id: str, revision: int, lane: Lane, trace: str | None = None
) -> None:
    """Ask for the indexing of a post; overwrites what waits for it, a running lease included.

    A live write raises a waiting backfill row, a backfill never lowers a live one.
    """
    put_all(session, [Ask(post_id, revision, trace)], lane)


def put_all(session: Session, asks: Sequence[Ask], lane: Lane) -> None:
    """Ask for many posts, each once; in the order of ids, so that no two callers deadlock."""
    upsert.upsert(
        session,
        rows,
        [
            {"post_id": a.post_id, "revision": a.revision, "lane": LANES[lane], "trace": a.trace}
            for a in sorted(asks, key=lambda ask: ask.post_id)
        ],
        lambda new: {
            "revision": new.revision,
            "lane": case((rows.c.lane < new.lane, rows.c.lane), else_=new.lane),
            "trace": new.trace,
            # An often written post keeps its place; what is leased is asked for anew.
            "due_at": case((_UNHELD & (rows.c.due_at < now_ms()), rows.c.due_at), else_=now_ms()),
            "asked_at": case((_UNHELD, rows.c.asked_at), else_=now_ms()),
            **_UNTRIED,
        },
    )


def ask_missing(session: Session, posts: Select[Any], lane: Lane) -> int:
    """Ask for the posts of a selection (id, revision) for which no row waits; returns how many."""
    chosen = posts.subquery()
    id_, revision = chosen.c
    missing = ~select(rows.c.post_id).where(rows.c.post_id == id_).exists()
    source = select(id_, revision, literal(LANES[lane])).where(missing)
    statement = upsert.ignoring(session, rows).from_select(
        ["post_id", "revision", "lane"], source, include_defaults=False
    )
    return upsert.inserted(session, statement)


def waiting(session: Session) -> dict[str, int]:
    """Count rows: all, and those that are leased."""
    total, leased = session.execute(
        select(func.count(), func.count(rows.c.lease_token)).select_from(rows)
    ).one()
    return {"waiting": int(total), "leased": int(leased)}


def due(lane: Lane, *columns: Any) -> Select[Any]:  # noqa: ANN401 - whatever is selected
    """Return the query of a lane's due rows, the oldest first, as the index has them."""
    return (
        select(*columns)
        .where(rows.c.lane == LANES[lane], rows.c.due_at <= now_ms())
        .order_by(rows.c.due_at, rows.c.post_id)
        .with_hint(rows, _BY_DUE, "mysql")
        .with_hint(rows, _BY_DUE, "mariadb")
    )
