"""The database that a test runs on, migrated."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from worker import schema
from worker.engine import create_engine


def opened(
    request: pytest.FixtureRequest,
    fresh_database: Callable[[Any], str],
    folder: Path | None = None,
) -> Iterator[sa.Engine]:
    """Yield the engine of ``request.param``: a server's fixture, or ``sqlite`` in the folder."""
    if request.param == "sqlite":
        assert folder is not None
        made = create_engine(folder / "posts.db")
    else:
        made = create_engine(fresh_database(request.getfixturevalue(request.param)))
    schema.upgrade(made)
    yield made
    made.dispose()
