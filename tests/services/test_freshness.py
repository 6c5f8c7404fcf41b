"""A live post is searchable within seconds, also while a backfill runs."""

from __future__ import annotations

import pytest

from bench import worker_freshness
from bench.worker_figures import table
from services import PostgreSQL, RabbitMQ


@pytest.mark.slow
def test_live_posts_are_fresh_alone_and_beside_a_backfill(
    postgresql: PostgreSQL, rabbitmq: RabbitMQ
) -> None:
    figures = worker_freshness.measure(postgresql, rabbitmq)
    bars = [(figure.bar, figure.at_least) for figure in figures if figure.bar is not None]
    assert bars == [(5.0, False), (10.0, False), (1, True)]
    assert all(figure.value >= 0 for figure in figures)
    assert not [figure for figure in figures if figure.reached is False], table(figures)
