"""The index cannot be used: nothing counts against a post, nobody spins, everything catches up."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from types import SimpleNamespace
from typing import Any, cast

import pytest
import sqlalchemy as sa
from sqlalchemy import select

from search.index import (
    Document,
    IndexUnavailableError,
    Outcome,
    Trouble,
    WriteOutcome,
    document_version,
)
from tests.worker.fakes import (
    FakeDocuments,
    FakeEnricher,
    FakeIndex,
    FakeRecipe,
    parse,
    post,
    put,
)
from worker import deadletters, lease, outage, reconcile, registry, retry, timelimit
from worker.config import WorkerConfig
from worker.engine import reading
from worker.outage import MAX_PAUSE_S, Outage
from worker.seat import Seat
from worker.tables import history
from worker.tables import outbox as rows
from worker.tasks import drain_batch
from worker.timelimit import OutOfTime


def away(reason: Trouble = Trouble.DOWN) -> IndexUnavailableError:
    return IndexUnavailableError(reason, "http://es: nothing answers", "start it")


def outbox_rows(engine: sa.Engine) -> Sequence[Any]:
    with reading(engine) as session:
        return session.execute(select(rows).order_by(rows.c.post_id)).all()


def assert_untouched(engine: sa.Engine, count: int, error: str) -> None:
    found = outbox_rows(engine)
    assert len(found) == count
    told = [row.last_error or "" for row in found]
    assert any(error in text for text in told)
    counted = {(r.strikes, r.lost, r.attempts, r.solo, r.lease_token) for r in found}
    assert counted == {(0, 0, 0, False, None)}
    with reading(engine) as session:
        assert deadletters.find(session) == []
        assert session.execute(select(history.c.event).distinct()).scalars().all() == ["written"]


@pytest.mark.parametrize("where", ["get", "write"])
def test_an_index_that_is_away_counts_against_nothing_however_often(
    engine: sa.Engine, enricher: FakeEnricher, index: FakeIndex, run: Any, where: str
) -> None:
    put(engine, *(post(f"p{n}", title=f"t{n}") for n in range(5)))
    if where == "get":
        index.away = away()
    else:
        index.trouble = Trouble.READ_ONLY
    for _ in range(12):
        with pytest.raises(IndexUnavailableError, match=r"nothing answers|is read_only; wait"):
            run()
    assert_untouched(engine, 5, "nothing answers" if where == "get" else "is read_only; wait")
    # Nothing was read for an index that did not even answer; what was read was read once.
    assert len(enricher.inferred) == (0 if where == "get" else 5)
    index.away = index.trouble = None
    report = run()
    assert (report.indexed, report.retried, report.dead) == (5, 0, 0)
    assert len(enricher.inferred) == 5
    assert {d.version for d in index.stored.values()} == {document_version(1, 1)}


def test_a_write_that_raises_gives_the_rows_back_uncounted(
    engine: sa.Engine, index: FakeIndex, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(engine, post("p1"), post("p2"))
    with monkeypatch.context() as patch:

        def refuse(_documents: Any) -> Any:
            raise away()

        patch.setattr(index, "write", refuse)
        with pytest.raises(IndexUnavailableError):
            run()
    assert_untouched(engine, 2, "nothing answers")
    assert run().indexed == 2


def test_where_some_documents_were_taken_the_others_only_come_a_little_later(
    engine: sa.Engine, index: FakeIndex, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(engine, post("p1"), post("p2"))
    whole = index.write
    with monkeypatch.context() as patch:

        def half(documents: Sequence[Document]) -> list[WriteOutcome]:
            late = WriteOutcome(documents[1].id, Outcome.RETRY, None, "busy", Trouble.BUSY)
            return [*whole(documents[:1]), late]

        patch.setattr(index, "write", half)
        report = run(backoff_seconds=60.0)
    assert (report.indexed, report.retried) == (1, 1)
    (row,) = outbox_rows(engine)
    assert (row.strikes, row.lost, row.last_error) == (0, 0, "busy")
    assert 0 < row.due_at - row.asked_at <= lease.MAX_RETRY_S * 1000 + 2000


def test_unchanged_posts_of_a_stalled_batch_are_settled(
    engine: sa.Engine, index: FakeIndex, run: Any
) -> None:
    put(engine, post("p1"))
    run()
    put(engine, post("p2", title="new"))
    with engine.begin() as connection:
        connection.execute(sa.insert(rows).values(post_id="p1", revision=1, lane=0))
    index.trouble = Trouble.READ_ONLY
    with pytest.raises(IndexUnavailableError):
        run()
    assert [row.post_id for row in outbox_rows(engine)] == ["p2"]


def test_an_index_of_another_space_is_found_out_before_anything_is_inferred(
    engine: sa.Engine, enricher: FakeEnricher, index: FakeIndex, run: Any
) -> None:
    put(engine, post("p1"))
    enricher.recipe = FakeRecipe(vector_space="space-b")
    with pytest.raises(IndexUnavailableError, match=r"space-a.*space-b.*hirelens index") as caught:
        run()
    assert caught.value.reason is Trouble.FOREIGN
    assert enricher.inferred == []
    assert_untouched(engine, 1, "space-b")
    index.vector_space = "space-b"  # as after a switch
    assert run().indexed == 1


def test_a_time_limit_that_the_index_used_up_blames_no_post(
    engine: sa.Engine, index: FakeIndex, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(engine, post("p1"), post("p2"))

    def hang(*_given: Any, **_more: Any) -> Any:
        time.sleep(0.05)
        raise OutOfTime

    with monkeypatch.context() as patch:
        patch.setattr(index, "write", hang)
        with pytest.raises(IndexUnavailableError, match="time limit") as caught:
            run()
    assert caught.value.reason is Trouble.SLOW
    assert_untouched(engine, 2, "time limit")


def test_a_time_limit_that_the_model_used_up_is_the_posts(
    engine: sa.Engine, enricher: FakeEnricher, run: Any
) -> None:
    put(engine, post("p1"))

    def hang(_posts: Any) -> None:
        enricher.before = None
        time.sleep(0.2)
        raise OutOfTime

    enricher.before = hang
    with pytest.raises(OutOfTime):
        run()
    assert outbox_rows(engine)[0].lost == 1


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_pauses_double_up_to_a_bound_and_a_success_begins_anew() -> None:
    clock = Clock()
    state = Outage("worker", clock)
    assert (state.lasts, state.left_s) == (False, 0.0)
    waits = []
    for _ in range(12):
        waits.append(state.failed(away()))
        assert state.left_s == pytest.approx(waits[-1])
        clock.now += waits[-1]
        assert state.left_s == 0
    for wait, full in zip(waits, [0.5, 1, 2, 4, 8, 16, 30, 30, 30, 30, 30, 30], strict=True):
        assert full / 2 <= wait <= full <= MAX_PAUSE_S
    state.succeeded()
    assert not state.lasts
    assert state.failed(away()) <= outage.FIRST_PAUSE_S


def test_each_reason_of_an_outage_is_told_once_a_minute(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock = Clock()
    state = Outage("worker", clock)
    with caplog.at_level("INFO", "hirelens"):
        state.succeeded()
        for second in range(130):
            clock.now = 1000.0 + second
            state.failed(away(Trouble.SLOW if second in range(20, 60, 2) else Trouble.DOWN))
        state.succeeded()
        state.succeeded()
    told = [(r.event, r.fields) for r in cast(Any, caplog.records)]
    reasons = [fields.get("reason") for _, fields in told]
    assert reasons == ["down", "slow", "down", "down", None]
    assert told[0][0] == "index_unavailable"
    assert told[0][1]["error"] == "http://es: nothing answers; start it"
    assert told[-1] == ("index_back", {"role": "worker", "seconds": 129.0})


CONFIG = WorkerConfig(broker_url="amqp://nobody//", batch=4)


@pytest.fixture
def seat(engine: sa.Engine, enricher: FakeEnricher, index: FakeIndex) -> Seat:
    provider = SimpleNamespace(
        engine=engine,
        index=index,
        parse=parse,
        documents=FakeDocuments(),
        enricher=lambda _recipe: enricher,
        close=lambda: None,
    )
    return Seat(lambda: cast(Any, provider))


def counted(index: FakeIndex, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    calls: list[int] = []
    whole = index.get

    def get(ids: Sequence[str], *, match: bool = True) -> dict[str, Document]:
        calls.append(len(ids))
        return whole(ids, match=match)

    monkeypatch.setattr(index, "get", get)
    return calls


def test_hints_do_nothing_while_a_worker_leaves_the_index_alone(
    engine: sa.Engine, index: FakeIndex, seat: Seat, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(engine, *(post(f"p{n}", title=f"t{n}") for n in range(6)))
    clock = Clock()
    seat.outage = Outage("worker", clock)
    tries = counted(index, monkeypatch)
    index.away = away()
    for _ in range(100):
        assert drain_batch(seat, CONFIG) is None
    assert len(tries) == 1
    clock.now += 100
    drain_batch(seat, CONFIG)
    drain_batch(seat, CONFIG)
    assert len(tries) == 2
    assert_untouched(engine, 6, "nothing answers")
    index.away = None
    clock.now += 100
    first = drain_batch(seat, CONFIG)
    second = drain_batch(seat, CONFIG)
    assert first is not None
    assert second is not None
    assert (first.indexed, second.indexed, seat.outage.lasts) == (4, 2, False)


def test_a_stalled_write_pauses_a_worker_too(
    engine: sa.Engine, index: FakeIndex, seat: Seat, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(engine, post("p1"))
    tries = counted(index, monkeypatch)
    index.trouble = Trouble.READ_ONLY
    for _ in range(20):
        drain_batch(seat, CONFIG)
    assert len(tries) <= 2
    assert seat.outage.lasts


def test_a_worker_whose_time_limit_fired_inside_the_index_pauses(
    engine: sa.Engine, index: FakeIndex, seat: Seat, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(engine, post("p1"))

    def hang(*_given: Any, **_more: Any) -> Any:
        time.sleep(0.05)
        timelimit._on_signal(0, None)

    monkeypatch.setattr(index, "get", hang)
    assert drain_batch(seat, CONFIG) is None
    assert seat.outage.lasts
    assert_untouched(engine, 1, "time limit")


def test_a_forked_child_knows_nothing_of_its_parents_outage(seat: Seat) -> None:
    seat.outage.failed(away())
    seat.reset()
    assert not seat.outage.lasts


def test_what_only_the_standby_refuses_is_told(caplog: pytest.LogCaptureFixture) -> None:
    told = {"index": "site-posts-b", "count": 2, "post": "p1", "error": "field 'x': no"}
    outage.tell_standby("standby_refused", told)
    (record,) = cast(Any, caplog.records)
    assert (record.event, record.fields, record.levelname) == ("standby_refused", told, "ERROR")


def test_reconcile_survives_an_index_that_is_away(
    engine: sa.Engine,
    index: FakeIndex,
    run: Any,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outage, "FIRST_PAUSE_S", 0.02)
    put(engine, post("p1"))
    run()
    index.stored.clear()
    index.away = away(Trouble.MISSING)
    stop = threading.Event()
    walker = threading.Thread(target=reconcile.run, args=(engine, index, stop, 0.01))
    with caplog.at_level("INFO", "hirelens"):
        walker.start()
        try:
            until(lambda: "index_unavailable" in events(caplog))
            time.sleep(0.1)
            assert outbox_rows(engine) == []
            index.away = None
            until(lambda: "index_back" in events(caplog))
            until(lambda: outbox_rows(engine))
        finally:
            stop.set()
            walker.join(20)
    assert events(caplog).count("index_unavailable") == 1
    assert run().indexed == 1


def test_reconcile_raises_no_alarm_over_an_index_of_another_space(
    engine: sa.Engine, index: FakeIndex, run: Any, caplog: pytest.LogCaptureFixture
) -> None:
    put(engine, post("p1"))
    run()
    parts = SimpleNamespace(**asdict(FakeRecipe()), taxonomy="t", rules="r")
    retry.run(engine, lambda session: registry.register(session, cast(Any, parts), None, None))
    assert reconcile.advance(engine, index).findings == ()
    # A switch that was killed between aliases and database: all is ahead by one activation.
    index.stored["p1"] = replace(index.stored["p1"], version=index.stored["p1"].version + 1)
    index.vector_space = "space-b"
    with pytest.raises(IndexUnavailableError, match="hirelens index switch") as told:
        reconcile.advance(engine, index)
    assert told.value.reason is Trouble.FOREIGN
    assert "drift" not in events(caplog)


def events(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [getattr(record, "event", "") for record in caplog.records]


def until(condition: Callable[[], object], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)
