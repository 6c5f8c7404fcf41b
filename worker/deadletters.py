"""Posts that could not be indexed: rows that can be listed, shown, replayed and closed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import Select, func, insert, select, update
from sqlalchemy.orm import Session

from worker import outbox
from worker.clock import now_ms
from worker.events import Entry, Event, record, record_all
from worker.tables import dead_letters, posts


class UnknownDeadLetter(LookupError):  # noqa: N818
    """There is no open dead letter with this number."""

    def __init__(self, number: int) -> None:
        """Name the number."""
        super().__init__(f"dead letter {number} is not open or not known; list them first")


class LetterWithoutPost(LookupError):  # noqa: N818
    """A dead letter is of a post that the database does not have."""

    def __init__(self, number: int, post_id: str) -> None:
        """Name the letter, the post and the remedy."""
        super().__init__(
            f"dead letter {number} is of post {post_id!r}, which is in no row of posts: "
            "it stays open; write the post, or close the letter"
        )


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
    reason: str | None


@dataclass(frozen=True, slots=True)
class Chunk:
    """What became of the letters of one chunk; ``last``: the number of its last, None: no more.

    ``left``: those that stay open because the database does not have their posts.
    """

    last: int | None
    done: int
    left: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Filter:
    """Which dead letters: every condition that is given must hold.

    ``error``: a part of the error's text; ``before``: made before this time, in milliseconds.
    """

    post_id: str | None = None
    kind: str | None = None
    error: str | None = None
    before: int | None = None

    def applied(self, query: Select[Any]) -> Select[Any]:
        """Return a query narrowed down."""
        columns = dead_letters.c
        if self.post_id is not None:
            query = query.where(columns.post_id == self.post_id)
        if self.kind is not None:
            query = query.where(columns.kind == self.kind)
        if self.error is not None:
            query = query.where(columns.error.contains(self.error, autoescape=True))
        if self.before is not None:
            query = query.where(columns.created_at < self.before)
        return query


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
    session: Session,
    *,
    state: str | None = "open",
    post_id: str | None = None,
    limit: int = 1000,
    after: int = 0,
    where: Filter | None = None,
) -> list[DeadLetter]:
    """Return dead letters, the oldest first; ``after`` is the number of the last one seen."""
    query = _all().where(dead_letters.c.id > after).order_by(dead_letters.c.id).limit(limit)
    if state is not None:
        query = query.where(dead_letters.c.state == state)
    if post_id is not None:
        query = query.where(dead_letters.c.post_id == post_id)
    return [
        DeadLetter(**row) for row in session.execute((where or Filter()).applied(query)).mappings()
    ]


def count(session: Session, state: str = "open") -> int:
    """Count the dead letters in a state."""
    query = select(func.count()).select_from(dead_letters).where(dead_letters.c.state == state)
    return session.scalar(query) or 0


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
        LetterWithoutPost: there is no post to try; the letter stays open.
    """
    letter = _open(session, number)
    current = select(posts.c.revision).where(posts.c.id == letter.post_id).with_for_update()
    revision = session.scalar(current)
    if revision is None:
        raise LetterWithoutPost(number, letter.post_id)
    _close_all(session, [number], "replayed", None)
    outbox.put(session, letter.post_id, revision, "live")
    record(session, letter.post_id, Event.REPLAYED, revision, f"dead letter {number}")
    return show(session, number)


def replay_some(session: Session, where: Filter, after: int = 0, limit: int = 500) -> Chunk:
    """Try the open letters of one chunk again, the oldest first, in the backfill.

    Many posts that failed together must not delay those that are written now.
    """
    letters = find(session, where=where, after=after, limit=limit)
    wanted = [letter.post_id for letter in letters]
    current = select(posts.c.id, posts.c.revision).where(posts.c.id.in_(wanted))
    found = session.execute(current.order_by(posts.c.id).with_for_update()).all()
    known = {row.id for row in found}
    numbers = [letter.id for letter in letters if letter.post_id in known]
    left = tuple(letter.id for letter in letters if letter.post_id not in known)
    _close_all(session, numbers, "replayed", None)
    outbox.put_all(session, [outbox.Ask(row.id, row.revision) for row in found], "backfill")
    record_all(session, [Entry(row.id, Event.REPLAYED, row.revision) for row in found])
    return Chunk(letters[-1].id if letters else None, len(numbers), left)


def close(session: Session, number: int, reason: str | None = None) -> DeadLetter:
    """Give a post up for good, and say why; the letter stays readable.

    Raises:
        UnknownDeadLetter: the letter is not open.
    """
    _open(session, number)
    _close_all(session, [number], "closed", reason)
    return show(session, number)


def close_some(
    session: Session, where: Filter, reason: str | None, after: int = 0, limit: int = 500
) -> Chunk:
    """Give the posts of one chunk up for good, the oldest first."""
    numbers = [letter.id for letter in find(session, where=where, after=after, limit=limit)]
    _close_all(session, numbers, "closed", reason)
    return Chunk(numbers[-1] if numbers else None, len(numbers))


def supersede(session: Session, *post_ids: str) -> None:
    """Mark the open letters of posts that have been written anew."""
    session.execute(
        update(dead_letters)
        .where(dead_letters.c.post_id.in_(post_ids), dead_letters.c.state == "open")
        .values(state="superseded", changed_at=now_ms())
    )


def _open(session: Session, number: int) -> DeadLetter:
    letter = show(session, number)
    if letter.state != "open":
        raise UnknownDeadLetter(number)
    return letter


def _close_all(session: Session, numbers: Sequence[int], state: str, reason: str | None) -> None:
    session.execute(
        update(dead_letters)
        .where(dead_letters.c.id.in_(numbers), dead_letters.c.state == "open")
        .values(state=state, changed_at=now_ms(), reason=reason)
    )


def _all() -> Select[Any]:
    return select(*(dead_letters.c[field.name] for field in fields(DeadLetter)))
