"""Several processes on one embedded index at once."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest

from search.embedded import EmbeddedIndex
from search.embedded.connection import IndexFileError, IndexGoneError
from search.index import Document, FilterSection, MatchSection, Phrase, TextQuery, VectorQuery

SPACE = "s"
ROUNDS = 12
BATCH = 8
EVERY = TextQuery((Phrase(("员",)),))


def document(id_: str, version: int) -> Document:
    text = f"员 v{version}"
    match = MatchSection(text, text, text, text, text, text, ("p",), {}, (1.0, version / 10))
    return Document(
        id_, version, "open", "r", str(version), match, FilterSection(), {"v": version}, {}
    )


def write(path: Path, name: str, shared: bool) -> None:
    """Write rounds of the writer's own documents, or of ones that all writers share."""
    index = EmbeddedIndex(path, SPACE)
    for version in range(1, ROUNDS + 1):
        ids = [f"{'shared' if shared else name}-{n}" for n in range(BATCH)]
        outcomes = index.write([document(id_, version) for id_ in ids])
        assert not any(outcome.outcome in ("retry", "permanent") for outcome in outcomes), outcomes


def search(path: Path, stop: Any) -> None:
    """Search until told to stop; every answer must be of whole batches and whole documents."""
    index = EmbeddedIndex(path, SPACE)
    asked = 0
    while not stop.is_set() or not asked:
        page = index.query(EVERY, limit=1000)
        assert page.total == len(page.hits)
        assert page.total % BATCH == 0, page.total
        near = index.query(VectorQuery((1.0, 0.0), SPACE), limit=1000)
        assert near.total % BATCH == 0
        assert near.total >= page.total
        for hit in page.hits:
            stored = index.get([hit.id])[hit.id]
            assert stored.match is not None
            assert stored.match.text_chars == f"员 v{stored.version}"
            assert stored.display == {"v": stored.version}
        asked += 1


def test_writers_and_searchers_at_once(tmp_path: Path) -> None:
    path = tmp_path / "index.db"
    spawn = multiprocessing.get_context("spawn")
    stop = spawn.Event()
    writers = [spawn.Process(target=write, args=(path, f"w{n}", n > 0)) for n in range(3)]
    searchers = [spawn.Process(target=search, args=(path, stop)) for _ in range(2)]
    for process in writers + searchers:
        process.start()
    for process in writers:
        process.join(60)
    stop.set()
    for process in searchers:
        process.join(60)
    assert [process.exitcode for process in writers + searchers] == [0] * 5
    index = EmbeddedIndex(path, SPACE)
    page = index.query(EVERY, limit=1000)
    assert {hit.display["v"] for hit in page.hits} == {ROUNDS}
    assert page.total == 2 * BATCH


def forever(path: Path) -> None:
    """Write ever newer versions until killed."""
    index = EmbeddedIndex(path, SPACE)
    version = 0
    while True:
        version += 1
        index.write([document(f"k-{n}", version) for n in range(BATCH)])


def test_a_killed_writer_leaves_whole_batches(tmp_path: Path) -> None:
    path = tmp_path / "index.db"
    index = EmbeddedIndex(path, SPACE)
    spawn = multiprocessing.get_context("spawn")
    for _ in range(2):
        process = spawn.Process(target=forever, args=(path,))
        process.start()
        before = max((stamp.version for stamp in index.scan()), default=0)
        deadline = time.monotonic() + 60
        while max((s.version for s in index.scan()), default=0) <= before:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        versions = {stamp.version for stamp in index.scan()}
        assert len(versions) == 1
        last = versions.pop()
        assert index.query(TextQuery((Phrase((f"v{last}",)),))).total == BATCH
        assert index.query(EVERY).total == BATCH
        index.write([Document(f"k-{n}", last + 1, "closed", "r", "x") for n in range(BATCH)])
        assert index.query(EVERY).total == 0
        path = tmp_path / "second.db"
        index.close()
        index = EmbeddedIndex(path, SPACE)


def test_a_locked_file_is_to_be_retried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("search.embedded.database.BUSY_SECONDS", 0.1)
    path = tmp_path / "index.db"
    index = EmbeddedIndex(path, SPACE)
    blocker = sqlite3.connect(path, isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    outcomes = index.write([document("1", 1)])
    assert [outcome.outcome.value for outcome in outcomes] == ["retry"]
    blocker.execute("ROLLBACK")
    blocker.close()
    assert index.write([document("1", 1)])[0].outcome.value == "ok"


def test_a_file_that_is_no_index_is_named(tmp_path: Path) -> None:
    path = tmp_path / "index.db"
    path.write_bytes(b"no database at all" * 100)
    with pytest.raises(IndexFileError, match=r"index\.db"):
        EmbeddedIndex(path, SPACE)


def test_a_forked_child_opens_its_own_connection(tmp_path: Path) -> None:
    index = EmbeddedIndex(tmp_path / "index.db", SPACE)
    index.write([document("1", 1)])
    fork = multiprocessing.get_context("fork")
    child = fork.Process(target=index.write, args=([document("2", 1)],))
    child.start()
    child.join(30)
    assert child.exitcode == 0
    assert [stamp.id for stamp in index.scan()] == ["1", "2"]


def remove(path: Path) -> None:
    for part in path.parent.glob(f"{path.name}*"):
        part.unlink()


def ids(index: EmbeddedIndex) -> list[str]:
    return [stamp.id for stamp in index.scan()]


def test_a_replaced_file_is_opened_anew(tmp_path: Path) -> None:
    path = tmp_path / "index.db"
    old = EmbeddedIndex(path, SPACE)
    old.write([document("1", 1)])
    remove(path)
    new = EmbeddedIndex(path, SPACE)
    assert old.get(["1"]) == {}  # what it knew must not make anybody believe that it is there
    assert old.get(["1"], match=False) == {}
    assert [outcome.outcome.value for outcome in old.write([document("2", 1)])] == ["ok"]
    assert ids(old) == ids(new) == ["2"]
    assert old.query(EVERY).total == 1


def test_a_removed_file_is_told_and_nothing_is_written(tmp_path: Path) -> None:
    path = tmp_path / "index.db"
    index = EmbeddedIndex(path, SPACE)
    remove(path)
    (outcome,) = index.write([document("1", 1)])
    assert (outcome.outcome.value, "reconcile --once" in (outcome.error or "")) == ("retry", True)
    for look in (lambda: index.get(["1"]), lambda: ids(index), lambda: index.query(EVERY)):
        with pytest.raises(IndexGoneError, match=r"index\.db: was removed"):
            look()
    assert not path.exists()
    EmbeddedIndex(path, SPACE)
    assert index.write([document("1", 1)])[0].outcome.value == "ok"


def test_a_file_that_is_replaced_within_a_write_is_to_be_retried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from search.embedded import store

    path = tmp_path / "index.db"
    index = EmbeddedIndex(path, SPACE)
    real = store._write_one

    def replaced(*args: Any) -> Any:
        done = real(*args)
        remove(path)
        EmbeddedIndex(path, SPACE)
        monkeypatch.undo()
        return done

    monkeypatch.setattr(store, "_write_one", replaced)
    assert index.write([document("1", 1)])[0].outcome.value == "retry"
    assert ids(index) == []
    assert index.write([document("1", 1)])[0].outcome.value == "ok"
    assert ids(EmbeddedIndex(path, SPACE)) == ["1"]


def test_a_thread_makes_no_file_where_one_was_removed(tmp_path: Path) -> None:
    path = tmp_path / "index.db"
    index = EmbeddedIndex(path, SPACE)
    index.close()
    remove(path)
    with pytest.raises(IndexGoneError):
        ids(index)
    assert not path.exists()
