"""Choosing settings by cross-validation: nothing is judged under what it chose."""

from __future__ import annotations

import numpy as np
import pytest

from labels.evaluate.fusion import cross_validated

GROUPS = ["a", "a", "b", "b"]


def test_a_group_never_chooses_for_itself() -> None:
    # Setting 0 is best in group a alone, setting 1 in group b alone.
    values = np.array([[1.0, 1.0, 0.0, 0.0], [0.0, 0.0, 0.9, 0.9]])
    found = cross_validated(values, GROUPS, [0, 1])
    assert found.by_query == (1, 1, 0, 0)
    assert found.held_out == 0.0
    assert (found.best, found.seen) == (0, 0.5)


def test_what_is_best_everywhere_is_chosen_everywhere() -> None:
    values = np.array([[0.2, 0.3, 0.1, 0.2], [0.8, 0.7, 0.9, 0.6], [0.1, 0.9, 0.1, 0.1]])
    found = cross_validated(values, GROUPS, [0, 1, 2])
    assert found.by_query == (1, 1, 1, 1)
    assert found.held_out == found.seen == pytest.approx(0.75)


def test_only_candidates_are_chosen_and_of_equals_the_first() -> None:
    values = np.array([[1.0] * 4, [0.5] * 4, [0.5] * 4])
    found = cross_validated(values, GROUPS, [2, 1])
    assert found.best == 2
    assert set(found.by_query) == {2}


def test_one_group_or_no_candidate_is_refused() -> None:
    values = np.zeros((2, 2))
    with pytest.raises(ValueError, match="two groups"):
        cross_validated(values, ["a", "a"], [0, 1])
    with pytest.raises(ValueError, match="two groups"):
        cross_validated(values, ["a", "b"], [])
