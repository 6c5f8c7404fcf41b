"""Payloads of the ingest queue that are no posts: listed, shown, replayed and closed."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import CursorResult, Select, insert, select, update
from sqlalchemy.orm import Session

from enrich.post import PostError
from worker import messages, posts
from worker.clock import now_ms
from worker.tables import ingest_rejects as table
from worker.tables import posts as stored
from worker.trace import new_trace

_MAX_ERROR = 2000
_MAX_FIELD = 200


class UnknownReject(LookupError):  # noqa: N818
    """There is no open reject with this number."""

    def __init__(self, number: int) -> None:
        """Name the number."""
        super().__init__(f"reject {number} is not open or not known; list them first")


class OvertakenReject(ValueError):  # noqa: N818
    """The post was written after the reject came, and nothing tells which text is newer."""

    def __init__(self, number: int, post_id: str) -> None:
        """Name the reject, the post and the remedy."""
        super().__init__(
            f"reject {number} gives no revision and post {post_id!r} was written after it came; "
            "close it, give the corrected post with --payload, or overwrite the post with --force"
        )


@dataclass(frozen=True, slots=True)
class Reject:
    """One refused payload and why; times in milliseconds.

    ``payload`` is the post as JSON text, or the whole body where no post could be read from it.
    """

    id: int
    task_id: str | None
    received_at: int
    payload: str
    post_id: str | None
    field: str | None
    error: str
    state: str
    changed_at: int
    reason: str | None


def store(
    session: Session,
    *,
    task_id: str | None,
    payload: str,
    error: str,
    field: str | None = None,
    post_id: str | None = None,
) -> bool:
    """Keep a payload; False where the same message left it here before and it is open still.

    The broker may deliver a message again after this was committed.
    """
    kept = payload[: messages.KEPT_CHARS]
    if len(kept) < len(payload):
        error = f"{error} (only the first {len(kept)} of {len(payload)} characters are kept)"
    if task_id is not None and _is_kept(session, task_id, kept):
        return False
    session.execute(
        insert(table).values(
            task_id=task_id,
            received_at=now_ms(),
            payload=kept,
            post_id=post_id,
            field=None if field is None else field[:_MAX_FIELD],
            error=error[:_MAX_ERROR],
            state="open",
            changed_at=now_ms(),
        )
    )
    return True


def find(
    session: Session,
    *,
    state: str | None = "open",
    post_id: str | None = None,
    field: str | None = None,
    after: int = 0,
    limit: int = 1000,
) -> list[Reject]:
    """Return rejects, the oldest first; ``after`` is the number of the last one seen."""
    query = _all().where(table.c.id > after).order_by(table.c.id).limit(limit)
    for column, value in ((table.c.state, state), (table.c.post_id, post_id)):
        if value is not None:
            query = query.where(column == value)
    if field is not None:
        query = query.where(table.c.field == field)
    return [Reject(**row) for row in session.execute(query).mappings()]


def show(session: Session, number: int) -> Reject:
    """Return one reject in whatever state.

    Raises:
        UnknownReject: none has this number.
    """
    row = session.execute(_all().where(table.c.id == number)).mappings().one_or_none()
    if row is None:
        raise UnknownReject(number)
    return Reject(**row)


def replay(
    session: Session,
    number: int,
    *,
    payload: str | None = None,
    trace: str | None = None,
    force: bool = False,
) -> posts.WriteResult:
    """Write a payload as if it came now; it stays open when it is refused again.

    Args:
        session: the transaction.
        number: of the reject.
        payload: JSON text of the corrected post; what was refused else, which stays as it is.
        trace: the id that the post's way carries; a new one when None.
        force: write what was refused also over a text that came later.

    Raises:
        UnknownReject: it is not open.
        OvertakenReject: the post was written since, and the payload has no revision.
        PostError: the payload is no post.
        RevisionConflict: its revision contradicts the stored one.
    """
    reject = _open(session, number)
    post = messages.read_post(_decoded(reject.payload if payload is None else payload))
    if payload is None and not force and post.revision is None:
        _refuse_overtaken(session, reject, post.id)
    result = posts.write(session, post, trace=new_trace(trace))
    _change(session, number, "replayed", None)
    return result


def close(session: Session, number: int, reason: str | None = None) -> Reject:
    """Give a payload up for good; it stays readable.

    Raises:
        UnknownReject: it is not open.
    """
    _open(session, number)
    _change(session, number, "closed", reason)
    return show(session, number)


def _decoded(text: str) -> object:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise PostError("(payload)", f"is not JSON ({error})", "close it with a reason") from None
    # Where the whole body was kept, the post is its only argument.
    match value:
        case [[post], {}, None | {}]:
            return post
    return value


def _refuse_overtaken(session: Session, reject: Reject, post_id: str) -> None:
    later = (
        select(stored.c.id)
        .where(stored.c.id == post_id, stored.c.counted, stored.c.written_at >= reject.received_at)
        .with_for_update()
    )
    if session.scalar(later) is not None:
        raise OvertakenReject(reject.id, post_id)


def _is_kept(session: Session, task_id: str, payload: str) -> bool:
    # One that a person has closed or replayed says nothing of the message that comes now.
    same = (table.c.task_id == task_id) & (table.c.state == "open")
    kept = session.scalars(select(table.c.payload).where(same))
    return any(found == payload for found in kept)


def _open(session: Session, number: int) -> Reject:
    reject = show(session, number)
    if reject.state != "open":
        raise UnknownReject(number)
    return reject


def _change(session: Session, number: int, state: str, reason: str | None) -> None:
    changed: Any = session.execute(
        update(table)
        .where(table.c.id == number, table.c.state == "open")
        .values(state=state, changed_at=now_ms(), reason=reason)
    )
    if isinstance(changed, CursorResult) and changed.rowcount != 1:
        raise UnknownReject(number)  # another process was faster


def _all() -> Select[Any]:
    return select(*(table.c[field.name] for field in fields(Reject)))
