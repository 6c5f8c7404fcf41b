"""Removing what has ended long ago, a bounded step a transaction; nothing that is still needed.

Posts, tombstones and the bounded history of each post stay.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from worker import outputs, registry, retry
from worker.clock import now_ms
from worker.engine import reading
from worker.reenrich import CURSOR
from worker.tables import activations, cursors, dead_letters, ingest_rejects, model_cache, posts

CHUNK = 1_000
"""Rows that one transaction removes."""
DAYS = 30
_DAY_MS = 24 * 3600 * 1000


@dataclass(frozen=True, slots=True)
class Tidied:
    """How many rows were removed, or would be.

    ``outputs``: of models that no recipe in use has; ``cursors``: of abandoned runs of reenrich.
    """

    dead_letters: int = 0
    rejects: int = 0
    cursors: int = 0
    outputs: int = 0

    def to_mapping(self) -> dict[str, int]:
        """Return the JSON form."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class _Old:
    """Rows of one table that have ended, by their key."""

    key: sa.Column[Any]
    first: Any
    ended: ColumnElement[bool]


def tidy(
    engine: sa.Engine,
    *,
    days: float = DAYS,
    dry_run: bool = False,
    chunk: int = CHUNK,
    on_progress: Callable[[int], None] = lambda _removed: None,
) -> Tidied:
    """Remove what ended more than ``days`` ago; may be killed and repeated at any time.

    Args:
        engine: the database.
        days: what is younger stays.
        dry_run: only count.
        chunk: rows of one transaction.
        on_progress: called with the number of rows after each step.
    """
    with reading(engine) as session:
        before = (session.scalar(select(now_ms())) or 0) - int(days * _DAY_MS)
    counts = {}
    for name, old in _kinds(before).items():
        if dry_run:
            counts[name] = _count(engine, old.key, old.ended)
        else:
            counts[name] = _remove(engine, old, chunk, on_progress)
    for model in unused_models(engine, before):
        mine = model_cache.c.model_digest == model
        if dry_run:
            found = _count(engine, model_cache.c.text_digest, mine)
        else:
            found = _remove_outputs(engine, model, before, chunk, on_progress)
        counts["outputs"] = counts.get("outputs", 0) + found
    return Tidied(**counts)


def unused_models(engine: sa.Engine, before: int) -> list[str]:
    """Return the model digests whose outputs nobody needs any more."""
    with reading(engine) as session:
        return _unused(session, before)


def _kinds(before: int) -> dict[str, _Old]:
    letters, rejects = dead_letters.c, ingest_rejects.c
    # A closed letter keeps its post from being asked for until the post is written anew.
    given_up = select(posts.c.id).where(
        posts.c.id == letters.post_id, posts.c.revision <= letters.revision
    )
    ended = letters.state.in_(("superseded", "replayed")) | (
        (letters.state == "closed") & ~given_up.exists()
    )
    return {
        "dead_letters": _Old(letters.id, 0, ended & (letters.changed_at < before)),
        "rejects": _Old(
            rejects.id, 0, rejects.state.in_(("replayed", "closed")) & (rejects.changed_at < before)
        ),
        "cursors": _Old(
            cursors.c.name, "", cursors.c.name.startswith(CURSOR) & (cursors.c.changed_at < before)
        ),
    }


def _unused(session: Session, before: int) -> list[str]:
    """Return the models of recipes that are registered and were not used since ``before``.

    Where the model of a recipe in use is not known, no other can be told to be unused.
    """
    known = {row.digest: row for row in registry.known(session)}
    used = _used_recipes(session, before)
    used |= {row.digest for row in known.values() if row.registered_at >= before}
    if not used <= known.keys():
        return []
    needed = {outputs.model_digest(known[digest]) for digest in used}
    return sorted({outputs.model_digest(row) for row in known.values()} - needed)


def _used_recipes(session: Session, before: int) -> set[str]:
    """Return the recipes that were active since, and the one that a roll-back would take."""
    columns = activations.c
    rows = session.execute(select(columns.recipe, columns.activated_at).order_by(columns.number))
    used: set[str] = set()
    last: str | None = None
    for recipe, activated_at in rows:
        if activated_at >= before and last is not None:
            used.add(last)
        last = recipe
    if last is not None:
        used.add(last)
    with suppress(registry.UnknownRecipe):  # there was no other
        used.add(registry.before(session))
    return used


def _count(engine: sa.Engine, key: sa.Column[Any], ended: ColumnElement[bool]) -> int:
    with reading(engine) as session:
        return session.scalar(select(func.count()).select_from(key.table).where(ended)) or 0


def _remove(engine: sa.Engine, old: _Old, chunk: int, on_progress: Callable[[int], None]) -> int:
    done = 0
    after = old.first

    def step(session: Session, after: object) -> list[Any]:
        query = select(old.key).where(old.key > after, old.ended).order_by(old.key).limit(chunk)
        keys = list(session.scalars(query))
        if keys:
            session.execute(delete(old.key.table).where(old.key.in_(keys)))
        return keys

    while keys := retry.run(engine, partial(step, after=after)):
        after = keys[-1]
        done += len(keys)
        on_progress(len(keys))
    return done


def _remove_outputs(
    engine: sa.Engine, model: str, before: int, chunk: int, on_progress: Callable[[int], None]
) -> int:
    columns = model_cache.c

    def step(session: Session) -> int:
        if model not in _unused(session, before):
            return 0  # a recipe that needs it has been activated meanwhile
        mine = columns.model_digest == model
        query = select(columns.text_digest).where(mine).order_by(columns.text_digest).limit(chunk)
        keys = list(session.scalars(query))
        if keys:
            session.execute(delete(model_cache).where(mine, columns.text_digest.in_(keys)))
        return len(keys)

    done = 0
    while removed := retry.run(engine, step):
        done += removed
        on_progress(removed)
    return done
