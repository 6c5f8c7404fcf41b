"""After a restored database: bringing back what only the index still knows.

A document that is ahead of its post, or whose post the database does not know, becomes the post.
The index itself is not touched; nothing in it is overwritten by anything older.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from enrich.post import Post, PostError
from search.index import ACTIVATIONS, Document, Index, Stamp
from worker import deadletters, outbox, retry, upsert
from worker.clock import now_ms
from worker.engine import reading
from worker.events import Entry, Event, record_all
from worker.pages import Pair, read_page, revision_of
from worker.recipes import Activation, ActivationsExhausted, active
from worker.revisions import from_row
from worker.tables import activations, posts

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


@dataclass(slots=True)
class Recovery:
    """What was found and brought back; ``unreadable``: documents that hold no post."""

    seen: int = 0
    ahead: int = 0
    unknown: int = 0
    closed: int = 0
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
    dry_run: bool = False,
    limit: int = LIMIT,
    on_progress: Callable[[int], None] = lambda _seen: None,
) -> Recovery:
    """Walk the index once and bring back what the database lacks; may be repeated at any time.

    Args:
        engine: the restored database, brought to the current schema. Nobody may write to it.
        index: what was written until the loss.
        counted: whether revisions of unknown posts are counted here; None: as of all others.
        dry_run: only count.
        limit: ids of one step.
        on_progress: called with the number of ids after each step.

    Raises:
        UnknownNumbering: ``counted`` is needed.
    """
    counted = numbering(engine) if counted is None else counted
    report = Recovery()
    seen: dict[str, int] = {}
    after: str | None = ""
    while after is not None:
        page = read_page(engine, index, after, limit)
        _note(seen, (pair.stamp for pair in page.pairs))
        wanted = [pair for pair in page.pairs if is_ahead(pair)]
        if counted is None and any(pair.row is None for pair in wanted):
            raise UnknownNumbering
        back = _back(engine, index, wanted, report)
        if back and not dry_run:
            retry.run(engine, partial(_store, back=back, counted=bool(counted)))
        report.seen += len(page.pairs)
        on_progress(len(page.pairs))
        after = page.end
    with reading(engine) as session:
        raised = raised_activations(seen, active(session))
    report.activation = max((row["number"] for row in raised), default=None)
    if raised and not dry_run:
        retry.run(engine, partial(_raise, seen=seen))
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


def raised_activations(seen: Mapping[str, int], now: Activation | None) -> list[dict[str, Any]]:
    """Return the activations that must be added so that none in the index is above them.

    The recipe with the highest number was the active one. Its documents stay current from the
    first number on that no other recipe has.

    Args:
        seen: the highest activation number of the documents of each recipe.
        now: the active recipe of the database.

    Raises:
        ActivationsExhausted: there is no higher number.
    """
    number, recipe = (0, None) if now is None else (now.number, now.recipe)
    top = max(seen, key=lambda name: (seen[name], name == recipe), default=None)
    if top is None or seen[top] < number or (top == recipe and seen[top] == number):
        return []
    rows: list[tuple[int, str]] = []
    if top != recipe:
        others = [highest for name, highest in seen.items() if name != top]
        pinned = now is not None and now.pinned
        rows.append((max([number, *others]) + 1, "command" if pinned else "recipe"))
    rows.append((max(seen[top], number, *(first for first, _ in rows)) + 1, "repair"))
    if rows[-1][0] >= ACTIVATIONS:
        raise ActivationsExhausted(
            f"the index holds activation {seen[top]}, and {ACTIVATIONS - 1} is the last one; "
            "rebuild the index into a new home"
        )
    return [{"number": one, "recipe": top, "reason": reason} for one, reason in rows]


def numbering(engine: sa.Engine) -> bool | None:
    """Return whether the revisions of all posts are counted here; None where they differ."""
    with reading(engine) as session:
        found = session.scalars(select(posts.c.counted).distinct()).all()
    return bool(found[0]) if len(found) == 1 else None


def _note(seen: dict[str, int], stamps: Iterable[Stamp | None]) -> None:
    for stamp in stamps:
        if stamp is not None:
            highest = seen.get(stamp.recipe, 0)
            seen[stamp.recipe] = max(highest, stamp.version % ACTIVATIONS)


def _back(engine: sa.Engine, index: Index, wanted: Sequence[Pair], report: Recovery) -> list[Back]:
    if not wanted:
        return []
    ids = [pair.id for pair in wanted]
    documents = index.get(ids)
    with reading(engine) as session:
        query = select(posts.c.id, posts.c.payload).where(posts.c.id.in_(ids))
        payloads: dict[str, Any] = {row.id: row.payload for row in session.execute(query)}
    found = []
    for pair in wanted:
        document = documents[pair.id]
        try:
            post = post_from(document, payloads.get(pair.id))
        except PostError:
            report.unreadable.append(pair.id)
            continue
        new = pair.row is None
        report.unknown += new
        report.ahead += not new
        report.closed += post.deleted
        revision = revision_of(pair.stamp) if pair.stamp else 0
        found.append(Back(pair.id, revision, post.to_mapping(), post.deleted, new))
    return found


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
    record_all(session, [Entry(p.id, Event.RECOVERED, p.revision, "from the index") for p in back])


def _raise(session: Session, seen: Mapping[str, int]) -> None:
    for row in raised_activations(seen, active(session)):
        upsert.insert_missing(session, activations, {**row, "activated_at": now_ms()})
