"""Letting another generation serve: aliases and active recipe change together, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from hirelens.gate import Gate
from hirelens.generations import Stage, StageError
from worker import log
from worker.standby import activate_with, ask_behind

if TYPE_CHECKING:
    from search.elastic.described import Described
    from worker.recipes import Activation


@dataclass(frozen=True, slots=True)
class Switched:
    """What a switch did; ``finished``: an earlier one that was killed halfway."""

    current: str
    standby: str | None
    recipe: str | None
    activation: int | None
    asked: int
    renumbered: int
    finished: bool = False


def switch(stage: Stage, gate: Gate, reason: str = "switch", *, ask: bool = False) -> Switched:
    """Let the standby serve, its recipe become the active one; asks for what is behind.

    Args:
        stage: the generations.
        gate: what was found of exactly these two.
        reason: why, for the log.
        ask: look for what is behind also where the recipe stays.

    Raises:
        StageError, GenerationError: the roles have changed meanwhile.
    """
    current, standby = stage.pair()
    if (current.generation.uuid, standby.generation.uuid) != gate.identities:
        raise StageError(
            f"{standby.name} beside {current.name} is not what was checked; the generations "
            "have changed meanwhile, look: hirelens index list"
        )
    active = stage.active()
    held = None if active is None else active.recipe
    stage.generations.remember(current, held)
    swap = partial(stage.generations.swap, current.name, standby.name)
    if current.space == standby.space:
        swap()
        asked = ask_behind(stage.place.engine, stage.index(standby)) if ask else (0, 0)
        return _told(standby, current, active, reason, asked)
    return _activate(stage, standby, current, swap, reason)


def finish(stage: Stage) -> Switched:
    """Activate the recipe of a generation that serves already: a switch was killed."""
    current, standby = stage.generations.roles()
    done = _activate(stage, current, standby, lambda: None, "finished")
    return replace(done, finished=True)


def promote(stage: Stage, standby: Described) -> Switched:
    """Let the standby serve where nothing else can; asks for whatever it lacks."""
    swap = partial(stage.generations.promote, standby.name)
    active = stage.active()
    row = None if active is None else stage.registered(active.recipe)
    if row is not None and row.vector_space != standby.space:
        return _activate(stage, standby, None, swap, "forced")
    swap()
    asked = ask_behind(stage.place.engine, stage.index(standby))
    return _told(standby, None, active, "forced", asked)


def _activate(
    stage: Stage, now: Described, before: Described | None, swap: Callable[[], None], reason: str
) -> Switched:
    recipe = stage.recipe_of(now)
    activation = activate_with(stage.place.engine, recipe, swap)
    asked = ask_behind(stage.place.engine, stage.index(now))
    log.emit(
        log.LogEvent.RECIPE_ACTIVATED,
        recipe=recipe,
        activation=activation.number,
        count=asked[0],
        reason=reason,
    )
    return _told(now, before, activation, reason, asked)


def _told(
    now: Described,
    before: Described | None,
    activation: Activation | None,
    reason: str,
    asked: tuple[int, int],
) -> Switched:
    recipe = None if activation is None else activation.recipe
    log.emit(
        log.LogEvent.INDEX_SWITCHED,
        active=now.name,
        recipe=recipe or "none",
        count=asked[0],
        reason=reason,
    )
    number = None if activation is None else activation.number
    return Switched(now.name, before.name if before else None, recipe, number, *asked)
