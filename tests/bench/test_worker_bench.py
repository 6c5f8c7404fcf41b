"""The bench itself, tiny: its parts run, count right, and its verdicts follow the figures."""

from __future__ import annotations

import json
import os
import sys
from contextlib import nullcontext
from pathlib import Path

import pytest
from services import PostgreSQL, RabbitMQ

import bench.worker
from bench import worker_backlog, worker_machinery, worker_unchanged
from bench.worker_figures import Figure, alternate, table
from bench.worker_stage import changed, demo_posts


def named(figures: list[Figure]) -> dict[str, float]:
    assert all(figure.value > 0 for figure in figures)
    return {figure.what.strip(): figure.value for figure in figures}


def test_a_verdict_follows_its_bar() -> None:
    figures = [
        Figure("a", "fast", 500.0, "posts/s", 500.0),
        Figure("a", "slow", 499.0, "posts/s", 500.0),
        Figure("d", "flat", 1.2, "times", 1.2, at_least=False),
        Figure("d", "steep", 1.21, "times", 1.2, at_least=False),
        Figure("a", "told only", 1.0, "posts/s"),
    ]
    assert [figure.reached for figure in figures] == [True, False, True, False, None]
    lines = table(figures).splitlines()
    assert ["MISSED" in line for line in lines] == [False, True, False, True, False]


@pytest.mark.parametrize(("value", "expected"), [(1.2, 0), (1.21, 1)])
@pytest.mark.parametrize("json_", [False, True])
def test_a_missed_bar_is_the_exit_status(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    value: float,
    expected: int,
    json_: bool,
) -> None:
    figures = [
        Figure("d", "flat", value, "times", 1.2, at_least=False),
        Figure("d", "told only", 9.0, "s"),
    ]
    monkeypatch.setattr(bench.worker, "PostgreSQL", lambda **_given: nullcontext())
    monkeypatch.setattr(bench.worker, "_measure", lambda *_given: figures)
    monkeypatch.setattr(sys, "argv", ["worker.py", "--part", "d", *["--json"] * json_])
    assert bench.worker.main() == expected
    out = capsys.readouterr().out
    if json_:
        told = [json.loads(line) for line in out.splitlines()]
        assert [line["reached"] for line in told] == [expected == 0, None]
    else:
        assert ("MISSED" in out) is bool(expected)


def test_sides_take_turns() -> None:
    order: list[str] = []
    found = alternate(2, lambda: order.append("x") or 1.0, lambda: order.append("y") or 2.0)
    assert order == ["x", "y", "x", "y"]
    assert found == [[1.0, 1.0], [2.0, 2.0]]


def test_posts_have_ids_and_texts_of_their_own() -> None:
    posts = demo_posts(500, "t")
    assert len({p.id for p in posts}) == len({p.body for p in posts}) == 500
    assert sum(len(p.body) for p in demo_posts(235, "t", bodies=5)) > 235 * 250
    again = changed(posts, "1")
    assert [p.id for p in again] == [p.id for p in posts]
    assert not {p.body for p in again} & {p.body for p in posts}


def test_backlogs_keep_their_size(postgresql: PostgreSQL) -> None:
    found = named(worker_backlog.measure(postgresql, sizes=(64, 256), claims=3, delayed=50))
    assert "claim and settle, 256 backfill rows, 50 delayed live" in found
    assert sum(name.startswith("dearest") for name in found) == 4


def test_unchanged_posts_are_measured(postgresql: PostgreSQL) -> None:
    found = named(worker_unchanged.measure(postgresql, posts=40, rounds=1, real=False))
    for length in ("long", "short"):
        assert f"{length} posts, unchanged: asked for again, nothing to do" in found
        assert f"{length} posts, changed: written, read and indexed" in found


@pytest.mark.slow
def test_the_machinery_runs_through_relay_and_children(
    postgresql: PostgreSQL, rabbitmq: RabbitMQ
) -> None:
    before = set(Path("/proc").glob("[0-9]*"))
    found = named(worker_machinery.measure(postgresql, rabbitmq, posts=100, rounds=1))
    assert "written to indexed and settled, 2 children" in found
    left = [p for p in set(Path("/proc").glob("[0-9]*")) - before if _is_bench(p)]
    assert left == [], "processes of the bench outlive it"


def _is_bench(process: Path) -> bool:
    try:
        words = (process / "cmdline").read_bytes()
        parent = int((process / "stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return False
    return b"bench.worker_process" in words and parent == os.getpid()
