"""Everything that the database knows of one post."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from enrich.post import PostError
from worker import deadletters, outbox, recipes, revisions
from worker.clock import now_ms
from worker.posts import UnknownPost
from worker.tables import history, posts
from worker.tables import outbox as rows


@dataclass(frozen=True, slots=True)
class Explanation:
    """A post with what waits for it and what happened to it; times are in milliseconds."""

    id: str
    revision: int
    deleted: bool
    counted: bool
    written_at: int
    post: dict[str, Any]
    activation: dict[str, Any] | None
    waiting: dict[str, Any] | None
    dead_letters: tuple[dict[str, Any], ...]
    history: tuple[dict[str, Any], ...]

    def to_mapping(self) -> dict[str, Any]:
        """Return the JSON form."""
        return asdict(self)


def explain(session: Session, post_id: str) -> Explanation:
    """Gather the post, its outbox row, its dead letters and its history.

    Raises:
        UnknownPost: no post has this id.
    """
    post = session.execute(select(posts).where(posts.c.id == post_id)).one_or_none()
    if post is None:
        raise UnknownPost(post_id)
    activation = recipes.active(session)
    letters = deadletters.find(session, state=None, post_id=post_id)
    columns = history.c
    events = session.execute(
        select(columns.at, columns.event, columns.revision, columns.detail, columns.trace)
        .where(columns.post_id == post_id)
        .order_by(columns.id)
    ).mappings()
    return Explanation(
        id=post.id,
        revision=post.revision,
        deleted=post.deleted,
        counted=post.counted,
        written_at=post.written_at,
        post=_shown(post.payload),
        activation=None if activation is None else asdict(activation),
        waiting=_waiting(session, post_id),
        dead_letters=tuple(asdict(letter) for letter in letters),
        history=tuple(dict(event) for event in events),
    )


def _shown(payload: object) -> dict[str, Any]:
    try:
        return dict(revisions.decode(payload))
    except PostError:
        return {"payload": payload}  # another system wrote what is no post


def _waiting(session: Session, post_id: str) -> dict[str, Any] | None:
    row = session.execute(
        select(rows, now_ms().label("now")).where(rows.c.post_id == post_id)
    ).one_or_none()
    if row is None:
        return None
    if row.lease_token is not None:
        state = "leased" if row.lease_until > row.now else "lease lost"
    else:
        state = "due" if row.due_at <= row.now else "delayed"
    return {
        "state": state,
        "lane": outbox.LANE_NAMES[row.lane],
        "revision": row.revision,
        "due_at": row.due_at,
        "asked_at": row.asked_at,
        "trace": row.trace,
        "attempts": row.attempts,
        "strikes": row.strikes,
        "lost": row.lost,
        "last_error": row.last_error,
    }
