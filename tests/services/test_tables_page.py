"""What docs/tables.md tells other systems to write is read, on every database."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from enrich.post import Post
from search.index import ACTIVATIONS
from tests.services.databases import opened
from tests.worker.fakes import FakeDocuments, FakeEnricher, FakeIndex, parse, post
from worker import deadletters, retry
from worker.drain import drain
from worker.engine import reading, writing
from worker.posts import RevisionConflict, write, write_many

PAGE = Path(__file__).parents[2] / "docs" / "tables.md"
STATEMENTS = re.findall(r"```sql\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
UPSERTS = {"mysql": STATEMENTS[1], "mariadb": STATEMENTS[1]}


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def engine(
    request: pytest.FixtureRequest, fresh_database: Callable[[Any], str], tmp_path: Path
) -> Any:
    yield from opened(request, fresh_database, tmp_path)


def by_sql(
    engine: sa.Engine, id_: str, revision: int, payload: object, *, deleted: bool = False
) -> None:
    values = {
        "id": id_,
        "revision": revision,
        "payload": json.dumps(payload, ensure_ascii=False),
        "deleted": deleted,
    }
    upsert = UPSERTS.get(engine.dialect.name, STATEMENTS[0])
    with engine.begin() as connection:
        for statement in (upsert, *STATEMENTS[2:]):
            names = set(re.findall(r":(\w+)", statement))
            connection.execute(sa.text(statement), {name: values[name] for name in names})


def drained(engine: sa.Engine, index: FakeIndex, enricher: FakeEnricher | None = None) -> Any:
    return drain(
        engine,
        enricher or FakeEnricher(),
        index,
        backoff_seconds=0.0,
        parse=parse,
        documents=FakeDocuments(),
    )


def test_a_post_is_written_changed_closed_and_opened_by_sql(engine: sa.Engine) -> None:
    index = FakeIndex()
    by_sql(engine, "中文-1", 7, {"title": "招聘服务员", "body": "包吃住", "id": "not this"})
    assert drained(engine, index).indexed == 1
    assert index.stored["中文-1"].version // ACTIVATIONS == 7
    by_sql(engine, "中文-1", 9, {"title": "招聘厨师"})
    by_sql(engine, "中文-1", 8, {"title": "late"})
    drained(engine, index)
    shown = index.stored["中文-1"].display or {}
    assert (shown["title"], shown["revision"]) == ("招聘厨师", 9)
    by_sql(engine, "中文-1", 10, {}, deleted=True)
    drained(engine, index)
    assert index.stored["中文-1"].state == "closed"
    by_sql(engine, "中文-1", 11, {"title": "招聘厨师"})
    drained(engine, index)
    assert index.stored["中文-1"].state == "open"


def test_a_row_written_during_inference_is_read_again(engine: sa.Engine) -> None:
    index, enricher = FakeIndex(), FakeEnricher()
    by_sql(engine, "p1", 1, {"title": "first"})

    def newer(_posts: object) -> None:
        enricher.before = None
        by_sql(engine, "p1", 2, {"title": "second"})

    enricher.before = newer
    report = drained(engine, index, enricher)
    assert report.overtaken == 1
    assert (index.stored["p1"].display or {})["title"] == "second"


def test_what_is_no_post_becomes_a_dead_letter_and_heals(engine: sa.Engine) -> None:
    index = FakeIndex()
    by_sql(engine, "p1", 1, {"title": 5})
    by_sql(engine, "p2", 1, ["no object"])
    by_sql(engine, "p3", 1, {"title": "good"})
    assert drained(engine, index).dead == 2
    with reading(engine) as session:
        errors = {letter.post_id: letter.error for letter in deadletters.find(session)}
    assert "'title'" in errors["p1"]
    assert "'payload'" in errors["p2"]
    by_sql(engine, "p1", 2, {"title": "good now"})
    by_sql(engine, "p2", 2, ["still none"], deleted=True)
    drained(engine, index)
    assert {id_: document.state for id_, document in index.stored.items()} == {
        "p1": "open",
        "p2": "closed",
        "p3": "open",
    }
    with reading(engine) as session:
        assert deadletters.find(session) == []


def test_an_outbox_row_without_a_post_is_named(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        connection.execute(sa.text(STATEMENTS[3]), {"id": "ghost", "revision": 1})
    assert drained(engine, FakeIndex()).dead == 1
    with reading(engine) as session:
        (letter,) = deadletters.find(session)
    assert "is in no row of posts" in letter.error


def test_writers_that_create_the_same_posts_at_once_all_succeed(engine: sa.Engine) -> None:
    """Four writers, each with its own revision of the same posts, in different orders."""
    ids = [f"p{n}" for n in range(20)]
    errors: list[BaseException] = []
    start = threading.Barrier(4)

    def writer(number: int) -> None:
        posts = [Post(id=id_, title=f"writer {number}", revision=number + 1) for id_ in ids]
        try:
            start.wait()
            for n in range(0, 20, 5):
                some = posts[n : n + 5] if number % 2 else posts[::-1][n : n + 5]
                retry.run(engine, lambda s, some=some: write_many(s, some))
        except BaseException as error:  # noqa: BLE001 - told to the test
            errors.append(error)

    threads = [threading.Thread(target=writer, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    index = FakeIndex()
    drained(engine, index)
    assert {d.version // ACTIVATIONS for d in index.stored.values()} == {4}
    assert len(index.stored) == 20


def test_a_refused_post_in_a_batch_refuses_no_other(engine: sa.Engine) -> None:
    with writing(engine) as session:
        write(session, Post(id="b", title="old", revision=3))
    batch = [
        Post(id="c", title="new", revision=1),
        Post(id="b", title="other content", revision=3),
        Post(id="a", title="new", revision=1),
        Post(id="a", title="newer", revision=2),
        post("b", title="old", revision=3),
    ]
    with writing(engine) as session:
        results = write_many(session, batch)
    assert [r.outcome if not isinstance(r, RevisionConflict) else r.field for r in results] == [
        "written",
        "revision",
        "written",
        "written",
        "unchanged",
    ]
