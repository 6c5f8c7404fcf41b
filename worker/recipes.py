"""The active recipe and its activation, a number that only grows."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import false, func, insert, literal, null, select, update
from sqlalchemy.orm import Session

from search.index import ACTIVATIONS
from worker import outbox
from worker.clock import now_ms
from worker.tables import activations, posts
from worker.tables import outbox as rows

_RECIPE = "recipe"
_REPAIR = "repair"


class RecipeMismatch(RuntimeError):  # noqa: N818
    """This process holds a recipe that another one has replaced."""


class ActivationsExhausted(RuntimeError):  # noqa: N818
    """The activation number has reached its end."""


@dataclass(frozen=True, slots=True)
class Activation:
    """A recipe made active; documents carry the number in the low bits of their version.

    ``since``: the number under which the recipe came; those after it only repaired documents.
    """

    number: int
    recipe: str
    since: int


def active(session: Session) -> Activation | None:
    """Return the active recipe, None before the first."""
    row = session.execute(
        select(activations.c.number, activations.c.recipe)
        .order_by(activations.c.number.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    since = session.scalar(
        select(func.max(activations.c.number)).where(activations.c.reason == _RECIPE)
    )
    return Activation(row.number, row.recipe, since or row.number)


def activate(session: Session, recipe: str) -> Activation:
    """Make a recipe the active one, under the next number, and ask for every post again.

    Activating the active recipe changes nothing; going back to an old one takes a new number too.
    """
    now = active(session)
    if now is not None and now.recipe == recipe:
        return now
    new = _next(session, now, recipe, _RECIPE)
    _ask_for_all(session)
    return new


def ensure(session: Session, recipe: str) -> Activation:
    """Return the active recipe, which must be ``recipe``; one never seen before is activated.

    Raises:
        RecipeMismatch: ``recipe`` was active once and has been replaced. Two processes of
            different versions would otherwise take turns for ever.
    """
    now = active(session)
    if now is not None and now.recipe != recipe:
        seen = session.execute(
            select(activations.c.number).where(activations.c.recipe == recipe).limit(1)
        ).one_or_none()
        if seen is not None:
            raise RecipeMismatch(
                f"this process has recipe {recipe}, which {now.recipe} has replaced; "
                "restart it with the new version, or activate the old recipe again on purpose"
            )
    return activate(session, recipe)


def repair(session: Session, seen: Activation) -> Activation:
    """Take the next number for the same recipe, to overwrite a document of equal version.

    Nothing else is written again: documents of the same recipe stay right under their number.
    """
    now = active(session)
    if now is not None and now.recipe != seen.recipe:
        return seen  # a new recipe asks for every post anyway
    if now is not None and now.number > seen.number:
        return now
    return _next(session, now, seen.recipe, _REPAIR)


def _next(session: Session, now: Activation | None, recipe: str, reason: str) -> Activation:
    number = 1 if now is None else now.number + 1
    if number >= ACTIVATIONS:
        raise ActivationsExhausted(
            f"{ACTIVATIONS - 1} activations are used up; rebuild the index into a new home"
        )
    session.execute(
        insert(activations).values(
            number=number, recipe=recipe, reason=reason, activated_at=now_ms()
        )
    )
    since = number if now is None or reason == _RECIPE else now.since
    return Activation(number, recipe, since)


def _ask_for_all(session: Session) -> None:
    # Work in progress under the old recipe must not settle these rows: its leases end here.
    session.execute(update(rows).values(due_at=now_ms(), **outbox.FREE))
    fresh = outbox.fresh_values(0, outbox.LANES["backfill"])
    del fresh["revision"]
    constants = {
        name: (null() if value is None else false() if value is False else value)
        for name, value in fresh.items()
    }
    columns = [value if hasattr(value, "label") else literal(value) for value in constants.values()]
    missing = ~select(rows.c.post_id).where(rows.c.post_id == posts.c.id).exists()
    session.execute(
        insert(rows).from_select(
            ["post_id", "revision", *constants],
            select(posts.c.id, posts.c.revision, *columns).where(missing),
        )
    )
