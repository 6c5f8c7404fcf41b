"""A process that writes and drains is killed -9 at random points, and nothing is lost."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy import func, select

from search.index import ACTIVATIONS
from tests.crash.writer import body, drain_home, open_home
from worker.engine import reading
from worker.tables import dead_letters, outbox, posts

ROOT = Path(__file__).parents[2]
Start = Callable[[Sequence[str]], subprocess.Popen[str]]
COUNT = 24
PATIENCE = 180.0  # a starved machine takes long to start a process
READER = """
import sys, pathlib
from tests.crash.writer import SPACE
from search.embedded import EmbeddedIndex
from search.index import PositionQuery, Phrase, TextQuery
index = EmbeddedIndex(pathlib.Path(sys.argv[1]) / "index.db", SPACE)
seen = {}
rounds = 0
while not (pathlib.Path(sys.argv[1]) / "stop").exists() or not rounds:
    for stamp in list(index.scan()):
        assert stamp.version >= seen.get(stamp.id, 0), ("went back", stamp)
        seen[stamp.id] = stamp.version
    page = index.query(TextQuery((Phrase(("服", "务", "员"), "plain"),)), limit=100)
    closed = [h.id for h in page.hits if h.display.get("deleted")]
    assert not closed, closed
    rounds += 1
    if rounds >= 5 and len(seen) >= 20:
        pathlib.Path(sys.argv[1], "ready-" + sys.argv[2]).touch()
print(rounds, len(seen))
"""


@pytest.fixture
def start() -> Iterator[Start]:
    """Start Python processes; none outlives its test."""
    started: list[subprocess.Popen[str]] = []

    def call(module: Sequence[str]) -> subprocess.Popen[str]:
        started.append(_started(module))
        return started[-1]

    yield call
    for process in started:
        process.kill()
        process.communicate()


def _started(module: Sequence[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, *module],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for(path: Path, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not path.exists():
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < deadline, f"{path} did not appear"
        time.sleep(0.01)


def kill(process: subprocess.Popen[str]) -> None:
    assert process.poll() is None, process.communicate()[1]
    process.send_signal(signal.SIGKILL)
    process.communicate()


def committed(home: Path) -> dict[str, int]:
    """What the killed processes reported as committed; the last report of each post counts."""
    latest: dict[str, int] = {}
    for line in (home / "committed.jsonl").read_text().splitlines():
        latest.update(json.loads(line))
    return latest


def assert_consistent(home: Path) -> None:
    """Drain to the end, then compare log, database and index."""
    engine, index, enricher = open_home(home)
    drain_home(engine, index, enricher)
    with reading(engine) as session:
        rows = {row.id: row for row in session.execute(select(posts))}
        assert session.scalar(select(func.count()).select_from(outbox)) == 0
        assert session.scalar(select(func.count()).select_from(dead_letters)) == 0
    for id_, revision in committed(home).items():
        assert rows[id_].revision >= revision, f"{id_}: a committed revision is gone"
    stamps = list(index.scan())
    assert [stamp.id for stamp in stamps] == sorted(rows)
    documents = index.get(list(rows))
    for stamp in stamps:
        row = rows[stamp.id]
        assert stamp.version // ACTIVATIONS == row.revision
        assert stamp.state == ("closed" if row.deleted else "open")
        display = documents[stamp.id].display
        if display is not None:
            assert display["body"] == body(int(stamp.id[1:]), row.revision)
    assert drain_home(engine, index, enricher).claimed == 0
    index.close()
    engine.dispose()


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_a_killed_put_is_finished_by_the_next(tmp_path: Path, start: Start, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(4):
        (tmp_path / "committed.jsonl").touch()
        before = (tmp_path / "committed.jsonl").stat().st_size
        process = start(["-m", "tests.crash.writer", str(tmp_path), "0", str(COUNT)])
        deadline = time.monotonic() + PATIENCE
        while (tmp_path / "committed.jsonl").stat().st_size == before:
            assert process.poll() is None, process.communicate()[1]
            assert time.monotonic() < deadline
            time.sleep(0.005)
        time.sleep(chance.uniform(0, 0.4))
        kill(process)
        # At once: the next process would write every post anew and heal whatever was lost.
        assert_consistent(tmp_path)


@pytest.mark.slow
def test_two_writers_and_two_readers_at_once_and_one_writer_is_killed(
    tmp_path: Path, start: Start
) -> None:
    first = start(["-m", "tests.crash.writer", str(tmp_path), "0", "12"])
    wait_for(tmp_path / "committed.jsonl", first)
    second = start(["-m", "tests.crash.writer", str(tmp_path), "12", "12"])
    readers = [start(["-c", READER, str(tmp_path), str(n)]) for n in range(2)]
    for number, reader in enumerate(readers):
        wait_for(tmp_path / f"ready-{number}", reader)
    kill(second)
    time.sleep(0.5)
    kill(first)
    (tmp_path / "stop").touch()
    for reader in readers:
        out, err = reader.communicate(timeout=PATIENCE)
        assert reader.returncode == 0, err
        rounds, seen = map(int, out.split())
        assert rounds >= 5
        assert seen >= 20
    assert_consistent(tmp_path)
