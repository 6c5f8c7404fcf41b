"""The log makes no answer wait or fail, loses nothing while it can, and tells what it lost."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from searchlog_support import MemorySink, answer, hit, record

from search.index import IndexUnavailableError, Trouble
from search.searchlog import log as log_module
from search.searchlog.build import Asked
from search.searchlog.log import SearchLog
from search.searchlog.logged import LoggedSearcher


@pytest.fixture
def sink() -> Iterator[MemorySink]:
    made = MemorySink()
    yield made
    made.gate.set()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_module, "_FIRST_PAUSE_S", 0.01)


def opened(sink: MemorySink, told: list[str] | None = None, **more: Any) -> SearchLog:
    tell = (told if told is not None else []).append
    return SearchLog(lambda: sink, tell=tell, **{"linger_s": 0.01, **more})


def test_everything_arrives_in_order_and_in_batches(sink: MemorySink) -> None:
    log = opened(sink, batch=10)
    sent = [record(n) for n in range(95)]
    for one in sent:
        log.offer(one)
    counts = log.close()
    assert sink.kept == sent
    assert max(sink.batches) <= 10
    assert len(sink.batches) < 95
    assert (counts.offered, counts.kept, counts.lost, counts.waiting) == (95, 95, 0, 0)
    assert sink.closed


def test_a_hanging_sink_holds_no_caller_up_and_losses_are_told_once(sink: MemorySink) -> None:
    told: list[str] = []
    log = opened(sink, told, capacity=5, batch=1)
    sink.gate.clear()
    log.offer(record(0))
    assert sink.entered.wait(timeout=10)
    began = time.perf_counter()
    for n in range(1, 100):
        log.offer(record(n))
    assert time.perf_counter() - began < 5
    assert log.counts.dropped == 94
    assert told == ["search log: 1 of 7 answers were not kept (the queue was full)"]
    sink.gate.set()
    counts = log.close()
    assert (counts.kept, counts.dropped) == (6, 94)
    assert [one.query for one in sink.kept] == [f"query {n}" for n in range(6)]
    assert told[1:] == ["search log: 94 of 100 answers were not kept (the queue was full)"]


def test_closing_does_not_wait_for_ever(sink: MemorySink) -> None:
    told: list[str] = []
    log = opened(sink, told)
    sink.gate.clear()
    log.offer(record())
    assert sink.entered.wait(timeout=10)
    began = time.perf_counter()
    counts = log.close(timeout_s=0.05)
    assert time.perf_counter() - began < 10
    assert (counts.dropped, counts.waiting) == (1, 0)
    assert len(told) == 1
    log.offer(record(1))
    assert log.counts.dropped == 2


def test_a_write_that_ends_after_closing_counts_as_kept(sink: MemorySink) -> None:
    log = opened(sink)
    sink.gate.clear()
    log.offer(record())
    assert sink.entered.wait(timeout=10)
    threading.Timer(0.2, sink.gate.set).start()
    counts = log.close(timeout_s=0.01)
    assert (counts.kept, counts.lost) == (1, 0)


def test_a_sink_that_is_away_for_a_while_costs_nothing(sink: MemorySink) -> None:
    told: list[str] = []
    log = opened(sink, told)
    sink.away = 3
    log.offer(record())
    assert log.flush(timeout_s=20)
    counts = log.close()
    assert (counts.kept, counts.lost, told) == (1, 0, [])
    assert "sleeps" in counts.why


def test_a_sink_that_cannot_be_opened_is_opened_later(sink: MemorySink) -> None:
    tries: list[int] = []

    def open_sink() -> MemorySink:
        tries.append(1)
        if len(tries) < 3:
            raise OSError("no such host")
        return sink

    log = SearchLog(open_sink, linger_s=0.01)
    log.offer(record())
    assert log.flush(timeout_s=20)
    assert (len(tries), log.close().kept) == (3, 1)


def test_one_record_that_is_refused_takes_no_other_along(sink: MemorySink) -> None:
    told: list[str] = []
    log = opened(sink, told, linger_s=0.2)
    sink.refuses = {"query 3"}
    for n in range(6):
        log.offer(record(n))
    counts = log.close()
    assert (counts.kept, counts.refused, counts.dropped) == (5, 1, 0)
    assert [one.query for one in sink.kept] == [f"query {n}" for n in (0, 1, 2, 4, 5)]
    assert told == ["search log: 1 of 6 answers were not kept (ValueError: no such text here)"]


def test_many_threads(sink: MemorySink) -> None:
    log = opened(sink, capacity=10_000)

    def some(number: int) -> None:
        for n in range(50):
            log.offer(record(number * 100 + n))

    threads = [threading.Thread(target=some, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert log.close().kept == 400
    assert len({one.id for one in sink.kept}) == 400


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_child_has_its_own_queue_and_thread() -> None:
    def open_pipe() -> MemorySink:
        return MemorySink()

    log = SearchLog(open_pipe, linger_s=5.0)
    log.offer(record())
    child = os.fork()
    if child == 0:
        log.offer(record(1))
        counts = log.close()
        os._exit(0 if (counts.offered, counts.kept) == (1, 1) else 1)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    assert log.close().kept == 1


class _Searcher:
    def search(self, query: str, *_args: object, **_more: object) -> Any:
        return answer([hit("p1")], query)


class _Index:
    def __init__(self, error: Exception | None = None) -> None:
        self.error = error

    @property
    def identity(self) -> str:
        if self.error is not None:
            raise self.error
        return "generation-7"


def test_an_answer_carries_the_id_of_its_record(sink: MemorySink) -> None:
    log = opened(sink)
    logged = LoggedSearcher(_Searcher(), _Index(), log)  # type: ignore[arg-type]
    found = logged.search(Asked("服务员", session="s", bucket="b"))
    log.close()
    (kept,) = sink.kept
    assert found.search_id == kept.id
    assert found.answer.hits[0].id == "p1"
    assert (kept.query, kept.bucket, kept.session, kept.generation) == (
        "服务员",
        "b",
        "s",
        "generation-7",
    )
    assert kept.milliseconds >= 0


def test_whatever_befalls_the_log_the_answer_comes(sink: MemorySink) -> None:
    log = opened(sink)
    logged = LoggedSearcher(_Searcher(), _Index(RuntimeError("?")), log)  # type: ignore[arg-type]
    found = logged.search(Asked("服务员"))
    assert (found.search_id, found.answer.hits[0].id) == (None, "p1")
    assert log.close().offered == 0


def test_an_index_that_goes_away_costs_its_name_only(sink: MemorySink) -> None:
    log = opened(sink)
    away = IndexUnavailableError(Trouble.DOWN, "nothing answers", "start it")
    logged = LoggedSearcher(_Searcher(), _Index(away), log)  # type: ignore[arg-type]
    found = logged.search(Asked("服务员"))
    log.close()
    assert [(one.id, one.generation) for one in sink.kept] == [(found.search_id, "")]


def test_without_a_log_nothing_is_kept() -> None:
    logged = LoggedSearcher(_Searcher(), _Index(RuntimeError("?")), None)  # type: ignore[arg-type]
    assert logged.search(Asked("服务员")).search_id is None
