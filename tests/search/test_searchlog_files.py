"""Records as JSON lines: whole lines whatever dies, a file a day, private."""

from __future__ import annotations

import errno
import os
import threading
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from searchlog_support import ANY_TEXT, IN_ANY_TIME, T0, record

from search.searchlog.files import FileSink, files, outdated, read
from search.searchlog.model import RecordError
from search.searchlog.sink import SinkAwayError
from search.searchlog.words import clean

DAY = 24 * 3600 * 1000


def test_a_file_a_day_readable_by_its_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "home" / "searches"
    sent = [record(at=T0 + n * DAY // 2) for n in range(4)]
    FileSink(folder).write(sent)
    assert [path.name for path in files(folder)] == [
        "searches-2026-01-01.jsonl",
        "searches-2026-01-02.jsonl",
    ]
    assert list(read(folder)) == sent
    assert list(read(files(folder)[1])) == sent[2:]
    assert {path.stat().st_mode & 0o777 for path in files(folder)} == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700


@IN_ANY_TIME
@given(st.lists(ANY_TEXT, min_size=1, max_size=5))
def test_any_query_is_one_line(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    folder = tmp_path_factory.mktemp("searches")
    sent = [record(n, query=clean(text)) for n, text in enumerate(texts)]
    FileSink(folder).write(sent)
    assert list(read(folder)) == sent
    assert files(folder)[0].read_bytes().count(b"\n") == len(sent)


def test_half_a_line_costs_that_line_only(tmp_path: Path) -> None:
    sink = FileSink(tmp_path)
    sink.write([record(0)])
    (path,) = files(tmp_path)
    with path.open("ab") as lines:
        lines.write(record(1).to_json().encode()[:50])  # its process was killed here
    sink.write([record(2), record(3)])
    found = list(read(tmp_path))
    assert [one if isinstance(one, RecordError) else one.query for one in found[::2]] == [
        "query 0",
        "query 2",
    ]
    assert isinstance(found[1], RecordError)
    assert "line 2" in str(found[1])
    assert len(found) == 4


def test_a_full_disk_leaves_no_piece_of_the_batch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sink = FileSink(tmp_path)
    sink.write([record(0)])
    real = os.write
    calls: list[int] = []

    def write(handle: int, data: bytes) -> int:
        calls.append(len(data))
        if len(calls) == 1:
            return real(handle, data[:30])
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("search.searchlog.files.os.write", write)
        with pytest.raises(SinkAwayError, match="No space left"):
            sink.write([record(1)])
    assert len(list(read(tmp_path))) == 1
    sink.write([record(1)])
    assert [one.query for one in read(tmp_path) if not isinstance(one, RecordError)] == [
        "query 0",
        "query 1",
    ]


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(SinkAwayError, match="file"):
        FileSink(tmp_path / "file" / "searches").write([record()])


def test_several_writers_share_a_folder(tmp_path: Path) -> None:
    def some(number: int) -> None:
        for n in range(20):
            FileSink(tmp_path).write([record(number * 1000 + n, query="招" * 300)])

    threads = [threading.Thread(target=some, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = list(read(tmp_path))
    assert len(found) == 80
    assert not any(isinstance(one, RecordError) for one in found)


def test_days_that_are_over_long_ago(tmp_path: Path) -> None:
    FileSink(tmp_path).write([record(at=T0 + n * DAY) for n in range(5)])
    (tmp_path / "searches-mine.jsonl").write_text("not ours", "utf-8")
    today = date(2026, 1, 5)
    assert [path.name for path in outdated(tmp_path, today, 2)] == [
        "searches-2026-01-01.jsonl",
        "searches-2026-01-02.jsonl",
    ]
    assert outdated(tmp_path, today, 4) == []
    assert outdated(tmp_path / "none", today, 1) == []
