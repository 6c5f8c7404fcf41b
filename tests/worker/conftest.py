from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tests.worker.fakes import FakeDocuments, FakeEnricher, FakeIndex, new_engine, parse
from worker.drain import drain
from worker.report import DrainReport


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[sa.Engine]:
    made = new_engine(tmp_path)
    yield made
    made.dispose()


@pytest.fixture
def enricher() -> FakeEnricher:
    return FakeEnricher()


@pytest.fixture
def index() -> FakeIndex:
    return FakeIndex()


@pytest.fixture
def run(engine: sa.Engine, enricher: FakeEnricher, index: FakeIndex) -> Any:
    def call(**more: Any) -> DrainReport:
        given: dict[str, Any] = {
            "backoff_seconds": 0.0,
            "parse": parse,
            "documents": FakeDocuments(),
            **more,
        }
        reader = given.pop("enricher", enricher)
        return drain(engine, reader, given.pop("index", index), **given)

    return call
