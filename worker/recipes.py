"""The active recipe and its activation, a number that only grows."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from search.index import ACTIVATIONS
from worker import outbox, upsert
from worker.clock import now_ms
from worker.tables import activations, posts
from worker.tables import outbox as rows

_RECIPE = "recipe"
_COMMAND = "command"
_REPAIR = "repair"


class RecipeMismatch(RuntimeError):  # noqa: N818
    """This process holds another recipe than the active one."""


class ActivationsExhausted(RuntimeError):  # noqa: N818
    """The activation number has reached its end."""


@dataclass(frozen=True, slots=True)
class Activation:
    """A recipe made active; documents carry the number in the low bits of their version.

    ``since``: the number from which on there was no other recipe.
    ``pinned``: a command made it active, so that no process replaces it by its own.
    """

    number: int
    recipe: str
    since: int
    pinned: bool = False


def active(session: Session) -> Activation | None:
    """Return the active recipe, None before the first."""
    columns, other, came = activations.c, activations.alias(), activations.alias()
    before = select(func.max(other.c.number)).where(other.c.recipe != columns.recipe)
    reason = (
        select(came.c.reason)
        .where(came.c.reason != _REPAIR)
        .order_by(came.c.number.desc())
        .limit(1)
    )
    row = session.execute(
        select(
            columns.number,
            columns.recipe,
            before.correlate(activations).scalar_subquery().label("before"),
            reason.scalar_subquery().label("reason"),
        )
        .order_by(columns.number.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    return Activation(row.number, row.recipe, (row.before or 0) + 1, row.reason == _COMMAND)


def activate(session: Session, recipe: str, *, ask: bool = True) -> Activation:
    """Make a recipe the active one, under the next number.

    Activating the active recipe changes nothing; going back to an old one takes a new number too.

    Args:
        session: the transaction.
        recipe: the recipe's digest.
        ask: ask for every post again, at once; without it this is a command's activation, and
            ``reenrich`` and reconcile bring the posts.
    """
    _lock(session, shared=False)
    now = active(session)
    if now is not None and now.recipe == recipe and (ask or now.pinned):
        return now
    new = _next(session, now, recipe, _RECIPE if ask else _COMMAND)
    if now is not None and now.recipe == recipe:
        return new  # pinned only: its documents stay right
    # Work in progress under the old recipe must not settle its rows: its leases end here.
    held = rows.c.lease_owner.is_not(None)
    session.execute(update(rows).where(held).values(due_at=now_ms(), **outbox.FREE))
    if ask:
        outbox.ask_missing(session, select(posts.c.id, posts.c.revision), "backfill")
    return new


def ensure(session: Session, recipe: str) -> Activation:
    """Return the active recipe, which must be ``recipe``; the very first one is activated.

    Raises:
        RecipeMismatch: another recipe is active. Two processes of different versions would
            otherwise take turns for ever.
    """
    # Until this transaction ends no other recipe becomes active: one that does then finds the
    # rows that are claimed here, and ends their leases.
    _lock(session, shared=True)
    now = active(session)
    if now is not None and now.recipe != recipe:
        raise RecipeMismatch(
            f"this process has recipe {recipe}, and {now.recipe} is active; start it with the "
            "active recipe's model, taxonomy and version, or activate its own: "
            "hirelens recipe activate"
        )
    return now or activate(session, recipe)


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


def _lock(session: Session, *, shared: bool) -> None:
    newest = select(activations.c.number).order_by(activations.c.number.desc()).limit(1)
    session.execute(newest.with_for_update(read=shared))


def _next(session: Session, now: Activation | None, recipe: str, reason: str) -> Activation:
    number = 1 if now is None else now.number + 1
    if number >= ACTIVATIONS:
        raise ActivationsExhausted(
            f"{ACTIVATIONS - 1} activations are used up; build a new index with a new database"
        )
    row = {"number": number, "recipe": recipe, "reason": reason, "activated_at": now_ms()}
    if not upsert.insert_missing(session, activations, row):
        # Another process took this number a moment ago: what it activated decides.
        newer = active(session)
        if newer is not None and newer.recipe == recipe:
            return newer
        return _next(session, newer, recipe, reason)
    if now is None or now.recipe != recipe:
        return Activation(number, recipe, number, reason == _COMMAND)
    return Activation(number, recipe, now.since, now.pinned or reason == _COMMAND)
