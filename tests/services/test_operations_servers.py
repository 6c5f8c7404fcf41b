"""Reconcile, reading again, registry, letters, rejects, tidying, figures on both servers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import delete

from tests.services.databases import opened
from tests.worker.conftest import enricher, index, run  # noqa: F401 - fixtures
from tests.worker.fakes import FakeIndex, post, put
from tests.worker.test_deadletters import *  # noqa: F403
from tests.worker.test_reconcile import *  # noqa: F403
from tests.worker.test_reenrich import *  # noqa: F403
from tests.worker.test_registry import *  # noqa: F403
from tests.worker.test_rejects import *  # noqa: F403
from tests.worker.test_sampling import *  # noqa: F403
from tests.worker.test_tidy import *  # noqa: F403
from worker import posts
from worker.engine import writing
from worker.recover import recover
from worker.stats import gather
from worker.tables import activations, outbox
from worker.tables import posts as table

pytestmark = pytest.mark.service
del test_one_walk_and_a_drain_mend_any_damage  # noqa: F821 - it makes its own SQLite files


@pytest.fixture(params=["postgresql", "mariadb"])
def engine(
    request: pytest.FixtureRequest, fresh_database: Callable[[Any], str]
) -> Iterator[sa.Engine]:
    yield from opened(request, fresh_database)


def test_a_lost_database_comes_back_from_the_index(
    engine: sa.Engine,
    index: FakeIndex,  # noqa: F811
    run: Any,  # noqa: F811
) -> None:
    put(engine, *(post(f"p{n}") for n in range(5)), post("招聘", title="edited"))
    with writing(engine) as session:
        posts.delete(session, "p1")
    run()
    with writing(engine) as session:
        for lost in (table, outbox, activations):
            session.execute(delete(lost))
    report = recover(engine, index, counted=True, limit=2)
    assert (report.unknown, report.closed) == (6, 1)
    assert run(reactivate=False).indexed == 0
    assert put(engine, post("招聘", title="edited again"))[0].revision == 2
    stats = gather(engine, index)
    assert (stats.open, stats.closed, stats.lanes["live"].due) == (5, 1, 1)
