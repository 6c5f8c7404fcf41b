"""Inserting rows that may be there, on every database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import select

from tests.services.databases import opened
from worker import outbox
from worker.claim import claim, ids
from worker.engine import reading, writing
from worker.outbox import Ask
from worker.tables import cursors, posts
from worker.tables import outbox as rows
from worker.upsert import insert_missing, upsert


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def engine(
    request: pytest.FixtureRequest, fresh_database: Callable[[Any], str], tmp_path: Path
) -> Iterator[sa.Engine]:
    yield from opened(request, fresh_database, tmp_path)


def row(value: str) -> dict[str, Any]:
    return {"name": "n", "value": value, "changed_at": 1}


def test_a_missing_row_is_inserted_once(engine: sa.Engine) -> None:
    with writing(engine) as session:
        assert insert_missing(session, cursors, row("a"))
        assert not insert_missing(session, cursors, row("a"))
        assert not insert_missing(session, cursors, row("b"))
        assert session.scalar(select(cursors.c.value)) == "a"


def test_a_stored_row_is_changed(engine: sa.Engine) -> None:
    with writing(engine) as session:
        for value in ("a", "b"):
            upsert(session, cursors, [row(value)], lambda new: {"value": new.value})
        assert session.scalar(select(cursors.c.value)) == "b"


def test_asking_again_raises_the_lane_and_ends_a_lease(engine: sa.Engine) -> None:
    with writing(engine) as session:
        outbox.put_all(session, [Ask("b", 1), Ask("a", 1)], "backfill")
        taken = claim(session, batch=9, lease_seconds=60)
        assert ids(taken.items) == ["a", "b"]
        outbox.put_all(session, [Ask("b", 2, "trace")], "live")
        outbox.put_all(session, [Ask("b", 3)], "backfill")
    with reading(engine) as session:
        found = {r.post_id: r for r in session.execute(select(rows))}
    assert (found["a"].revision, found["a"].lane, found["a"].lease_token) == (1, 1, taken.token)
    assert (found["b"].revision, found["b"].lane, found["b"].lease_token) == (3, 0, None)
    assert (found["b"].attempts, found["b"].solo) == (0, False)


def test_missing_rows_are_asked_for_and_others_left(engine: sa.Engine) -> None:
    with writing(engine) as session:
        for name in ("a", "b", "c"):
            session.execute(posts.insert().values(id=name, revision=5, payload={}))
        outbox.put(session, "b", 4, "live")
        assert outbox.ask_missing(session, select(posts.c.id, posts.c.revision), "backfill") == 2
        found = session.execute(select(rows.c.post_id, rows.c.revision, rows.c.lane)).all()
    assert sorted(map(tuple, found)) == [("a", 5, 1), ("b", 4, 0), ("c", 5, 1)]


def test_ids_sort_by_code_point_and_differ_by_case(engine: sa.Engine) -> None:
    names = ["a", "B", "b", "ä", "z", "中", "😀", "Z", "-", "_"]
    with writing(engine) as session:
        for name in names:
            session.execute(posts.insert().values(id=name, revision=1, payload={}))
        assert list(session.scalars(select(posts.c.id).order_by(posts.c.id))) == sorted(names)
        assert len(session.execute(select(posts.c.id).where(posts.c.id > "Z")).all()) == 7
