"""``hirelens evaluate channels`` on a small graded set, with the tiny bundle."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from verbs_support import ok, write_lines

Call = Callable[..., Result]


def _post(id_: str, title: str, grade: int, has_word: bool) -> dict[str, Any]:
    return {"id": id_, "title": title, "body": "包吃住。", "grade": grade, "has_word": has_word}


GRADED = (
    {
        "id": "q1", "group": "g", "half": "look", "query": "服务员",
        "posts": [
            _post("a1", "招聘服务员", 2, True),
            _post("a2", "送餐", 2, False),
            _post("a3", "会计不如服务员", 0, True),
        ],
        "also": [{"query": "q2", "post": "a3", "grade": 1}],
    },
    {
        "id": "q2", "group": "g", "half": "blind", "query": "会计",
        "posts": [_post("b1", "招会计", 2, True), _post("b2", "仓库管理", 0, False)],
    },
)  # fmt: skip


@pytest.fixture
def graded(tmp_path: Path) -> Path:
    return write_lines(tmp_path / "graded.jsonl", GRADED)


def _figures(text: str) -> dict[str, str]:
    return {line[:18].strip(): line[18:].strip() for line in text.splitlines()}


def test_every_run_scores_as_the_shared_scorer_does(
    call: Call, graded: Path, tmp_path: Path, shared: Path
) -> None:
    out = tmp_path / "runs"
    found = json.loads(ok(call("evaluate", "channels", graded, "--out", out, "--json")).stdout)
    for channel in ("plain", "text", "intent", "vector", "all"):
        done = subprocess.run(
            [sys.executable, shared / "eval" / "score_relevance.py", graded,
             out / f"graded.{channel}.trec"],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        theirs = _figures(done.stdout)
        ours = found["graded"]["figures"][channel]
        assert f"{ours['ndcg@10']['value']:.4f}" == theirs["ndcg@10"]
        assert f"{ours['recall_without']['value']:.4f}" == theirs["recall@10 without"]
        assert f"{ours['bait']['value']:.4f}" == theirs["bait above"]


def test_without_stripping_every_named_position_answers(
    call: Call, graded: Path, bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    strict = shutil.copytree(bundle, tmp_path / "strict")
    calibration = json.loads((strict / "calibration.json").read_text("utf-8"))
    told = json.dumps({**calibration, "threshold": 1.0})  # this model calls nothing hired
    (strict / "calibration.json").write_text(told, "utf-8")
    monkeypatch.setenv("HIRELENS_MODEL", str(strict))
    found = json.loads(ok(call("evaluate", "channels", graded, "--json")).stdout)
    figures = found["graded"]["figures"]
    assert {"text", "page", "text, not stripped", "vector, not stripped"} <= figures.keys()
    assert figures["intent"]["map"]["value"] == 0.0
    assert figures["intent, not stripped"]["map"]["value"] == 0.5
    compared = {(one["first"], one["second"]) for one in found["graded"]["comparisons"]}
    assert ("all", "text") in compared
    assert ("vector", "vector, not stripped") in compared


def test_a_half_is_measured_alone(call: Call, graded: Path) -> None:
    found = json.loads(ok(call("evaluate", "channels", graded, "--half", "look", "--json")).stdout)
    assert found["graded"]["items"] == 1
    result = call("evaluate", "channels", graded, "--half", "dark")
    assert result.exit_code == 1
    assert "no query with half = 'dark'" in result.stderr


def test_a_crowd_stands_beside(call: Call, graded: Path, posts_file: Path, home: Path) -> None:
    ok(call("put", posts_file))
    before = sorted(path.name for path in home.iterdir())
    found = json.loads(ok(call("evaluate", "channels", graded, "--crowd", "--json")).stdout)
    places = found["crowd"]["figures"]["all"]["first_60_all"]
    assert places["count"] == 3
    assert places["value"] <= 1
    assert sorted(path.name for path in home.iterdir()) == before
    shown = ok(call("evaluate", "channels", graded, "--crowd")).stdout
    assert "in a crowd" in shown
    assert "right in the first 60" in shown


def test_a_crowd_must_be_there_and_be_others(
    call: Call, graded: Path, tmp_path: Path, home: Path
) -> None:
    result = call("evaluate", "channels", graded, "--crowd")
    assert result.exit_code == 1
    assert "holds no posts yet" in result.stderr
    ok(call("put", write_lines(tmp_path / "own.jsonl", [{"id": "a1", "title": "x", "body": "y"}])))
    result = call("evaluate", "channels", graded, "--crowd")
    assert result.exit_code == 1
    assert f"post 'a1' is in {home} too" in result.stderr


def test_a_malformed_line_is_told(call: Call, tmp_path: Path) -> None:
    path = write_lines(tmp_path / "graded.jsonl", [{"id": "q"}])
    result = call("evaluate", "channels", path)
    assert result.exit_code == 1
    assert "graded.jsonl:1: no query with graded posts" in result.stderr


def test_an_id_that_stands_twice_is_told(call: Call, tmp_path: Path) -> None:
    path = write_lines(tmp_path / "graded.jsonl", [GRADED[0], {**GRADED[0], "id": "q3"}])
    result = call("evaluate", "channels", path)
    assert result.exit_code == 1
    assert "post 'a1' stands twice" in result.stderr
