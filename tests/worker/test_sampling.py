"""Posts taken evenly, and those that hold a word."""

from __future__ import annotations

from itertools import pairwise

import pytest
import sqlalchemy as sa

from tests.worker.fakes import post, put
from worker import posts, sampling
from worker.engine import writing


@pytest.fixture
def many(engine: sa.Engine) -> sa.Engine:
    put(engine, *(post(f"p{n:02}", title="招保安" if n % 3 else "招服務員") for n in range(20)))
    with writing(engine) as session:
        posts.delete(session, "p00")
        posts.delete(session, "p03")
    return engine


@pytest.mark.parametrize(
    ("limit", "taken"),
    [
        (100, 18),
        (18, 18),
        (17, 17),
        (5, 5),
        (1, 1),
    ],
)
def test_open_posts_are_taken_evenly_over_their_ids(
    many: sa.Engine, limit: int, taken: int
) -> None:
    ids = [found.id for found in sampling.evenly(many, limit)]
    assert len(ids) == taken
    assert ids == sorted(ids)
    assert ids[0] == "p01"
    places = [int(id_[1:]) for id_ in ids]
    gaps = [b - a for a, b in pairwise(places)]
    assert not gaps or max(gaps) <= 2 * -(-18 // limit)


def test_no_posts_give_an_empty_sample(engine: sa.Engine) -> None:
    assert sampling.evenly(engine, 10) == []
    assert sampling.containing(engine, ["服务员"], 10) == []


@pytest.mark.parametrize("page", [1, 4, 500])
def test_posts_that_hold_a_word(
    many: sa.Engine, page: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sampling, "_PAGE", page)
    seen: list[int] = []
    found = sampling.containing(many, ["服务员", "店员"], 10, seen.append)
    assert [one.id for one in found] == ["p06", "p09", "p12", "p15", "p18"]
    assert sum(seen) == 18
    few = sampling.containing(many, ["保安", "服务员"], 4)
    assert 2 <= len(few) <= 4
