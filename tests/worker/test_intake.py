from __future__ import annotations

import os
import signal
import threading
import time
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from celery.exceptions import Reject

from tests.worker.fakes import FakeDocuments, FakeEnricher, FakeIndex, parse, post, put
from worker import (
    deliveries,
    intake,
    metrics,
    outbox,
    posts,
    recipes,
    rejects,
    retry,
    tasks,
    topology,
)
from worker.config import WorkerConfig
from worker.engine import reading, writing
from worker.intake import Delivery
from worker.recipes import RecipeMismatch
from worker.seat import Seat
from worker.tables import history, ingest_deliveries
from worker.tables import outbox as rows
from worker.timelimit import OutOfTime, interruptible

TRACE = "0af7651916cd43dd8448eb211c80319c"
FIRST = Delivery("t1", TRACE)
AGAIN = Delivery("t1", TRACE, redelivered=True)
CONFIG = WorkerConfig("amqp://localhost")
POST = {"id": "p1", "revision": 7, "title": "招聘服务员"}


def away(*_args: Any, **_more: Any) -> Any:
    raise sa.exc.TimeoutError("no connection is free")


def kept(engine: sa.Engine) -> list[rejects.Reject]:
    with reading(engine) as session:
        return rejects.find(session)


def counted(engine: sa.Engine) -> int:
    with reading(engine) as session:
        return session.scalar(sa.select(sa.func.count()).select_from(ingest_deliveries)) or 0


def test_a_post_is_written_with_its_trace_and_a_double_changes_nothing(engine: sa.Engine) -> None:
    assert intake.ingest(engine, FIRST, POST, cap=5) == "written"
    assert intake.ingest(engine, AGAIN, POST, cap=5) == "unchanged"
    assert intake.ingest(engine, FIRST, {**POST, "revision": 6}, cap=5) == "superseded"
    with reading(engine) as session:
        assert session.scalars(sa.select(history.c.trace)).all() == [TRACE]
        assert session.scalar(sa.select(rows.c.trace)) == TRACE
        assert outbox.waiting(session)["waiting"] == 1
    assert counted(engine) == 0


@pytest.mark.parametrize(
    ("payload", "field", "post_id"),
    [
        (None, "(payload)", None),
        ([POST], "(payload)", None),
        ({**POST, "title": 7}, "title", "p1"),
        ({**POST, "x": "\ud800"}, "x", "p1"),
        ({**POST, "x": "a\x00"}, "x", "p1"),
        ({**POST, "revision": 2**60}, "revision", "p1"),
        ({"title": "服务员"}, "id", None),
    ],
)
def test_what_is_no_post_is_kept(
    engine: sa.Engine, payload: object, field: str, post_id: str | None
) -> None:
    assert intake.ingest(engine, FIRST, payload, cap=5) == "rejected"
    (reject,) = kept(engine)
    assert (reject.field, reject.post_id, reject.task_id) == (field, post_id, "t1")


def test_a_contradiction_is_kept(engine: sa.Engine) -> None:
    intake.ingest(engine, FIRST, POST, cap=5)
    assert intake.ingest(engine, FIRST, {**POST, "title": "other"}, cap=5) == "rejected"
    assert kept(engine)[0].field == "revision"


def test_whatever_goes_wrong_the_payload_is_kept(
    engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: Any, **_more: Any) -> Any:
        raise ZeroDivisionError("a fault of ours")

    monkeypatch.setattr(posts, "write", broken)
    assert intake.ingest(engine, FIRST, POST, cap=5) == "rejected"
    assert kept(engine)[0].error == "ZeroDivisionError: a fault of ours"


def test_a_value_that_the_database_refuses_is_kept(
    engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_args: Any, **_more: Any) -> Any:
        raise sa.exc.DataError("INSERT", {}, Exception("value out of range"))

    monkeypatch.setattr(posts, "write", refused)
    assert intake.ingest(engine, FIRST, POST, cap=5) == "rejected"


def test_a_fault_of_the_database_is_not_the_posts(
    engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: Any, **_more: Any) -> Any:
        raise sa.exc.ProgrammingError("INSERT", {}, Exception("no such table"))

    monkeypatch.setattr(posts, "write", broken)
    monkeypatch.setattr(tasks, "REQUEUE_PAUSE_S", 0.0)
    with pytest.raises(Reject) as caught:
        tasks.with_time(lambda: intake.ingest(engine, FIRST, POST, cap=5))
    assert caught.value.requeue
    assert not kept(engine)


def test_a_fault_of_the_database_counts_no_delivery(
    engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: Any, **_more: Any) -> Any:
        raise sa.exc.ProgrammingError("INSERT", {}, Exception("permission denied for posts"))

    with monkeypatch.context() as patched:
        patched.setattr(posts, "write", broken)
        for _ in range(5):
            with pytest.raises(sa.exc.ProgrammingError):
                intake.ingest(engine, AGAIN, POST, cap=2)
    assert intake.ingest(engine, AGAIN, POST, cap=2) == "written"
    assert not kept(engine)


def test_an_error_that_hides_the_time_limit_is_not_the_posts(
    engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """psycopg's ping sets autocommit back in a ``finally``, which fails in a transaction."""

    def hiding(*_args: Any, **_more: Any) -> Any:
        try:
            os.kill(os.getpid(), signal.SIGUSR1)
            time.sleep(5)
        finally:
            raise ValueError("can't change 'autocommit' now")

    monkeypatch.setattr(posts, "write", hiding)
    with pytest.raises(Reject, match="time limit"):
        tasks.with_time(lambda: intake.ingest(engine, FIRST, POST, cap=5))
    assert not kept(engine)


def test_a_payload_delivered_too_often_is_kept(engine: sa.Engine) -> None:
    for _ in range(2):
        with writing(engine) as session:
            deliveries.count(session, "t1")  # of two deliveries that killed their child
    assert intake.ingest(engine, AGAIN, POST, cap=2) == "rejected"
    (reject,) = kept(engine)
    assert "3 times" in reject.error
    assert counted(engine) == 0
    with reading(engine) as session, pytest.raises(posts.UnknownPost):
        posts.read(session, "p1")


def test_old_counts_are_dropped(engine: sa.Engine) -> None:
    with writing(engine) as session:
        for id_ in ("old", "new"):
            deliveries.count(session, id_)
        session.execute(
            sa.update(ingest_deliveries)
            .where(ingest_deliveries.c.task_id == "old")
            .values(changed_at=0)
        )
        assert deliveries.prune(session) == 1
        assert deliveries.count(session, "new") == 2


def test_a_database_that_is_away_is_waited_for(
    engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "FIRST_PAUSE_S", 0.0)
    tries: list[int] = []
    run = retry.run

    def flaky(*args: Any, **more: Any) -> Any:
        tries.append(1)
        return away() if len(tries) < 3 else run(*args, **more)

    monkeypatch.setattr(retry, "run", flaky)
    assert intake.ingest(engine, FIRST, POST, cap=5) == "written"
    assert not kept(engine)


def test_out_of_time_gives_the_message_back(monkeypatch: pytest.MonkeyPatch) -> None:
    def work() -> None:
        threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGUSR1)).start()
        intake.patiently(away)

    with pytest.raises(Reject) as caught:
        tasks.with_time(work)
    assert caught.value.requeue
    monkeypatch.setattr(tasks, "REQUEUE_PAUSE_S", 0.0)
    with pytest.raises(Reject) as caught:
        tasks.with_time(lambda: 1 / 0)
    assert caught.value.requeue


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    made: list[float] = []
    monkeypatch.setattr(time, "sleep", made.append)
    return made


def test_a_fault_that_lasts_is_tried_less_and_less_often(pauses: list[float]) -> None:
    """The broker counts each return, and gives a message up after so many."""
    requeues = tasks.Requeues()
    for _ in range(8):
        with pytest.raises(Reject):
            tasks.with_time(lambda: 1 / 0, requeues)
    assert pauses == [2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0, 30.0]
    tasks.with_time(lambda: None, requeues)
    with pytest.raises(Reject):
        tasks.with_time(lambda: 1 / 0, requeues)
    assert pauses[-1] == 2.0


def test_hours_of_outage_refuse_nothing(pauses: list[float]) -> None:
    requeues = tasks.Requeues()
    for _ in range(topology.BROKER_DELIVERY_LIMIT):
        with pytest.raises(Reject):
            tasks.with_time(lambda: 1 / 0, requeues)
    assert sum(pauses) > 8 * 3600
    assert CONFIG.soft_limit_s * topology.BROKER_DELIVERY_LIMIT > 24 * 3600


def test_the_time_limit_ends_the_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "REQUEUE_PAUSE_S", 30.0)
    threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGUSR1)).start()
    began = time.monotonic()
    with pytest.raises(Reject) as caught:
        tasks.with_time(lambda: 1 / 0)
    assert caught.value.requeue
    assert time.monotonic() - began < 5


def test_a_late_time_limit_does_nothing() -> None:
    with interruptible():
        pass
    os.kill(os.getpid(), signal.SIGUSR1)

    def work() -> None:
        with interruptible():
            os.kill(os.getpid(), signal.SIGUSR1)
            time.sleep(5)

    with pytest.raises(OutOfTime):
        work()


class Provider:
    """A provider of fakes; ``recipes`` are those that it can have."""

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine
        self.index = FakeIndex()
        self.parse = parse
        self.documents = FakeDocuments()
        self.made: list[str] = []
        self.can = {"recipe-a"}

    def enricher(self, recipe: str | None) -> FakeEnricher:
        digest = recipe or "recipe-a"
        if digest not in self.can:
            raise RecipeMismatch(f"cannot have {digest}")
        self.made.append(digest)
        made = FakeEnricher()
        made.recipe = type(made.recipe)(digest)
        return made

    def close(self) -> None:
        """Nothing was opened."""


@pytest.fixture
def provider(engine: sa.Engine) -> Provider:
    return Provider(engine)


@pytest.fixture
def seat(provider: Provider) -> Seat:
    return Seat(lambda: provider)  # type: ignore[arg-type, return-value]


def test_a_hint_leads_to_one_batch(engine: sa.Engine, provider: Provider, seat: Seat) -> None:
    put(engine, *(post(f"p{n:02}") for n in range(40)))
    report = tasks.drain_batch(seat, CONFIG)
    assert report is not None
    assert report.indexed == CONFIG.batch == len(provider.index.stored)
    assert tasks.drain_batch(seat, CONFIG)
    assert len(provider.index.stored) == 40
    assert provider.made == ["recipe-a"]


def test_a_replaced_recipe_is_taken_from_the_provider(
    engine: sa.Engine, provider: Provider, seat: Seat
) -> None:
    put(engine, post("p1"))
    tasks.drain_batch(seat, CONFIG)
    provider.can.add("recipe-b")
    with writing(engine) as session:
        recipes.activate(session, "recipe-b")
    put(engine, post("p2"))
    tasks.drain_batch(seat, CONFIG)
    assert provider.made == ["recipe-a", "recipe-b"]
    assert provider.index.stored["p2"].recipe == "recipe-b"


def test_rows_wait_for_a_worker_that_has_the_recipe(
    engine: sa.Engine, provider: Provider, seat: Seat
) -> None:
    put(engine, post("p1"))
    with writing(engine) as session:
        recipes.activate(session, "recipe-b")
    for _ in range(2):
        assert tasks.drain_batch(seat, CONFIG) is None
    with reading(engine) as session:
        row = session.execute(sa.select(rows)).one()
    assert (row.lease_token, row.attempts) == (None, 0)
    provider.can.add("recipe-b")
    assert tasks.drain_batch(seat, CONFIG) is not None
    assert "p1" in provider.index.stored


def test_an_away_database_only_delays_a_drain(
    engine: sa.Engine, seat: Seat, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(engine, post("p1"))
    with monkeypatch.context() as patched:
        patched.setattr(tasks, "drain", away)
        assert tasks.drain_batch(seat, CONFIG) is None
    assert tasks.drain_batch(seat, CONFIG) is not None


@pytest.mark.parametrize(("deadline_s", "told"), [(0.1, 1), (30.0, 0)])
def test_a_batch_that_takes_too_long_is_told(
    engine: sa.Engine,
    seat: Seat,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    deadline_s: float,
    told: int,
) -> None:
    put(engine, post("p1"), post("p2"))
    monkeypatch.setattr(seat.enricher(), "before", lambda _posts: time.sleep(0.2))
    config = replace(CONFIG, batch_deadline_s=deadline_s)
    counted: list[int] = []
    monkeypatch.setattr(metrics, "slow_batch", lambda: counted.append(1))
    assert tasks.drain_batch(seat, config) is not None
    assert len(slow_batches(caplog)) == len(counted) == told
    for fields in slow_batches(caplog):
        assert fields["claimed"] == 2
        assert 0.2 <= fields["seconds"] < 20


def test_a_look_that_finds_nothing_is_no_slow_batch(
    seat: Seat, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    drain = tasks.drain

    def slow(*args: Any, **more: Any) -> Any:
        time.sleep(0.2)
        return drain(*args, **more)

    monkeypatch.setattr(tasks, "drain", slow)
    assert tasks.drain_batch(seat, replace(CONFIG, batch_deadline_s=0.1)) is not None
    assert not slow_batches(caplog)


def slow_batches(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    return [
        record.__dict__["fields"]
        for record in caplog.records
        if record.__dict__.get("event") == "slow_batch"
    ]


def test_out_of_time_gives_the_batch_back_at_once(
    engine: sa.Engine,
    provider: Provider,
    seat: Seat,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    put(engine, post("p1"), post("p2"))
    config = replace(CONFIG, batch_deadline_s=0.0, backoff_s=0.0)

    def slow(_posts: Any) -> None:
        os.kill(os.getpid(), signal.SIGUSR1)
        time.sleep(5)

    with monkeypatch.context() as patched:
        patched.setattr(seat.enricher(), "before", slow)
        assert tasks.drain_batch(seat, config) is None
    (told,) = slow_batches(caplog)
    assert "claimed" not in told, "nobody knows any more how many"
    with reading(engine) as session:
        found = session.execute(sa.select(rows)).all()
    assert [(row.lease_token, row.strikes) for row in found] == [(None, 0)] * 2
    tasks.drain_batch(seat, config)
    assert set(provider.index.stored) == {"p1", "p2"}
