"""The write path's own tests, on PostgreSQL and MariaDB as well as on SQLite."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from tests.services.databases import opened
from tests.worker.conftest import enricher, index, run  # noqa: F401 - fixtures
from tests.worker.test_bad_rows import *  # noqa: F403
from tests.worker.test_drain import *  # noqa: F403
from tests.worker.test_operations import *  # noqa: F403
from tests.worker.test_outbox import *  # noqa: F403
from tests.worker.test_posts import *  # noqa: F403
from tests.worker.test_schema import (  # noqa: F401
    test_the_migrations_make_exactly_the_tables,
    test_upgrading_twice_changes_nothing,
)

pytestmark = pytest.mark.service


@pytest.fixture(params=["postgresql", "mariadb"])
def engine(
    request: pytest.FixtureRequest, fresh_database: Callable[[Any], str]
) -> Iterator[sa.Engine]:
    yield from opened(request, fresh_database)
