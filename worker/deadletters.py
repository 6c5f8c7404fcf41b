"""Posts that could not be indexed: rows that can be listed, shown, replayed and closed."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import Select, insert, select, update
from sqlalchemy.orm import Session

from worker import outbox
from worker.clock import now_ms
from worker.events import Event, record
from worker.tables import dead_letters, posts


class UnknownDeadLetter(LookupError):  # noqa: N818
    """There is no open dead letter with this number."""

    def __init__(self, number: int) -> None:
        """Name the number."""
        super().__init__(f"dead letter {number} is not open or not known; list them first")


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One post that was given up, and why."""

    id: int
    post_id: str
    revision: int
    kind: str
    error: str
    attempts: int
    created_at: int
    state: str
    changed_at: int


def bury(
    session: Session,
    post_id: str,
    revision: int,
    *,
    kind: str,
    error: str,
    attempts: int,
    trace: str | None = None,
) -> None:
    """Store a dead letter; the caller removes the outbox row in the same transaction."""
    supersede(session, post_id)
    session.execute(
        insert(dead_letters).values(
            post_id=post_id,
            revision=revision,
            kind=kind,
            error=error,
            attempts=attempts,
            created_at=now_ms(),
            changed_at=now_ms(),
            state="open",
        )
    )
    record(session, post_id, Event.DEAD, revision, f"{kind}: {error}", trace)


def find(
    session: Session, *, state: str | None = "open", post_id: str | None = None, limit: int = 1000
) -> list[DeadLetter]:
    """Return dead letters, the oldest first."""
    query = _all().order_by(dead_letters.c.id).limit(limit)
    if state is not None:
        query = query.where(dead_letters.c.state == state)
    if post_id is not None:
        query = query.where(dead_letters.c.post_id == post_id)
    return [DeadLetter(**row) for row in session.execute(query).mappings()]


def show(session: Session, number: int) -> DeadLetter:
    """Return one dead letter in whatever state.

    Raises:
        UnknownDeadLetter: none has this number.
    """
    row = session.execute(_all().where(dead_letters.c.id == number)).mappings().one_or_none()
    if row is None:
        raise UnknownDeadLetter(number)
    return DeadLetter(**row)


def replay(session: Session, number: int) -> DeadLetter:
    """Try a post again from the start, at its newest revision.

    Raises:
        UnknownDeadLetter: the letter is not open.
    """
    letter = _change(session, number, "replayed")
    revision = session.scalar(select(posts.c.revision).where(posts.c.id == letter.post_id))
    if revision is not None:
        outbox.put(session, letter.post_id, revision, "live")
        record(session, letter.post_id, Event.REPLAYED, revision, f"dead letter {number}")
    return letter


def close(session: Session, number: int) -> DeadLetter:
    """Give a post up for good; the letter stays readable.

    Raises:
        UnknownDeadLetter: the letter is not open.
    """
    return _change(session, number, "closed")


def supersede(session: Session, *post_ids: str) -> None:
    """Mark the open letters of posts that have been written anew."""
    session.execute(
        update(dead_letters)
        .where(dead_letters.c.post_id.in_(post_ids), dead_letters.c.state == "open")
        .values(state="superseded", changed_at=now_ms())
    )


def _change(session: Session, number: int, state: str) -> DeadLetter:
    letter = show(session, number)
    if letter.state != "open":
        raise UnknownDeadLetter(number)
    session.execute(
        update(dead_letters)
        .where(dead_letters.c.id == number, dead_letters.c.state == "open")
        .values(state=state, changed_at=now_ms())
    )
    return show(session, number)


def _all() -> Select[Any]:
    return select(*(dead_letters.c[field.name] for field in fields(DeadLetter)))
