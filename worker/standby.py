"""A generation beside the database: what it lacks, and how its recipe becomes the active one."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from search.compare import LOOKS, Patience
from search.index import Index
from search.parts import parts_of
from worker import recipes, reconcile, retry
from worker.drift import ALARMS, Finding, Kind, findings, judge
from worker.engine import reading
from worker.pages import Page, Pair, Row, read_ids, read_page
from worker.recipes import Activation
from worker.tables import dead_letters, outbox, posts

LIMIT = 500


@dataclass(frozen=True, slots=True)
class Figures:
    """Posts in the database by state, those that wait, and those with an open dead letter."""

    open: int
    closed: int
    waiting: int
    dead: int


def target(active: Activation | None, recipe: str) -> Activation:
    """Return the activation that a recipe gets when it becomes the next active one."""
    if active is not None and active.recipe == recipe:
        return active
    number = 1 if active is None else active.number + 1
    return Activation(number, recipe, number)


def drift(
    engine: sa.Engine,
    standby: Index,
    recipe: str | None,
    *,
    limit: int = 5_000,
    sleep: Callable[[float], object] = time.sleep,
) -> list[Finding]:
    """Compare a generation with the database, as reconcile does; posts of another recipe are fine.

    Args:
        engine: the database.
        standby: the index of one generation.
        recipe: the one that its documents are of; None: the active one.
        limit: ids of one page.
        sleep: pauses before what seems wrong is looked at again.
    """
    found: list[Finding] = []
    pause = Patience(sleep)
    after: str | None = ""
    while after is not None:
        page = read_page(engine, standby, after, limit)
        doubted = _drifted(page, recipe)
        for _ in range(LOOKS - 1):
            if not doubted or not pause():
                break
            ids = [finding.id for finding in doubted]
            doubted = [
                finding
                for part in parts_of(ids, LIMIT)
                for finding in _drifted(read_ids(engine, standby, part), recipe)
            ]
        found += doubted
        after = page.end
    return found


def rows_of(engine: sa.Engine, standby: Index, ids: Sequence[str]) -> dict[str, Row]:
    """Return what the database says of those ids that it knows."""
    return {
        pair.id: pair.row
        for part in parts_of(ids, LIMIT)
        for pair in read_ids(engine, standby, part).pairs
        if pair.row is not None
    }


def figures(engine: sa.Engine) -> Figures:
    """Count posts, waiting rows and open dead letters."""
    letters = select(func.count(dead_letters.c.post_id.distinct()))
    with reading(engine) as session:
        by_state = select(posts.c.deleted, func.count()).group_by(posts.c.deleted)
        deleted = {bool(row[0]): int(row[1]) for row in session.execute(by_state)}
        waiting = session.scalar(select(func.count()).select_from(outbox)) or 0
        dead = session.scalar(letters.where(dead_letters.c.state.in_(("open", "closed")))) or 0
    return Figures(deleted.get(False, 0), deleted.get(True, 0), waiting, dead)


def activate_with(engine: sa.Engine, recipe: str, swap: Callable[[], None]) -> Activation:
    """Make a recipe the active one around a swap of generations: both happen, or neither.

    Where the process dies between swap and commit, the same call finishes it.

    Args:
        engine: the database.
        recipe: the recipe's digest.
        swap: changes the roles; repeating it changes nothing. What it raises undoes the activation.
    """

    def action(session: Session) -> Activation:
        # Work under the old recipe is cut off first, and nobody claims until this commits: no
        # document of the old vector space is on its way when the roles change.
        activation = recipes.activate(session, recipe, ask=False)
        swap()
        return activation

    return retry.run(engine, action)


def ask_behind(engine: sa.Engine, index: Index, *, limit: int = 5_000) -> tuple[int, int]:
    """Ask, in the backfill, for the posts that are not under the active recipe.

    Returns:
        for how many, and how many are right under an older activation: reconcile asks for these
        by and by.
    """
    asked = renumbered = 0
    after: str | None = ""
    while after is not None:
        page = read_page(engine, index, after, limit)
        wanted = []
        for pair in page.pairs:
            kind = judge(pair.stamp, pair.row, page.activation)
            if kind is None or kind in ALARMS:
                continue
            if kind is Kind.STALE_RECIPE and _is_of(pair, page.activation):
                renumbered += 1
            else:
                wanted.append(pair.id)
        for part in parts_of(wanted, LIMIT):
            asked += _ask(engine, part)
        after = page.end
    return asked, renumbered


def _ask(engine: sa.Engine, ids: Sequence[str]) -> int:
    return retry.run(engine, lambda session: reconcile.ask(session, ids))


def _drifted(page: Page, recipe: str | None) -> list[Finding]:
    active = page.activation
    aim = active if recipe is None else target(active, recipe)
    found = findings(page.pairs, aim)
    return [finding for finding in found if finding.kind is not Kind.STALE_RECIPE]


def _is_of(pair: Pair, activation: Activation | None) -> bool:
    return (
        pair.stamp is not None
        and activation is not None
        and (pair.stamp.recipe == activation.recipe or pair.stamp.state == "closed")
    )
