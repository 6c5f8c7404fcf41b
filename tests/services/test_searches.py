"""The search log in every database: any text is kept, nothing comes twice, what is old goes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from search.index import Filters
from search.searchlog.build import Asked, record_of
from search.searchlog.log import SearchLog
from search.searchlog.model import SearchRecord, new_id, now
from search.searchlog.sink import SinkAwayError
from search.service import Answer, AnsweredHit
from search.understanding import Understanding
from tests.services import PostgreSQL
from tests.services.databases import opened
from worker import searches
from worker.engine import reading, writing
from worker.searches import Chosen, SqlSink, UnknownSearch, get, latest, read, tidy
from worker.tables import searches as table

DAY_MS = 24 * 3600 * 1000
ANY_TEXT = st.text(
    st.one_of(st.characters(), st.sampled_from("\x00\ud800\udfff\u2028\n aAéÉ～服😀")), max_size=80
)


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def engine(
    request: pytest.FixtureRequest, fresh_database: Callable[[Any], str], tmp_path: Path
) -> Iterator[sa.Engine]:
    yield from opened(request, fresh_database, tmp_path)


@pytest.fixture
def sink(engine: sa.Engine) -> Iterator[SqlSink]:
    made = SqlSink(target(engine))
    yield made
    made.close()


def target(engine: sa.Engine) -> str | Path:
    if engine.dialect.name == "sqlite":
        return Path(str(engine.url.database))
    return engine.url.render_as_string(hide_password=False)


def record(query: str = "q", at: int | None = None, **asked: Any) -> SearchRecord:
    moment = now() if at is None else at
    hits = (AnsweredHit(query or "p", 1.0, {}, {}, ("text",), ()),)
    answer = Answer(hits, 1, Understanding(query), (query,))
    return record_of(
        answer, Asked(query, **asked), id_=new_id(moment), at=moment, seconds=0.1, generation=query
    )


def stored(engine: sa.Engine, chosen: Chosen | None = None) -> list[SearchRecord]:
    return [SearchRecord.from_json(one) for one in read(engine, chosen)]


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    st.lists(st.tuples(ANY_TEXT, st.none() | ANY_TEXT, ANY_TEXT, ANY_TEXT), min_size=1, max_size=4)
)
def test_any_text_is_kept_and_found_again(
    engine: sa.Engine, sink: SqlSink, texts: list[tuple[str, str | None, str, str]]
) -> None:
    with writing(engine) as session:
        session.execute(sa.delete(table))
    sent = [
        record(query, session=session, bucket=bucket, filters=Filters(city=city))
        for query, session, bucket, city in texts
    ]
    sink.write(sent)
    assert sorted(stored(engine), key=lambda one: one.id) == sorted(sent, key=lambda one: one.id)
    query, session, bucket, _ = texts[0]
    for chosen in (Chosen(session=session), Chosen(bucket=bucket), Chosen(until=now() + DAY_MS)):
        by_database = {one.id for one in stored(engine, chosen)}
        assert by_database == {one.id for one in sent if chosen.takes(one)}
    assert sent[0].id in {one.id for one in stored(engine, Chosen(query=query))}
    if session:
        others = [one for one in sent if one.session != sent[0].session]
        assert tidy(engine, session=session) == len(sent) - len(others)
        assert {one.id for one in stored(engine)} == {one.id for one in others}


def test_sessions_that_look_alike_are_not_removed_together(
    engine: sa.Engine, sink: SqlSink
) -> None:
    names = ["a", "A", "a ", "ａ", "á", "a\x00"]
    sink.write([record(session=name) for name in names])
    assert tidy(engine, session="a", dry_run=True) == 1
    assert tidy(engine, session="a ") == 1
    assert len(stored(engine)) == len(names) - 1


def test_a_batch_that_comes_again_is_kept_once(engine: sa.Engine, sink: SqlSink) -> None:
    sent = [record(f"q{n}", at=1000 + n) for n in range(5)]
    sink.write(sent[:3])
    sink.write(sent)
    assert stored(engine) == sent


def test_pages_miss_nothing_at_equal_times(engine: sa.Engine, sink: SqlSink) -> None:
    sent = [record(f"q{n}", at=5000 + n // 7) for n in range(30)]
    sink.write(sent)
    found = [SearchRecord.from_json(one).id for one in read(engine, page=4)]
    assert len(found) == 30
    assert set(found) == {one.id for one in sent}
    newest = [SearchRecord.from_json(one) for one in latest(engine, limit=3)]
    assert [one.at for one in newest] == [5004, 5004, 5003]


def test_one_answer_by_its_id(engine: sa.Engine, sink: SqlSink) -> None:
    sent = record("服务员")
    sink.write([sent])
    assert get(engine, sent.id) == sent
    for wrong in ("0" * 32, "", "a\x00b", "\ud800", sent.id.upper() + " ", sent.id + " "):
        with pytest.raises(UnknownSearch, match="no answer"):
            get(engine, wrong)


def test_what_is_old_goes_and_the_rest_stays(
    engine: sa.Engine, sink: SqlSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searches, "PAGE", 3)
    old = [record(f"old{n}", at=now() - 31 * DAY_MS) for n in range(7)]
    young = [record(f"young{n}", at=now() - 29 * DAY_MS) for n in range(4)]
    sink.write([*old, *young])
    assert tidy(engine, days=30, dry_run=True) == 7
    steps: list[int] = []
    assert tidy(engine, days=30, on_progress=steps.append) == 7
    assert steps == [3, 3, 1]
    assert {one.id for one in stored(engine)} == {one.id for one in young}
    assert tidy(engine, days=30) == 0
    with pytest.raises(ValueError, match="days or by session"):
        tidy(engine)


def test_several_processes_may_write_at_once(engine: sa.Engine) -> None:
    errors: list[BaseException] = []

    def some(number: int) -> None:
        mine = SqlSink(target(engine))
        try:
            for n in range(10):
                mine.write([record(f"{number}-{n}-{m}") for m in range(3)])
        except BaseException as error:  # noqa: BLE001 - told to the test
            errors.append(error)
        finally:
            mine.close()

    threads = [threading.Thread(target=some, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len(stored(engine)) == 120


def test_a_file_that_another_process_writes_is_not_waited_for_long(tmp_path: Path) -> None:
    path = tmp_path / "posts.db"
    sink = SqlSink(path)
    holder = searches.create_engine(path)
    began = time.monotonic()
    with writing(holder) as session:
        session.execute(sa.select(1))  # begins the transaction
        with pytest.raises(SinkAwayError, match="locked"):
            sink.write([record()])
    assert time.monotonic() - began < 20
    sink.write([record()])
    with reading(holder) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(table)) == 1
    holder.dispose()
    sink.close()


def test_an_outage_of_the_server_loses_no_record(
    postgresql: PostgreSQL, fresh_database: Callable[[Any], str]
) -> None:
    url = fresh_database(postgresql)
    told: list[str] = []
    log = SearchLog(lambda: SqlSink(url), linger_s=0.01, tell=told.append)
    first, second = record("before", at=1000), record("during", at=2000)
    log.offer(first)
    assert log.flush(timeout_s=60)
    postgresql.kill9()
    began = time.perf_counter()
    log.offer(second)
    assert time.perf_counter() - began < 1
    assert not log.flush(timeout_s=0.5)
    postgresql.start()
    assert log.flush(timeout_s=90)
    counts = log.close()
    assert (counts.kept, counts.lost, told) == (2, 0, [])
    engine = searches.create_engine(url)
    assert [one.query for one in stored(engine)] == ["before", "during"]
    engine.dispose()
