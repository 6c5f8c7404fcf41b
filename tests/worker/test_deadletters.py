"""Dead letters by filter: replayed together, closed with a reason."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import delete, select, update

from search.index import Outcome
from tests.worker.fakes import FakeEnricher, FakeIndex, post, put
from worker import deadletters
from worker.clock import now_ms
from worker.deadletters import Filter, LetterWithoutPost
from worker.engine import reading, writing
from worker.tables import dead_letters, history, outbox, posts


@pytest.fixture
def buried(engine: sa.Engine, enricher: FakeEnricher, index: FakeIndex, run: Any) -> sa.Engine:
    """p0 and p1 permanent, p2 too large, p3 unreadable (100%_), p4 fine."""
    put(engine, *(post(f"p{i}") for i in range(3)), post("p3", "100%_"), post("p4"))
    permanent = [Outcome.PERMANENT]
    index.answers = {"p0": [*permanent], "p1": [*permanent], "p2": [Outcome.TOO_LARGE]}
    enricher.poison = frozenset({"100%_"})
    while run().claimed:
        pass
    enricher.poison = frozenset()
    return engine


def ids(engine: sa.Engine, where: Filter, state: str | None = "open") -> list[str]:
    with reading(engine) as session:
        found = deadletters.find(session, state=state, where=where)
        return sorted(letter.post_id for letter in found)


@pytest.mark.parametrize(
    ("where", "posts"),
    [
        (Filter(), ["p0", "p1", "p2", "p3"]),
        (Filter(kind="permanent"), ["p0", "p1"]),
        (Filter(kind="permanent", post_id="p1"), ["p1"]),
        (Filter(error="cannot read"), ["p3"]),
        (Filter(error="0%_"), ["p3"]),
        (Filter(error="%"), ["p3"]),  # no wildcard
        (Filter(before=0), []),
        (Filter(before=1 << 60), ["p0", "p1", "p2", "p3"]),
    ],
)
def test_filters(buried: sa.Engine, where: Filter, posts: list[str]) -> None:
    assert ids(buried, where) == posts


def test_replaying_some_asks_for_their_newest_revision_in_the_backfill(
    buried: sa.Engine, index: FakeIndex, run: Any
) -> None:
    where = Filter(kind="permanent")
    with writing(buried) as session:
        first = deadletters.replay_some(session, where, limit=1)
        second = deadletters.replay_some(session, where, after=first.last or 0, limit=1)
        assert (first.done, second.done) == (1, 1)
        assert deadletters.replay_some(session, where, after=second.last or 0).last is None
        rows = session.execute(select(outbox.c.post_id, outbox.c.lane)).all()
        told = session.scalars(select(history.c.post_id).where(history.c.event == "replayed")).all()
    assert sorted(map(tuple, rows)) == [("p0", 1), ("p1", 1)]
    assert sorted(told) == ["p0", "p1"]
    assert run().indexed == 2
    assert set(index.stored) == {"p0", "p1", "p4"}
    assert ids(buried, Filter()) == ["p2", "p3"]
    assert ids(buried, Filter(), "replayed") == ["p0", "p1"]


def test_closing_keeps_the_reason(buried: sa.Engine, run: Any) -> None:
    with writing(buried) as session:
        number = deadletters.find(session, where=Filter(post_id="p2"))[0].id
        closed = deadletters.close(session, number, "an advertisement")
        assert (closed.state, closed.reason) == ("closed", "an advertisement")
        assert deadletters.close_some(session, Filter(kind="permanent"), "spam").done == 2
        assert deadletters.count(session) == 1
        assert deadletters.count(session, "closed") == 3
        reasons = {x.post_id: x.reason for x in deadletters.find(session, state="closed")}
    assert reasons == {"p0": "spam", "p1": "spam", "p2": "an advertisement"}
    assert run().claimed == 0


def test_only_letters_made_before_a_time(buried: sa.Engine) -> None:
    with writing(buried) as session:
        old = dead_letters.c.post_id == "p1"
        session.execute(update(dead_letters).where(old).values(created_at=now_ms() - 60_000))
        now = session.scalar(select(now_ms())) or 0
    assert ids(buried, Filter(before=now - 30_000)) == ["p1"]


def test_a_letter_whose_post_is_gone_stays_open(buried: sa.Engine, run: Any) -> None:
    with writing(buried) as session:
        session.execute(delete(posts).where(posts.c.id == "p1"))
        number = deadletters.find(session, where=Filter(post_id="p1"))[0].id
    with writing(buried) as session:
        with pytest.raises(LetterWithoutPost, match="post 'p1', which is in no row"):
            deadletters.replay(session, number)
        chunk = deadletters.replay_some(session, Filter(kind="permanent"))
    assert (chunk.done, chunk.left) == (1, (number,))
    assert ids(buried, Filter()) == ["p1", "p2", "p3"]
    assert run().claimed == 1
