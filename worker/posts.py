"""The one way in: a post row and its outbox row, written in one transaction."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Literal

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from enrich.post import MAX_REVISION, Post, content_hash
from worker import deadletters, outbox
from worker.clock import now_ms
from worker.events import Event, record
from worker.tables import posts

WriteKind = Literal["written", "unchanged", "superseded"]


class RevisionConflict(ValueError):  # noqa: N818 - the name of the contract
    """A post was refused because of its revision; the message names the post and the remedy."""

    def __init__(self, post_id: str, problem: str, remedy: str) -> None:
        """Keep the parts apart, so that programs can read them."""
        super().__init__(f"post {post_id!r}: field 'revision': {problem}; {remedy}")
        self.post_id = post_id
        self.field = "revision"
        self.problem = problem
        self.remedy = remedy


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


@dataclass(frozen=True, slots=True)
class _Stored:
    revision: int
    payload: dict[str, Any]
    content_hash: str
    deleted: bool
    counted: bool


def write(session: Session, post: Post, lane: outbox.Lane = "live") -> WriteResult:
    """Store a post and ask for its indexing, both in the caller's transaction.

    Without a revision it is counted here: one more for each change of content. With one, a lower
    revision than the stored one is superseded and changes nothing.

    Raises:
        RevisionConflict: an equal revision with other content, or a source that gave no
            revisions gives one now, or the other way round.
    """
    stored = _stored(session, post.id)
    fingerprint = content_hash(post)
    if stored is not None:
        settled = _compare(stored, post, fingerprint)
        if settled is not None:
            return WriteResult(post.id, stored.revision, settled)
    revision = _next_revision(stored, post)
    values = {
        "revision": revision,
        "payload": post.model_copy(update={"revision": revision}).to_mapping(),
        "content_hash": fingerprint,
        "deleted": post.deleted,
        "written_at": now_ms(),
    }
    if stored is None:
        session.execute(insert(posts).values(id=post.id, counted=post.revision is None, **values))
    else:
        session.execute(update(posts).where(posts.c.id == post.id).values(**values))
    outbox.put(session, post.id, revision, lane)
    deadletters.supersede(session, post.id)
    record(session, post.id, Event.DELETED if post.deleted else Event.WRITTEN, revision)
    return WriteResult(post.id, revision, "written")


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
    post = read(session, post_id)
    counted = None if stored.counted else _checked(post_id, stored.revision + 1)
    return write(session, post.model_copy(update={"deleted": True, "revision": counted}))


def read(session: Session, post_id: str) -> Post:
    """Return a stored post with its revision.

    Raises:
        UnknownPost: no post has this id.
    """
    stored = _stored(session, post_id)
    if stored is None:
        raise UnknownPost(post_id)
    return Post.from_mapping(stored.payload)


def _stored(session: Session, post_id: str) -> _Stored | None:
    row = session.execute(
        select(*(posts.c[field.name] for field in fields(_Stored)))
        .where(posts.c.id == post_id)
        .with_for_update()
    ).one_or_none()
    return None if row is None else _Stored(*row)


def _compare(stored: _Stored, post: Post, fingerprint: str) -> WriteKind | None:
    """Say why a write changes nothing, or None when it does change something."""
    same = stored.content_hash == fingerprint
    if post.revision is None:
        if same:
            return "unchanged"
        if not stored.counted:
            raise RevisionConflict(
                post.id,
                f"is missing, and the stored post has {stored.revision} from its source",
                f"give a revision above {stored.revision}",
            )
        return None
    if stored.counted:
        raise RevisionConflict(
            post.id, "is given, and this post's revisions are counted here", "leave it out"
        )
    if post.revision < stored.revision:
        return "superseded"
    if post.revision > stored.revision:
        return None
    if same:
        return "unchanged"
    raise RevisionConflict(
        post.id,
        f"{post.revision} is stored already with other content",
        f"give a revision above {stored.revision}",
    )


def _next_revision(stored: _Stored | None, post: Post) -> int:
    if post.revision is not None:
        return post.revision
    return _checked(post.id, 1 if stored is None else stored.revision + 1)


def _checked(post_id: str, revision: int) -> int:
    if revision > MAX_REVISION:
        raise RevisionConflict(post_id, "has reached its highest value", "use a new id")
    return revision
