"""``hirelens site``: making, checking and trying a site's rules; what other verbs do by them."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from verbs_support import ok

from hirelens.settings import Settings, load
from hirelens.wiring import Workplace
from search.site import watch

Call = Callable[..., Result]

SYNONYMS = "word\tmeaning\n端盘小弟\t服务员\n"
REWRITES = (
    "query\tcandidate\taction\tkind\n服务员\t送餐员\tforced\trelated\n会计\t会计助理\tblocked\t\n"
)


@pytest.fixture
def new(tmp_path: Path) -> Path:
    """A folder with good rules that are not in use."""
    folder = tmp_path / "new"
    folder.mkdir()
    (folder / "synonyms.tsv").write_text(SYNONYMS, "utf-8")
    (folder / "rewrites.tsv").write_text(REWRITES, "utf-8")
    (folder / "stop_words.tsv").write_text("word\n求职信息\n", "utf-8")
    return folder


@pytest.fixture
def queries(tmp_path: Path) -> Path:
    path = tmp_path / "queries.txt"
    path.write_text("端盘小弟\n会计\n求职信息 保安\n司机\n", "utf-8")
    return path


def in_use(home: Path, **files: str) -> None:
    """Write rules into the home."""
    (home / "site").mkdir(parents=True, exist_ok=True)
    for stem, text in files.items():
        (home / "site" / f"{stem}.tsv").write_text(text, "utf-8")


def test_a_folder_is_made_once(call: Call, home: Path) -> None:
    made = json.loads(ok(call("site", "init", "--json")).output)
    assert len(made["made"]) == 4
    path = home / "site" / "synonyms.tsv"
    path.write_text(SYNONYMS, "utf-8")
    again = ok(call("site", "init"))
    assert "kept" in again.stderr
    assert "made" not in again.stdout
    assert path.read_text("utf-8") == SYNONYMS


def test_the_folder_is_where_the_setting_says(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "elsewhere"
    monkeypatch.setenv("HIRELENS_SITE", str(folder))
    ok(call("site", "init"))
    assert (folder / "companies.tsv").is_file()
    assert str(folder) in ok(call("site", "check")).output
    assert Settings(site=folder).site_folder == folder


def test_without_rules_the_remedy_is_told(call: Call) -> None:
    result = call("site", "check")
    assert result.exit_code == 1
    assert "make them: hirelens site init" in result.output


def test_good_rules_are_counted(call: Call, new: Path) -> None:
    assert "1 synonyms, 1 stop words" in ok(call("site", "check", new)).output
    data = json.loads(ok(call("site", "check", new, "--json")).output)
    assert data["ok"] is True
    assert data["rules"]["forced rewrites"] == 1


def test_every_problem_is_told(call: Call, new: Path) -> None:
    (new / "synonyms.tsv").write_text("word\tmeaning\n端盘小弟\t没这个\n会计\t司机\n", "utf-8")
    result = call("site", "check", new)
    assert result.exit_code == 1
    assert "synonyms.tsv:2: field 'meaning': '没这个' names no position" in result.stdout
    assert "synonyms.tsv:3: field 'word': '会计' is a position's own name" in result.stdout
    assert result.stderr == "2 problems\n"
    result = call("site", "check", new, "--json")
    assert result.exit_code == 1
    problems = json.loads(result.stdout)["problems"]
    assert [(one["file"], one["line"], one["field"]) for one in problems] == [
        ("synonyms.tsv", 2, "meaning"),
        ("synonyms.tsv", 3, "word"),
    ]
    assert all(one["remedy"] for one in problems)


def test_intent_reads_by_the_rules_in_use(call: Call, home: Path) -> None:
    in_use(home, synonyms=SYNONYMS)
    (part,) = json.loads(ok(call("intent", "端盘小弟", "--json", "--explain")).output)["intents"]
    assert (part["value"], part["source"]) == ("服务员", "site:synonym")


def test_wrong_rules_are_told_and_queries_still_answered(
    call: Call, home: Path, posts_file: Path
) -> None:
    in_use(home, synonyms="word\tmeaning\n端盘小弟\t没这个\n")
    ok(call("put", posts_file))
    for command in ("intent", "search"):
        result = ok(call(command, "服务员"))
        assert "the site's rules are not read, there are none so far" in result.stderr
        assert "synonyms.tsv:2" in result.stderr
    data = json.loads(ok(call("search", "服务员", "--json")).stdout)
    assert "synonyms.tsv:2" in data["notes"][0]


def test_search_follows_the_rules_in_use(call: Call, home: Path, posts_file: Path) -> None:
    ok(call("put", posts_file))

    def found(query: str) -> set[str]:
        answer = json.loads(ok(call("search", query, "--channel", "text", "--json")).stdout)
        return {hit["id"] for hit in answer["hits"]}

    assert found("蓝精灵") == set()
    in_use(
        home,
        synonyms="word\tmeaning\n蓝精灵\t服务员\n",
        stop_words="word\n求职信息\n",
        rewrites="query\tcandidate\taction\tkind\n司机\t会计\tforced\t\n",
    )
    assert "p1" in found("蓝精灵")
    assert found("求职信息 蓝精灵") == found("蓝精灵")
    assert "p3" in found("司机")


def test_a_running_process_follows_the_files(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "INTERVAL_S", 0.01)
    with closing(Workplace(load(home, {}))) as place:

        def value() -> object:
            return place.knowledge().reader.understand("端盘小弟").intents[0].value

        def becomes(wanted: object) -> bool:
            until = time.monotonic() + 30
            while value() != wanted and time.monotonic() < until:
                time.sleep(0.01)
            return value() == wanted

        assert value() is None
        in_use(home, synonyms=SYNONYMS)
        assert becomes("服务员")
        in_use(home, synonyms="word\tmeaning\n端盘小弟\t没这个\n")
        until = time.monotonic() + 30
        while not place.knowledge().notes and time.monotonic() < until:
            time.sleep(0.01)
        assert "the last good rules are kept" in place.knowledge().notes[0]
        assert value() == "服务员"
        in_use(home, synonyms="word\tmeaning\n端盘小弟\t厨师\n")
        assert becomes("厨师")
        assert place.knowledge().notes == ()


def test_doctor_looks_at_the_rules(call: Call, home: Path) -> None:
    def line() -> dict[str, Any]:
        checks = json.loads(call("doctor", "--json").stdout)["checks"]
        (found,) = [check for check in checks if check["name"] == "site"]
        return dict(found)

    assert line()["level"] == "ok"
    in_use(home, synonyms=SYNONYMS)
    assert "1 synonyms" in line()["detail"]
    in_use(home, synonyms="word\tmeaning\n端盘小弟\t没这个\n", other="word\n")
    found = line()
    assert found["level"] == "fail"
    assert "2 problems, the first: other.tsv: is not read" in found["detail"]
    assert "hirelens site check" in found["remedy"]


def test_preview_shows_only_what_changes(call: Call, new: Path, queries: Path) -> None:
    shown = ok(call("site", "preview", queries, "--new", new)).stdout
    assert "端盘小弟 (position: 服务员)" in shown
    assert "related: 送餐员 (editor)" in shown
    assert "求职信息 (stop word)" in shown
    assert "司机" not in shown
    assert "3 of 4 queries change" in shown
    data = json.loads(ok(call("site", "preview", queries, "--new", new, "--json")).stdout)
    assert data["queries"] == 4
    changes = {one["query"]: one for one in data["changed"]}
    assert list(changes) == ["端盘小弟", "会计", "求职信息 保安"]

    def names(side: str) -> set[str]:
        (rewritten,) = changes["会计"][side]["rewrites"]
        return {one["text"] for one in rewritten["expansions"]}

    # A blocked pair holds for every name of the candidate's position.
    assert names("now") - names("new") == {"会计助理", "实习会计", "会计师助理", "助理会计"}
    assert changes["会计"]["now"]["intents"] == changes["会计"]["new"]["intents"]


def test_preview_reads_standard_input_and_compares_with_the_rules_in_use(
    call: Call, home: Path, new: Path, queries: Path
) -> None:
    in_use(home, synonyms=SYNONYMS, rewrites=REWRITES)
    raw = queries.read_bytes()
    shown = ok(call("site", "preview", "-", "--new", new, stdin=raw)).stdout
    assert "1 of 4 queries change" in shown
    shown = ok(call("site", "preview", queries, "--new", new, "--old", new)).stdout
    assert "0 of 4 queries change" in shown


def test_preview_shows_which_hits_come_and_go(
    call: Call,
    new: Path,
    queries: Path,
    posts_file: Path,
    towers: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Of three posts each would be near, whatever the rules say.
    strict = tmp_path / "towers"
    shutil.copytree(towers, strict)
    (strict / "calibration.json").write_text('{"floor": 1.0}', "utf-8")
    monkeypatch.setenv("HIRELENS_TOWERS", str(strict))
    result = call("site", "preview", queries, "--new", new, "--hits", 3)
    assert result.exit_code == 1
    assert "holds no posts yet" in result.output
    ok(call("put", posts_file))
    args = ("site", "preview", queries, "--new", new, "--hits", 3)
    data = json.loads(ok(call(*args, "--json")).stdout)
    (waiter,) = [one for one in data["changed"] if one["query"] == "端盘小弟"]
    assert "p1" in waiter["new"]["hits"]
    assert len(waiter["new"]["hits"]) <= 3
    assert " hits " in ok(call(*args)).stdout


def test_preview_refuses_wrong_rules(call: Call, new: Path, queries: Path) -> None:
    (new / "synonyms.tsv").write_text("word\tmeaning\n端盘小弟\t没这个\n", "utf-8")
    for more in ((), ("--json",)):
        result = call("site", "preview", queries, "--new", new, *more)
        assert result.exit_code == 1
        assert "没这个" in result.stdout
        assert "queries change" not in result.stdout
    result = call("site", "preview", queries, "--new", new.parent / "none")
    assert result.exit_code == 1
    assert "is no folder; make it" in result.stdout
    result = call("site", "preview", queries, "--new", new.parent, "--old", new)
    assert result.exit_code == 1
    assert "没这个" in result.stderr
