"""After a restored database: bringing back what only the index still knows.

A document that is ahead of its post, or whose post the database does not know, becomes the post.
The index itself is not touched; nothing in it is overwritten by anything older.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from enrich.post import Post, PostError
from search.index import ACTIVATIONS, Document, Index
from worker import deadletters, log, outbox, renumber, retry, upsert
from worker.clock import now_ms
from worker.engine import reading
from worker.events import Entry, Event, record_all
from worker.pages import Pair, read_page, revision_of
from worker.revisions import from_row
from worker.tables import posts

LIMIT = 500


class UnknownNumbering(ValueError):  # noqa: N818
    """Posts would come back of which nobody knows who counts their revisions."""

    def __init__(self) -> None:
        """Say the remedy."""
        super().__init__(
            "the database does not tell whether the posts that come back have revisions of their "
            "source; add --revisions given where the source sends them, --revisions counted "
            "where it does not"
        )


@dataclass(frozen=True, slots=True)
class Back:
    """One post as it comes back."""

    id: str
    revision: int
    payload: dict[str, Any]
    deleted: bool
    new: bool
    kept: bool = False

    @property
    def told(self) -> str:
        """What the post's history says."""
        return "numbered above the index" if self.kept else "from the index"


@dataclass(slots=True)
class Recovery:
    """What was found and brought back.

    ``kept``: posts written since the restore, numbered above the index; ``unreadable``: documents
    that hold no post.
    """

    seen: int = 0
    ahead: int = 0
    unknown: int = 0
    closed: int = 0
    kept: int = 0
    unreadable: list[str] = field(default_factory=list)
    activation: int | None = None

    @property
    def brought_back(self) -> int:
        """Posts that the database did not have so."""
        return self.ahead + self.unknown


def recover(
    engine: sa.Engine,
    index: Index,
    *,
    counted: bool | None = None,
    restored_at: int | None = None,
    dry_run: bool = False,
    limit: int = LIMIT,
    on_progress: Callable[[int], None] = lambda _seen: None,
) -> Recovery:
    """Walk the index once and bring back what the database lacks; may be repeated at any time.

    Args:
        engine: the restored database, brought to the current schema. Nobody may write to it.
        index: what was written until the loss.
        counted: whether revisions of unknown posts are counted here; None: as of all others.
        restored_at: posts with counted revisions that were written since (milliseconds of the
            database) stay as they are and only get a revision above the index's.
        dry_run: only count.
        limit: ids of one step.
        on_progress: called with the number of ids after each step.

    Raises:
        UnknownNumbering: ``counted`` is needed.
    """
    counted = numbering(engine) if counted is None else counted
    began = time.monotonic()
    report = Recovery()
    seen: dict[str, int] = {}
    after: str | None = ""
    while after is not None:
        page = read_page(engine, index, after, limit)
        renumber.note(seen, (pair.stamp for pair in page.pairs))
        wanted = [pair for pair in page.pairs if is_ahead(pair)]
        if counted is None and any(pair.row is None for pair in wanted):
            raise UnknownNumbering
        back = _back(engine, index, wanted, restored_at, report)
        if back and not dry_run:
            retry.run(engine, partial(_store, back=back, counted=bool(counted)))
        report.seen += len(page.pairs)
        on_progress(len(page.pairs))
        after = page.end
    report.activation = renumber.above(engine, seen, dry_run=dry_run)
    if not dry_run:
        log.emit(
            log.LogEvent.RECOVERED,
            seen=report.seen,
            count=report.brought_back,
            seconds=time.monotonic() - began,
        )
    return report


def is_ahead(pair: Pair) -> bool:
    """Tell whether the index knows a later revision than the database, or a post that it lacks."""
    if pair.stamp is None:
        return False
    return pair.row is None or revision_of(pair.stamp) > pair.row.revision


def post_from(document: Document, payload: object) -> Post:
    """Return the post that a document was made of; of a closed one what is stored of it.

    Raises:
        PostError: the document holds no post.
    """
    closed = document.state == "closed"
    given = payload if closed else document.display
    return from_row(document.id, document.version // ACTIVATIONS, given, deleted=closed)


def numbering(engine: sa.Engine) -> bool | None:
    """Return whether the revisions of all posts are counted here; None where they differ."""
    with reading(engine) as session:
        found = session.scalars(select(posts.c.counted).distinct()).all()
    return bool(found[0]) if len(found) == 1 else None


def _back(
    engine: sa.Engine,
    index: Index,
    wanted: Sequence[Pair],
    restored_at: int | None,
    report: Recovery,
) -> list[Back]:
    if not wanted:
        return []
    ids = [pair.id for pair in wanted]
    documents = index.get(ids)
    with reading(engine) as session:
        stored = {row.id: row for row in session.execute(select(posts).where(posts.c.id.in_(ids)))}
    found = []
    for pair in wanted:
        row = stored.get(pair.id)
        try:
            back = _one(documents[pair.id], row, restored_at)
        except PostError:
            report.unreadable.append(pair.id)
            continue
        report.kept += back.kept
        report.unknown += back.new
        report.ahead += not (back.new or back.kept)
        report.closed += back.deleted and not back.kept
        found.append(back)
    return found


def _one(document: Document, row: Any, restored_at: int | None) -> Back:  # noqa: ANN401 - or None
    revision = document.version // ACTIVATIONS
    newer = row is not None and restored_at is not None and row.written_at >= restored_at
    if newer and row.counted:
        # Its text is the newer one: nobody could know the numbers that the index has seen.
        post = from_row(row.id, revision + 1, row.payload, deleted=row.deleted)
        return Back(row.id, revision + 1, post.to_mapping(), post.deleted, new=False, kept=True)
    post = post_from(document, None if row is None else row.payload)
    return Back(document.id, revision, post.to_mapping(), post.deleted, new=row is None)


def _store(session: Session, back: Sequence[Back], *, counted: bool) -> None:
    for post in back:
        values = {
            "revision": post.revision,
            "payload": post.payload,
            "deleted": post.deleted,
            "written_at": now_ms(),
        }
        if post.new:
            upsert.insert_missing(session, posts, {"id": post.id, "counted": counted, **values})
        older = (posts.c.id == post.id) & (posts.c.revision < post.revision)
        session.execute(update(posts).where(older).values(**values))
    ids = sorted(post.id for post in back)
    current = select(posts.c.id, posts.c.revision).where(posts.c.id.in_(ids))
    asks = [outbox.Ask(*row) for row in session.execute(current.order_by(posts.c.id))]
    outbox.put_all(session, asks, "backfill")
    deadletters.supersede(session, *ids)
    record_all(session, [Entry(p.id, Event.RECOVERED, p.revision, p.told) for p in back])
