"""Run files."""

from __future__ import annotations

from pathlib import Path

from labels.evaluate.pairs import read_run
from search.runs import write_trec


def test_a_run_is_read_back_with_its_blanks(tmp_path: Path) -> None:
    path = tmp_path / "run.trec"
    count = write_trec(path, [("java 开发", [("1", 2.5), ("2", 1.0)]), ("会计", [])])
    assert count == 2
    assert path.read_text(encoding="utf-8").splitlines() == [
        "java_开发 Q0 1 1 2.500000 hirelens",
        "java_开发 Q0 2 2 1.000000 hirelens",
    ]
    assert read_run(path) == {("java 开发", "1"), ("java 开发", "2")}
