"""``hirelens search`` leaves records, ``hirelens searchlog`` reads and removes them."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from verbs_support import ok

from hirelens.commands import searchlog
from search.searchlog.files import FileSink, files
from search.searchlog.model import SearchRecord, new_id

Call = Callable[..., Result]
DAY_MS = 24 * 3600 * 1000


@pytest.fixture
def filled(call: Call, posts_file: Path) -> Call:
    """The command line with three posts put."""
    ok(call("put", posts_file))
    return call


def told(result: Result) -> Any:
    return json.loads(ok(result).stdout)


def lines(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in ok(result).stdout.splitlines()]


def kept(*ages_days: float) -> list[SearchRecord]:
    now = int(time.time() * 1000)
    times = [now - int(age * DAY_MS) for age in ages_days]
    common: dict[str, Any] = {"limit": 10, "total": 0, "returned": 0, "milliseconds": 2.0}
    return [
        SearchRecord(id=new_id(at), at=at, query="会计", channel="text", bucket="old", **common)
        for at in times
    ]


def test_an_answer_leaves_its_record(filled: Call) -> None:
    found = told(
        filled("search", "长沙服务员", "--json", "--session", "s 1", "--bucket", "b", "--limit", 5)
    )
    (record,) = lines(filled("searchlog", "export"))
    assert record["id"] == found["search_id"]
    assert (record["query"], record["bucket"], record["limit"]) == ("长沙服务员", "b", 5)
    assert record["session"] != "s 1"
    assert [post["id"] for post in record["shown"]] == [hit["id"] for hit in found["hits"]]
    assert record["shown"]
    for post, hit in zip(record["shown"], found["hits"], strict=True):
        assert [via["channel"] for via in post["channels"]] == hit["channels"]
        assert all(via["rank"] >= 1 for via in post["channels"])
    assert {part["attribute"] for part in record["intents"]} == {"location", "position"}
    assert {one["channel"] for one in record["channels"]} >= {"intent", "vector"}
    assert record["generation"]
    assert "包吃住" not in json.dumps(record, ensure_ascii=False)
    shown = ok(filled("searchlog", "show", record["id"])).stdout
    assert "query       长沙服务员" in shown
    assert f"  1. {record['shown'][0]['id']}" in shown
    assert told(filled("searchlog", "show", record["id"], "--json")) == record


def test_figures_of_what_was_asked(filled: Call) -> None:
    for query in ("服务员", "会计", "宇航"):
        ok(filled("search", query, "--channel", "text"))
    found = told(filled("searchlog", "stats", "--json"))["rows"]
    rows = {row["channel"]: row for row in found}
    assert rows.keys() == {"(answer)", "text"}
    assert (rows["text"]["searches"], rows["text"]["empty"]) == (3, pytest.approx(1 / 3))
    assert (rows["text"]["share"], rows["text"]["exclusive"]) == (1.0, 1.0)
    assert rows["text"]["p50_ms"] <= rows["text"]["p95_ms"]
    page = ok(filled("searchlog", "stats")).stdout
    assert "33.3%" in page
    assert "cli" in page
    text = ok(filled("searchlog", "stats", "--prometheus")).stdout
    assert 'hirelens_search_answers{bucket="cli",channel="text"} 3' in text
    assert told(filled("searchlog", "stats", "--bucket", "x", "--json"))["rows"] == []
    assert "nothing is kept" in ok(filled("searchlog", "stats", "--since", "2099-01-01")).stderr


def test_the_newest_are_listed_first(filled: Call) -> None:
    for query in ("服务员", "会计"):
        ok(filled("search", query))
        time.sleep(0.002)
    assert [r["query"] for r in lines(filled("searchlog", "show", "--json"))] == ["会计", "服务员"]
    assert len(lines(filled("searchlog", "show", "--limit", 1, "--json"))) == 1
    found = lines(filled("searchlog", "show", "--query", "服务员", "--json"))
    assert [r["query"] for r in found] == ["服务员"]
    assert "会计" in ok(filled("searchlog", "show")).stdout


def test_an_unknown_answer_is_one_sentence(filled: Call) -> None:
    result = filled("searchlog", "show", "0" * 32)
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    assert "no answer" in result.stderr


def doctor(call: Call, level: str) -> str:
    """Return what the doctor says of the log, at this level."""
    found = json.loads(call("doctor", "--json").stdout)["checks"]
    (check,) = [one for one in found if one["name"] == "searchlog"]
    assert check["level"] == level
    return str(check["detail"])


def test_an_empty_log_is_in_order(filled: Call) -> None:
    assert "nothing is kept" in doctor(filled, "ok")


def test_switched_off_nothing_is_kept(filled: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HIRELENS_SEARCH_LOG", "off")
    found = told(filled("search", "服务员", "--json"))
    assert found["search_id"] is None
    assert found["hits"]
    assert lines(filled("searchlog", "export")) == []


def test_a_session_is_removed_and_no_other(filled: Call) -> None:
    for session in ("a", "A", "a b"):
        ok(filled("search", "服务员", "--session", session))
    assert told(filled("searchlog", "tidy", "--session", "a b", "--dry-run", "--json")) == {
        "removed": 1,
        "what": "answers",
        "dry_run": True,
    }
    assert "removed: 1 answers" in ok(filled("searchlog", "tidy", "--session", "a")).stdout
    ok(filled("searchlog", "tidy", "--session", "a b"))
    (left,) = lines(filled("searchlog", "export"))
    assert left["session"] == "A"


def test_old_answers_go_after_the_days_that_are_set(
    filled: Call, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from worker.searches import SqlSink

    sink = SqlSink(home / "posts.db")
    sink.write(kept(1, 50, 100))
    sink.close()
    assert "100 days ago" in doctor(filled, "warn")
    assert told(filled("searchlog", "tidy", "--json"))["removed"] == 1
    assert "goes back 50 days" in doctor(filled, "ok")
    monkeypatch.setenv("HIRELENS_SEARCH_LOG_DAYS", "40")
    assert told(filled("searchlog", "tidy", "--dry-run", "--json"))["removed"] == 1
    assert told(filled("searchlog", "tidy", "--older-than", 60, "--json"))["removed"] == 0
    assert told(filled("searchlog", "tidy", "--json"))["removed"] == 1
    assert len(lines(filled("searchlog", "export"))) == 1


def test_files_instead_of_rows(filled: Call, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HIRELENS_SEARCH_LOG", "files")
    id_ = told(filled("search", "服务员", "--json"))["search_id"]
    FileSink(home / "searches").write(kept(50, 100))
    (home / "searches" / "searches-2020-01-01.jsonl").write_text("half a li", "utf-8")
    exported = filled("searchlog", "export")
    assert [r["bucket"] for r in lines(exported)] == ["old", "old", "cli"]
    assert "left out" in exported.stderr
    assert lines(filled("searchlog", "show", "--json"))[0]["id"] == id_
    assert told(filled("searchlog", "show", id_, "--json"))["id"] == id_
    assert filled("searchlog", "show", "0" * 32).exit_code == 1
    assert "days ago" in doctor(filled, "warn")
    rows = told(filled("searchlog", "stats", "--hours", 24 * 60, "--json"))["rows"]
    assert {row["bucket"]: row["searches"] for row in rows if row["channel"] == "(answer)"} == {
        "cli": 1,
        "old": 1,
    }
    refused = filled("searchlog", "tidy", "--session", "x")
    assert refused.exit_code == 2
    assert "whole days" in refused.stderr
    assert told(filled("searchlog", "tidy", "--dry-run", "--json"))["removed"] == 2
    assert told(filled("searchlog", "tidy", "--json"))["what"] == "files"
    assert len(files(home / "searches")) == 2
    assert "goes back 50 days" in doctor(filled, "ok")
    monkeypatch.setenv("HIRELENS_SEARCH_LOG", "database")
    assert lines(filled("searchlog", "export")) == []
    newest = files(home / "searches")[-1]
    assert [r["id"] for r in lines(filled("searchlog", "export", "--file", newest))] == [id_]


def test_a_database_that_is_held_costs_the_record_not_the_answer(
    filled: Call, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from worker.searches import SqlSink

    holder = sqlite3.connect(home / "posts.db", isolation_level=None, check_same_thread=False)
    write = SqlSink.write

    def held(sink: SqlSink, records: Sequence[SearchRecord]) -> None:
        if not holder.in_transaction:
            holder.execute("BEGIN IMMEDIATE")
        write(sink, records)

    monkeypatch.setattr("worker.searches.PATIENCE_S", 0)
    monkeypatch.setattr("hirelens.searchlogging.CLOSE_S", 2.0)
    monkeypatch.setattr(SqlSink, "write", held)
    found = filled("search", "服务员", "--json")
    holder.execute("ROLLBACK")
    holder.close()
    assert told(found)["hits"]
    assert "search log: 1 of 1 answers were not kept" in found.stderr
    assert "locked" in found.stderr
    assert lines(filled("searchlog", "export")) == []


def test_every_verb_has_an_example(call: Call) -> None:
    for verb in searchlog.command.commands:
        assert "Example" in ok(call("searchlog", verb, "--help")).stdout
