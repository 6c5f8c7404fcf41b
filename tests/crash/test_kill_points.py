"""A process that kills itself at a named point of the drain; the next command finishes its work."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import func, select

from search.index import ACTIVATIONS
from tests.crash.writer import drain_home, open_home
from worker.engine import reading
from worker.tables import outbox

ROOT = Path(__file__).parents[2]
CHILD = """
import os, pathlib, signal, sys
from enrich.post import Post
from search.embedded import EmbeddedIndex
from tests.crash.writer import drain_home, open_home
from worker.engine import writing
from worker.posts import write

home, point = pathlib.Path(sys.argv[1]), sys.argv[2]
engine, index, enricher = open_home(home)


def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)


with writing(engine) as session:
    for number in range(3):
        write(session, Post(id=f"p{number}", title="招服务员", revision=1))
if point == "before inference":
    enricher.before = die
elif point == "before the index write":
    index.write = die
else:
    stored = index.write
    index.write = lambda documents: (stored(documents), die())
drain_home(engine, index, enricher)
"""


@pytest.mark.parametrize(
    "point", ["before inference", "before the index write", "after the index write"]
)
def test_a_row_is_settled_only_after_its_own_write(tmp_path: Path, point: str) -> None:
    child = subprocess.run(
        [sys.executable, "-c", CHILD, str(tmp_path), point],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert child.returncode == -signal.SIGKILL, child.stderr
    engine, index, enricher = open_home(tmp_path)
    with reading(engine) as session:
        assert session.scalar(select(func.count()).select_from(outbox)) == 3
    drain_home(engine, index, enricher)
    with reading(engine) as session:
        assert session.scalar(select(func.count()).select_from(outbox)) == 0
    assert [stamp.version // ACTIVATIONS for stamp in index.scan()] == [1, 1, 1]
    index.close()
    engine.dispose()
