"""One id from the write to the index: in the outbox, the history and every line of the log."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from tests.worker.fakes import FakeEnricher, FakeIndex, post, put
from worker import log
from worker.engine import reading, writing
from worker.posts import delete, write
from worker.tables import history
from worker.tables import outbox as rows
from worker.trace import new_trace

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.fixture(autouse=True)
def _logger_as_before() -> Iterator[None]:
    logger = logging.getLogger(log.NAME)
    handlers, level, propagate = logger.handlers[:], logger.level, logger.propagate
    yield
    logger.handlers[:], logger.propagate = handlers, propagate
    logger.setLevel(level)
    logging.captureWarnings(capture=False)
    logging.getLogger("py.warnings").handlers.clear()


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def told(engine: sa.Engine, post_id: str) -> list[tuple[str, str | None]]:
    with reading(engine) as session:
        found = session.execute(
            sa.select(history.c.event, history.c.trace)
            .where(history.c.post_id == post_id)
            .order_by(history.c.id)
        )
        return [(row.event, row.trace) for row in found]


@pytest.mark.parametrize(
    "given",
    [TRACE, TRACE.upper(), f" {TRACE} ", f"00-{TRACE}-00f067aa0ba902b7-01"],
)
def test_a_given_id_or_traceparent_is_taken_over(given: str) -> None:
    assert new_trace(given) == TRACE


@pytest.mark.parametrize(
    "given", [None, "", "0" * 32, TRACE[:-1], f"00-{'0' * 32}-00f067aa0ba902b7-01", "x" * 5000]
)
def test_anything_else_leads_to_a_new_id(given: str | None) -> None:
    made = {new_trace(given) for _ in range(3)}
    assert len(made) == 3
    assert all(len(m) == 32 and int(m, 16) for m in made)


def test_one_id_is_followed_from_write_to_index(
    engine: sa.Engine, run: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    log.setup(json=True, level="debug")
    with writing(engine) as session:
        write(session, post("p1"), trace=TRACE)
        write(session, post("p2"), trace=new_trace())
    run()
    mine = [line for line in lines(capsys) if line.get("trace") == TRACE]
    assert [line["event"] for line in mine] == ["claimed", "indexed"]
    assert {(line["post"], line["revision"], line["lane"]) for line in mine} == {("p1", 1, "live")}
    assert mine[-1]["seconds"] >= 0
    assert told(engine, "p1") == [("written", TRACE), ("indexed", TRACE)]


def test_a_write_without_an_id_gets_one_of_its_own(engine: sa.Engine, run: Any) -> None:
    put(engine, post("p1"), post("p2"))
    with reading(engine) as session:
        found = session.execute(sa.select(rows.c.post_id, rows.c.trace))
        traces = {row.post_id: row.trace for row in found}
    run()
    assert len(set(traces.values())) == 2
    for id_, trace in traces.items():
        assert trace is not None
        assert told(engine, id_) == [("written", trace), ("indexed", trace)]


def test_each_write_of_a_post_has_its_own_way(engine: sa.Engine, run: Any) -> None:
    later, last = new_trace(), new_trace()
    with writing(engine) as session:
        write(session, post("p1"), trace=TRACE)
    run()
    with writing(engine) as session:
        write(session, post("p1", title="招聘厨师"), trace=later)
    run()
    with writing(engine) as session:
        write(session, post("p1", title="招聘厨师", deleted=True), trace=last)
    run()
    assert told(engine, "p1") == [
        ("written", TRACE),
        ("indexed", TRACE),
        ("written", later),
        ("indexed", later),
        ("deleted", last),
        ("closed", last),
    ]


def test_a_dead_letter_ends_the_way(
    engine: sa.Engine, run: Any, index: FakeIndex, capsys: pytest.CaptureFixture[str]
) -> None:
    log.setup(json=True)
    with writing(engine) as session:
        write(session, post("p1", title="毒"), trace=TRACE)
    run(enricher=FakeEnricher(poison=frozenset({"毒"})))
    mine = [line["event"] for line in lines(capsys) if line.get("trace") == TRACE]
    assert mine == ["failed"] * 4 + ["dead"]
    assert told(engine, "p1")[-1] == ("dead", TRACE)
    assert index.stored == {}


def test_a_closing_has_an_id_too(engine: sa.Engine, run: Any) -> None:
    put(engine, post("p1"))
    run()
    with writing(engine) as session:
        delete(session, "p1")
    run()
    (_, deleted), (_, closed) = told(engine, "p1")[-2:]
    assert deleted is not None
    assert deleted == closed
