"""Never an empty page: giving up what a query asks, in the order of ``rule.RELAX_ORDER``."""

from __future__ import annotations

from collections.abc import Callable

from search.understanding import Understanding

Answers = Callable[[Understanding], bool]
"""Tells whether any post answers; one cheap question to the index."""


def relaxed(understanding: Understanding, answers: Answers) -> Understanding | None:
    """Return what is answered when as little as possible is given up; None where nothing helps.

    Called only where nothing answers the whole. First one condition after the other is given up, in
    the order, until something answers; then each that need not have been is taken back, the most
    important first. That costs at most two questions for each condition of the query.
    """
    steps = understanding.steps()
    for count in range(1, len(steps) + 1):
        if answers(understanding.without(steps[:count])):
            break
    else:
        return None
    away = list(steps[:count])
    for step in reversed(steps[: count - 1]):
        fewer = [one for one in away if one is not step]
        if answers(understanding.without(fewer)):
            away = fewer
    return understanding.without(away)
