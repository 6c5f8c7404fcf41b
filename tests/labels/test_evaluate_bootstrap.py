import numpy as np
import pytest

from labels.evaluate.bootstrap import Bootstrap, around


def test_an_interval_holds_the_figure_and_shrinks_with_more_posts() -> None:
    widths = []
    for posts in (60, 6000):
        part = np.arange(posts) % 4 != 0
        found = Bootstrap(posts).ratio(part.astype(float), np.ones(posts))
        assert found is not None
        assert found.value == pytest.approx(0.75, abs=0.01)
        assert found.low < found.value < found.high
        widths.append(found.high - found.low)
    # The textbook's interval: 2 x 1.96 standard errors.
    assert widths[1] == pytest.approx(2 * 1.96 * np.sqrt(0.75 * 0.25 / 6000), rel=0.15)
    assert widths[0] > 5 * widths[1]


def test_mentions_of_a_post_go_together() -> None:
    whole = np.full(20, 10.0)
    part = np.where(np.arange(20) < 10, 10.0, 0.0)  # all right or all wrong: 20 facts, not 200
    found = Bootstrap(20).ratio(part, whole)
    assert found is not None
    assert found.high - found.low > 0.35
    assert found.count == 200


def test_the_same_draws_give_the_same_interval() -> None:
    part, whole = np.array([1.0, 0.0, 2.0]), np.array([1.0, 1.0, 3.0])
    assert Bootstrap(3).ratio(part, whole) == Bootstrap(3).ratio(part, whole)
    other = Bootstrap(3, seed=9, draws=7).ratio(part, whole)
    assert other != Bootstrap(3).ratio(part, whole)


def test_what_is_not_defined_is_none() -> None:
    assert Bootstrap(3).ratio(np.zeros(3), np.zeros(3)) is None
    assert Bootstrap(0).ratio(np.zeros(0), np.zeros(0)) is None
    # Draws that leave out the only post with a value have none.
    rare = Bootstrap(3).ratio(np.array([1.0, 0, 0]), np.array([1.0, 0, 0]))
    assert rare is not None
    assert (rare.low, rare.high) == (1.0, 1.0)
    assert around(float("nan"), np.zeros(2), 0) is None


def test_figures_are_told_in_words_and_as_json() -> None:
    found = Bootstrap(40).ratio(np.ones(40), np.ones(40))
    assert found is not None
    assert str(found) == "1.000 (1.000 to 1.000)"
    assert found.to_mapping() == {"value": 1.0, "low": 1.0, "high": 1.0, "count": 40}
