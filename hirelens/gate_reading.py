"""What the gate judges, read from both generations and the database."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from hirelens.gate import Evidence, agree
from search.compare import compare
from search.elastic.described import mapping_problems
from worker import standby as standby_side

if TYPE_CHECKING:
    from hirelens.generations import Stage
    from search.elastic.described import Described


def read(
    stage: Stage,
    current: Described,
    standby: Described,
    sample: int,
    seed: int,
    on_progress: Callable[[int], None],
) -> Evidence:
    """Read what tells two generations apart; takes as long as reading every version twice."""
    here, there = stage.index(current), stage.index(standby)
    engine = stage.place.engine
    target = stage.target(current, standby)
    comparison = compare(
        here, there, target, sample=sample, seed=seed, on_progress=on_progress,
        sleep=stage.sleep,
    )  # fmt: skip
    recipe = None if target is None else target.recipe
    differing = {one.id: None for one in comparison.differences}
    drift: dict[str, list[str]] = {}
    for finding in standby_side.drift(engine, there, recipe, sleep=stage.sleep):
        if finding.id not in differing:  # else it is told already
            drift.setdefault(finding.kind.value, []).append(finding.id)
    figures, here_counted, there_counted = agree(
        lambda: (
            standby_side.figures(engine),
            stage.generations.counts(current),
            stage.generations.counts(standby),
        ),
        len(differing),
    )
    lacking = there_counted.lacking
    if target is not None:
        lacking = stage.generations.lacking(standby, target.recipe)
    row = None if recipe is None else stage.registered(recipe)
    return Evidence(
        current,
        standby,
        target,
        (here_counted, there_counted),
        figures,
        comparison,
        standby_side.rows_of(engine, there, list(differing)),
        drift,
        lacking,
        mapping_problems(standby, standby.generation.length),
        None if row is None else row.vector_space,
    )
