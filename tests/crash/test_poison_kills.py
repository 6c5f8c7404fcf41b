"""A post that kills whoever reads it becomes one dead letter and takes no neighbour along."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from search.index import ACTIVATIONS
from tests.crash.writer import drain_home, open_home
from tests.worker.fakes import post, put
from worker import claim, deadletters, outbox
from worker.engine import reading, writing

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_one_deadly_post_is_one_dead_letter(tmp_path: Path) -> None:
    engine, index, enricher = open_home(tmp_path)
    put(engine, *(post(f"p{n}", title=f"招聘 {n}") for n in range(12)))
    done = subprocess.run(
        [sys.executable, "-m", "tests.crash.deadly", str(tmp_path), "招聘 3"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
    )
    # The batch that it took down is not held against it; each death alone is.
    assert int(done.stdout) == 1 + claim.CAP
    with reading(engine) as session:
        (letter,) = deadletters.find(session)
        assert outbox.waiting(session)["waiting"] == 0
    assert (letter.post_id, letter.kind) == ("p3", "lost")
    expected = [f"p{n}" for n in range(12) if n != 3]
    assert [stamp.id for stamp in index.scan()] == sorted(expected)
    with writing(engine) as session:
        deadletters.replay(session, letter.id)
    assert drain_home(engine, index, enricher).indexed == 1
    assert index.get(["p3"])["p3"].version // ACTIVATIONS == 1
    index.close()
    engine.dispose()
