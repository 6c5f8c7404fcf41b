from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import select

from enrich.post import MAX_REVISION
from tests.worker.fakes import post, put
from worker import outbox, posts
from worker.engine import reading, writing
from worker.posts import RevisionConflict, UnknownPost
from worker.tables import outbox as rows


def row(engine: sa.Engine, id_: str = "p1") -> Any:
    with reading(engine) as session:
        return session.execute(select(rows).where(rows.c.post_id == id_)).one_or_none()


def test_revisions_are_counted_where_the_source_gives_none(engine: sa.Engine) -> None:
    results = put(engine, post(), post(), post(title="b"), post())
    assert [(r.revision, r.outcome) for r in results] == [
        (1, "written"),
        (1, "unchanged"),
        (2, "written"),
        (3, "written"),
    ]
    assert row(engine).revision == 3


def test_an_unchanged_post_leaves_no_outbox_row(engine: sa.Engine) -> None:
    put(engine, post())
    with writing(engine) as session:
        session.execute(rows.delete())
    assert put(engine, post())[0].outcome == "unchanged"
    assert row(engine) is None


def test_given_revisions_order_the_writes(engine: sa.Engine) -> None:
    results = put(
        engine,
        post(revision=7),
        post(title="old", revision=6),
        post(revision=7),
        post(title="new", revision=9),
    )
    assert [(r.revision, r.outcome) for r in results] == [
        (7, "written"),
        (7, "superseded"),
        (7, "unchanged"),
        (9, "written"),
    ]
    with reading(engine) as session:
        assert posts.read(session, "p1") == post(title="new", revision=9)


def test_an_equal_revision_with_other_content_is_refused_by_name(engine: sa.Engine) -> None:
    put(engine, post(revision=7))
    with pytest.raises(RevisionConflict, match=r"'p1'.*7 is stored already.*above 7"):
        put(engine, post(title="other", revision=7))
    with reading(engine) as session:
        assert posts.read(session, "p1").title == "招聘服务员"


@pytest.mark.parametrize(
    ("first", "second", "remedy"),
    [(3, None, "give a revision above 3"), (None, 3, "leave it out")],
)
def test_a_source_does_not_change_who_counts(
    engine: sa.Engine, first: int | None, second: int | None, remedy: str
) -> None:
    put(engine, post(revision=first))
    with pytest.raises(RevisionConflict, match=remedy):
        put(engine, post(title="other", revision=second))


def test_delete_takes_the_next_revision_and_is_idempotent(engine: sa.Engine) -> None:
    put(engine, post(revision=7), post("p2"))
    with writing(engine) as session:
        assert posts.delete(session, "p1") == posts.WriteResult("p1", 8, "written")
        assert posts.delete(session, "p1") == posts.WriteResult("p1", 8, "unchanged")
        assert posts.delete(session, "p2").revision == 2
        with pytest.raises(UnknownPost, match="'nobody'"):
            posts.delete(session, "nobody")
    assert put(engine, post(title="late", revision=7))[0].outcome == "superseded"


def test_delete_refuses_to_pass_the_highest_revision(engine: sa.Engine) -> None:
    put(engine, post(revision=MAX_REVISION))
    with pytest.raises(RevisionConflict, match="highest"), writing(engine) as session:
        posts.delete(session, "p1")


def test_a_deletion_of_an_unknown_post_blocks_older_revisions(engine: sa.Engine) -> None:
    put(engine, post(revision=4, deleted=True))
    assert put(engine, post(revision=3))[0].outcome == "superseded"


def test_a_live_write_raises_a_backfill_row_and_never_the_reverse(engine: sa.Engine) -> None:
    put(engine, post(), lane="backfill")
    assert row(engine).lane == outbox.LANES["backfill"]
    put(engine, post(title="b"))
    assert row(engine).lane == outbox.LANES["live"]
    put(engine, post(title="c"), lane="backfill")
    assert row(engine).lane == outbox.LANES["live"]


def test_a_failing_transaction_leaves_neither_post_nor_row(engine: sa.Engine) -> None:
    def interrupted() -> None:
        with writing(engine) as session:
            posts.write(session, post())
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        interrupted()
    assert row(engine) is None
    with reading(engine) as session, pytest.raises(UnknownPost):
        posts.read(session, "p1")


def test_ids_differ_by_case_and_unknown_fields_come_back(engine: sa.Engine) -> None:
    put(engine, post("A"), post("a", extra={"source": "x"}))
    with reading(engine) as session:
        assert posts.read(session, "A").extra == {}
        assert posts.read(session, "a").extra == {"source": "x"}
