"""The one way in: a post row and its outbox row, written in one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from enrich.post import Post
from worker import deadletters, outbox, upsert
from worker.clock import now_ms
from worker.engine import READS_COMMITTED
from worker.events import Entry, Event, record_all
from worker.revisions import (
    RevisionConflict,
    StoredPost,
    WriteKind,
    checked,
    compare,
    decode,
    from_row,
    next_revision,
    post_of,
)
from worker.tables import posts as table
from worker.trace import new_trace

__all__ = [
    "RevisionConflict",
    "UnknownPost",
    "WriteResult",
    "delete",
    "read",
    "write",
    "write_many",
]


class UnknownPost(LookupError):  # noqa: N818
    """There is no post with this id."""

    def __init__(self, post_id: str) -> None:
        """Name the id."""
        super().__init__(f"post {post_id!r} is not known; check the id")
        self.post_id = post_id


@dataclass(frozen=True, slots=True)
class WriteResult:
    """What became of one write; ``revision`` is the one that is stored now."""

    id: str
    revision: int
    outcome: WriteKind


def write(
    session: Session, post: Post, lane: outbox.Lane = "live", trace: str | None = None
) -> WriteResult:
    """Store a post and ask for its indexing, both in the caller's transaction.

    Without a revision it is counted here: one more for each change of content. With one, a lower
    revision than the stored one is superseded and changes nothing. ``trace`` (an id or a
    W3C traceparent; a new one by default) follows the post to the index.

    Raises:
        RevisionConflict: an equal revision with other content, or a source that gave no
            revisions gives one now, or the other way round.
    """
    (result,) = write_many(session, [post], lane, trace)
    if isinstance(result, RevisionConflict):
        raise result
    return result


def write_many(
    session: Session,
    posts: Sequence[Post],
    lane: outbox.Lane = "live",
    trace: str | None = None,
) -> list[WriteResult | RevisionConflict]:
    """Store posts as ``write`` does, in their order; a refused one is returned, not raised."""
    results: list[WriteResult | RevisionConflict] = []
    for run in _runs(posts):
        results += _write_run(session, run, lane, trace)
    return results


def delete(session: Session, post_id: str) -> WriteResult:
    """Close a post under the next revision; closing a closed post changes nothing.

    Raises:
        UnknownPost: no post has this id.
    """
    stored = _stored(session, post_id)
    if stored is None:
        raise UnknownPost(post_id)
    if stored.deleted:
        return WriteResult(post_id, stored.revision, "unchanged")
    # Of a row that is no post nothing is kept but that it is closed.
    post = from_row(post_id, stored.revision, stored.payload, deleted=True)
    counted = None if stored.counted else checked(post_id, stored.revision + 1)
    return write(session, post.model_copy(update={"revision": counted}))


def read(session: Session, post_id: str) -> Post:
    """Return a stored post with its revision.

    Raises:
        UnknownPost: no post has this id.
        PostError: another system has written what is no post.
    """
    stored = _stored(session, post_id)
    if stored is None:
        raise UnknownPost(post_id)
    return post_of(stored)


def _runs(posts: Sequence[Post]) -> Iterator[list[Post]]:
    """Split where an id comes again: the later write must see the earlier one."""
    run: dict[str, Post] = {}
    for post in posts:
        if post.id in run:
            yield list(run.values())
            run = {}
        run[post.id] = post
    if run:
        yield list(run.values())


def _write_run(
    session: Session, posts: Sequence[Post], lane: outbox.Lane, trace: str | None
) -> list[WriteResult | RevisionConflict]:
    results = _settled(session, posts)
    rest = [post for post in posts if post.id not in results]
    if rest:
        results.update(_write_rest(session, rest, lane, trace))
    return [results[post.id] for post in posts]


def _settled(session: Session, posts: Sequence[Post]) -> dict[str, WriteResult | RevisionConflict]:
    """Return the writes that change nothing, found without locks: they cost no disk write.

    Such a write may count as the earlier one of any that is going on now; but not where the caller
    reads an old state of the database, which only our own engines are known not to do.
    """
    if not session.get_bind().get_execution_options().get(READS_COMMITTED):
        return {}
    stored = _read(session, [post.id for post in posts])
    found: dict[str, WriteResult | RevisionConflict] = {}
    for post in posts:
        known = stored.get(post.id)
        if known is None:
            continue
        with suppress(RevisionConflict):  # looked at again under the lock
            kind = compare(known, post)
            if kind is not None:
                found[post.id] = WriteResult(post.id, known.revision, kind)
    return found


def _write_rest(
    session: Session, posts: Sequence[Post], lane: outbox.Lane, trace: str | None
) -> dict[str, WriteResult | RevisionConflict]:
    # Rows are locked in the order of ids, so that no two writers wait for each other.
    stored = _read(session, sorted(post.id for post in posts), lock=True)
    new = [post for post in sorted(posts, key=lambda p: p.id) if post.id not in stored]
    created = _create(session, new)
    taken = [post.id for post in new if post.id not in created]
    if taken:  # another writer was first
        stored.update(_read(session, taken, lock=True))
    results: dict[str, WriteResult | RevisionConflict] = {}
    written: list[tuple[Post, int]] = []
    for post in posts:
        try:
            result = _write(session, post, stored.get(post.id))
        except RevisionConflict as refusal:
            results[post.id] = refusal
            continue
        results[post.id] = result
        if result.outcome == "written":
            written.append((post, result.revision))
    if written:
        _ask(session, written, lane, trace)
        deadletters.supersede(session, *sorted({p.id for p, _ in written} & stored.keys()))
    return results


def _create(session: Session, posts: Sequence[Post]) -> set[str]:
    """Insert new posts; returns the ids of those that no other writer created meanwhile."""
    values = [
        {
            "id": post.id,
            "counted": post.revision is None,
            **_values(post, next_revision(None, post)),
        }
        for post in posts
    ]
    if not values:
        return set()
    ids = {post.id for post in posts}
    if upsert.inserted(session, upsert.ignoring(session, table), values) == len(values):
        return ids
    # Some were there first. What is stored exactly so may be ours: to ask for it twice costs
    # little, not to ask loses it.
    stored = _read(session, sorted(ids), lock=True)
    return {v["id"] for v in values if v["id"] in stored and _is(stored[v["id"]], v)}


def _is(stored: StoredPost, values: Mapping[str, Any]) -> bool:
    same = (stored.revision, stored.deleted) == (values["revision"], values["deleted"])
    return same and decode(stored.payload) == values["payload"]


def _write(session: Session, post: Post, stored: StoredPost | None) -> WriteResult:
    if stored is None:  # created just now
        return WriteResult(post.id, next_revision(None, post), "written")
    settled = compare(stored, post)
    if settled is not None:
        return WriteResult(post.id, stored.revision, settled)
    revision = next_revision(stored, post)
    values = {**_values(post, revision), "written_at": now_ms()}
    unchanged = (table.c.id == post.id, table.c.revision == stored.revision)
    done: Any = session.execute(update(table).where(*unchanged).values(**values))
    if done.rowcount != 1:  # only where the caller's database takes no lock when it reads
        raise RevisionConflict(post.id, "was changed while it was written", "write it again")
    return WriteResult(post.id, revision, "written")


def _values(post: Post, revision: int) -> dict[str, Any]:
    payload = post.model_copy(update={"revision": revision}).to_mapping()
    return {"revision": revision, "payload": payload, "deleted": post.deleted}


def _ask(
    session: Session, written: Sequence[tuple[Post, int]], lane: outbox.Lane, trace: str | None
) -> None:
    asks = [outbox.Ask(post.id, revision, new_trace(trace)) for post, revision in written]
    outbox.put_all(session, asks, lane)
    closed = {post.id for post, _ in written if post.deleted}
    record_all(
        session,
        [
            Entry(
                ask.post_id,
                Event.DELETED if ask.post_id in closed else Event.WRITTEN,
                ask.revision,
                trace=ask.trace,
            )
            for ask in asks
        ],
    )


def _stored(session: Session, post_id: str) -> StoredPost | None:
    return _read(session, [post_id], lock=True).get(post_id)


def _read(session: Session, ids: Sequence[str], *, lock: bool = False) -> dict[str, StoredPost]:
    query = select(*(table.c[field.name] for field in fields(StoredPost))).where(
        table.c.id.in_(ids)
    )
    if lock:
        query = query.order_by(table.c.id).with_for_update()
    return {row.id: StoredPost(*row) for row in session.execute(query)}
