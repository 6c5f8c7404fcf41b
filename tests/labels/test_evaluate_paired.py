"""Paired differences: their interval, and how often chance does as much."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from relevance_support import generated, ranked

from labels.evaluate.channels import graded_report, report
from labels.evaluate.paired import paired, randomisation
from labels.evaluate.ranx_opinion import has_ranx, opinion
from labels.evaluate.relevance import figures, score


def _ones(values: list[float]) -> np.ndarray:
    return np.array([(value, 1.0) for value in values])


def test_the_p_value_is_that_of_all_exchanges() -> None:
    more = np.array([0.3, 0.1, 0.2, -0.05, 0.4, 0.15, -0.1, 0.25])
    sums = [abs(float(np.dot(signs, more))) for signs in product((-1, 1), repeat=len(more))]
    exact = np.mean([value >= more.sum() - 1e-12 for value in sums])
    first, second = _ones(list(more)), _ones([0.0] * len(more))
    assert randomisation(first, second) == pytest.approx(exact, abs=0.01)


def test_equal_systems_differ_by_chance() -> None:
    found = paired(_ones([0.2, 0.4, 1.0]), _ones([0.2, 0.4, 1.0]))
    assert found is not None
    assert (found.difference.value, found.p, found.equal) == (0.0, 1.0, 3)


def test_a_difference_everywhere_is_none_of_chance() -> None:
    low = [n / 40 for n in range(20)]
    found = paired(_ones([value + 0.1 for value in low]), _ones(low))
    assert found is not None
    assert found.difference.value == pytest.approx(0.1)
    assert found.difference.low == pytest.approx(0.1)
    assert 0 < found.p < 0.001
    assert (found.better, found.worse) == (20, 0)


def test_shares_are_weighed_by_their_wholes() -> None:
    first, second = np.array([(9.0, 10.0), (0.0, 1.0)]), np.array([(4.0, 10.0), (1.0, 1.0)])
    found = paired(first, second)
    assert found is not None
    assert found.difference.value == pytest.approx(4 / 11)


def test_wholes_may_differ() -> None:
    # What was returned is another whole for each system.
    first, second = np.array([(1.0, 2.0), (0.0, 2.0)]), np.array([(1.0, 10.0), (3.0, 10.0)])
    found = paired(first, second)
    assert found is not None
    assert found.difference.value == pytest.approx(1 / 4 - 4 / 20)
    assert (found.better, found.worse) == (1, 1)
    assert found.p > 0.5


def test_other_items_cannot_be_compared() -> None:
    with pytest.raises(ValueError, match="same items"):
        paired(_ones([0.1]), _ones([0.1, 0.2]))
    assert paired(np.zeros((2, 2)), np.zeros((2, 2))) is None


def test_a_report_compares_what_it_is_told_to() -> None:
    systems = {"a": {"x": _ones([1, 0, 1])}, "b": {"x": _ones([0, 0, 1])}}
    found = report(3, systems, [("a", "b")])
    assert found.figures["a"]["x"] is not None
    (one,) = found.comparisons
    assert one.to_mapping()["figures"]["x"]["better"] == 1
    assert (one.first, one.second, dict(one.student)) == ("a", "b", {})


@pytest.mark.slow
def test_ranx_gets_the_same_figures_and_the_same_winner() -> None:
    if not has_ranx():
        pytest.skip("ranx is not installed: pip install 'hirelens[evaluate]'")
    queries = generated(5, queries=30)
    systems = {name: ranked(queries, 5, noise) for name, noise in (("a", 0.4), ("b", 3.0))}
    systems["c"] = systems["a"]
    found = opinion(queries, systems, "b")
    for name, rankings in systems.items():
        ours = figures(score(queries, rankings))
        for figure, value in found.figures[name].items():
            mine = ours[figure]
            assert mine is not None
            assert mine.value == pytest.approx(value, abs=1e-9)
    told = graded_report(queries, systems, [("a", "b"), ("c", "a")])
    first, same = told.comparisons
    assert first.student == found.p["a"]
    assert first.student["ndcg@10"] < 0.01
    difference = first.figures["ndcg@10"]
    assert difference is not None
    assert difference.p < 0.01
    assert same.student["ndcg@10"] == 1.0
