"""Raising the activation counter of a restored database above the numbers in the index."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from search.index import ACTIVATIONS, Stamp
from worker import retry, upsert
from worker.clock import now_ms
from worker.engine import reading
from worker.recipes import Activation, ActivationsExhausted, active
from worker.tables import activations


def note(seen: dict[str, int], stamps: Iterable[Stamp | None]) -> None:
    """Remember the highest activation number of the documents of each recipe."""
    for stamp in stamps:
        if stamp is not None:
            highest = seen.get(stamp.recipe, 0)
            seen[stamp.recipe] = max(highest, stamp.version % ACTIVATIONS)


def above(engine: sa.Engine, seen: Mapping[str, int], *, dry_run: bool) -> int | None:
    """Raise the counter where that is needed; returns the new number, None where it is not.

    Raises:
        ActivationsExhausted: there is no higher number.
    """
    with reading(engine) as session:
        rows = raised_activations(seen, active(session))
    if rows and not dry_run:
        retry.run(engine, partial(_raise, seen=seen))
    return max((row["number"] for row in rows), default=None)


def raised_activations(seen: Mapping[str, int], now: Activation | None) -> list[dict[str, Any]]:
    """Return the activations that must be added so that none in the index is above them.

    The recipe with the highest number was the active one. Its documents stay current from the
    first number on that no other recipe has.

    Args:
        seen: the highest activation number of the documents of each recipe.
        now: the active recipe of the database.

    Raises:
        ActivationsExhausted: there is no higher number.
    """
    number, recipe = (0, None) if now is None else (now.number, now.recipe)
    top = max(seen, key=lambda name: (seen[name], name == recipe), default=None)
    if top is None or seen[top] < number or (top == recipe and seen[top] == number):
        return []
    rows: list[tuple[int, str]] = []
    if top != recipe:
        others = [highest for name, highest in seen.items() if name != top]
        pinned = now is not None and now.pinned
        rows.append((max([number, *others]) + 1, "command" if pinned else "recipe"))
    rows.append((max(seen[top], number, *(first for first, _ in rows)) + 1, "repair"))
    if rows[-1][0] >= ACTIVATIONS:
        raise ActivationsExhausted(
            f"the index holds activation {seen[top]}, and {ACTIVATIONS - 1} is the last one; "
            "rebuild the index into a new home"
        )
    return [{"number": one, "recipe": top, "reason": reason} for one, reason in rows]


def _raise(session: Session, *, seen: Mapping[str, int]) -> None:
    for row in raised_activations(seen, active(session)):
        upsert.insert_missing(session, activations, {**row, "activated_at": now_ms()})
