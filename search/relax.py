"""Never an empty page: giving up what a query asks, in the order of ``rule.RELAX_ORDER``."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from search.understanding import Step, Understanding

Answers = Callable[[Understanding], bool]
"""Tells whether any post answers; one cheap question to the index."""


def relaxed(understanding: Understanding, answers: Answers) -> Understanding | None:
    """Return what is answered when as little as possible is given up; None where nothing helps.

    Called only where nothing answers the whole. First one condition after the other is given up, in
    the order, until something answers. Where nothing but conditions is asked, not all of them can
    be: then each is asked alone, the most important first. In the end each that need not have been
    given up is taken back. That costs at most three questions for each condition of the query.
    """
    steps = understanding.steps()
    away = _first(understanding, steps, answers) or _one(understanding, steps, answers)
    if away is None:
        return None
    for step in reversed(away[:-1]):
        fewer = [one for one in away if one is not step]
        if answers(understanding.without(fewer)):
            away = fewer
    return understanding.without(away)


def _first(
    understanding: Understanding, steps: Sequence[Step], answers: Answers
) -> list[Step] | None:
    """Return the fewest of the first steps behind which something answers."""
    for count in range(1, len(steps) + 1):
        less = understanding.without(steps[:count])
        if not less.is_empty and answers(less):
            return list(steps[:count])
    return None


def _one(
    understanding: Understanding, steps: Sequence[Step], answers: Answers
) -> list[Step] | None:
    """Return all steps but one, where that one alone is answered."""
    if not understanding.without(steps).is_empty:
        return None
    for kept in reversed(steps):
        away = [step for step in steps if step is not kept]
        less = understanding.without(away)
        if not less.is_empty and answers(less):
            return away
    return None
