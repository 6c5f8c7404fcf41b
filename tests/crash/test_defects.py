"""Planted defects: a checker that lets one of them pass would let a real one pass too."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete

from enrich.post import Post
from tests.crash import defects
from tests.crash.checker import Report
from tests.crash.elastic_rig import ElasticRig
from tests.crash.history import Write
from tests.crash.rig import Rig
from worker.engine import writing
from worker.posts import write
from worker.tables import outbox

SEEDS = range(1, 6)
"""A defect needs an overlap to do harm. What overlaps depends on the database's clock too, so that
a seed's run may hold none; that all of them hold none does not happen by chance."""

Run = Callable[[Path, int], Report]
"""One crash run in a folder of its own, from a seed."""


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    made = Rig(tmp_path)
    yield made
    made.close()


@pytest.mark.parametrize(
    ("defect", "violation"),
    [
        ("version_check_off", "stale"),
        ("settle_without_token", "stale"),
        ("tombstone_deleted", "lost"),
        ("tombstone_ignored", "resurrected"),
        ("cache_keyed_by_title", "vector"),
    ],
)
def test_the_checker_notices(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, defect: str, violation: str
) -> None:
    defects.plant(defect, monkeypatch.setattr)

    def run(folder: Path, seed: int) -> Report:
        with closing(Rig(folder, seed=seed)) as rig:
            return rig.run()

    _assert_noticed(tmp_path, run, {violation})


@pytest.mark.parametrize(
    ("defect", "violations"),
    [
        ("no_external_version", {"stale", "resurrected"}),
        ("items_not_read", {"lost", "stale"}),
        ("retry_is_done", {"lost", "stale"}),
        ("standby_not_written", {"standby"}),
        ("tombstones_not_copied", {"standby"}),
    ],
)
def test_the_checker_notices_on_elasticsearch(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    elasticsearch: Any,
    fresh_prefix: Callable[[], str],
    defect: str,
    violations: set[str],
) -> None:
    defects.plant(defect, monkeypatch.setattr)

    def run(folder: Path, seed: int) -> Report:
        prefix = fresh_prefix()
        rig = ElasticRig(folder, seed=seed, writes=150, node=elasticsearch, prefix=prefix)
        with closing(rig):
            return rig.run()

    _assert_noticed(tmp_path, run, violations)


def test_the_checker_notices_an_outbox_row_of_its_own_transaction(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    split = defects.TwoTransactions(monkeypatch.setattr)

    def run(folder: Path, seed: int) -> Report:
        with closing(Rig(folder, seed=seed, death=0.3)) as rig:
            _write_apart(rig, split)
            return rig.run()

    _assert_noticed(tmp_path, run, {"lost", "stale", "resurrected"})


def _assert_noticed(folder: Path, run: Run, violations: set[str]) -> None:
    """Run seed after seed until the checker names one of the violations."""
    reports = []
    for seed in SEEDS:
        (folder / str(seed)).mkdir()
        reports.append(run(folder / str(seed), seed))
        if violations & reports[-1].counts.keys():
            return
    pytest.fail("\n".join(map(str, reports)))


def _write_apart(rig: Rig, split: defects.TwoTransactions) -> None:
    """Let a rig write a post and its outbox row in two transactions."""

    def apart(one: Write) -> None:
        with writing(rig.engine) as session:
            write(session, Post.from_mapping(one.payload()), one.lane)
        try:
            rig.may_die()
        except BaseException:
            split.asks.clear()
            raise
        with writing(rig.engine) as session:
            split.second(session)

    rig._write = apart  # type: ignore[method-assign]
    # Broken rows cannot come this way.
    rig.history = [w for w in rig.history if not w.broken]
    rig.queues = [[w for w in queue if not w.broken] for queue in rig.queues]


def test_the_checker_notices_a_lost_outbox_row(rig: Rig) -> None:
    """The smallest loss: one row of a finished history, deleted before anybody claimed it."""
    rig.run()
    newest = max(
        (w for w in rig.history if w.fate is None and not w.broken), key=lambda w: w.revision
    )
    late = rig.history[0].payload() | {"id": newest.id, "revision": newest.revision + 1}
    with writing(rig.engine) as session:
        write(session, Post.from_mapping(late))
        session.execute(delete(outbox))
    report = rig.report()
    assert [fault.subject for fault in report.faults if fault.kind == "content"] == [newest.id]
