"""``hirelens evaluate fuse`` on a small graded set, with the tiny bundle."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from verbs_support import ok, write_lines

from hirelens.fusion_evaluation import PLAIN, TUNED, compared, table_of
from search.fusion import Fusion, read_fusion

Call = Callable[..., Result]


def _query(number: int, group: str, query: str) -> dict[str, object]:
    grades = ((2, True), (2, False), (0, True))
    posts = [
        {
            "id": f"q{number}-{n}",
            "title": f"招聘{query}" if has_word else "招聘",
            "body": "包吃住。",
            "grade": grade,
            "has_word": has_word,
        }
        for n, (grade, has_word) in enumerate(grades)
    ]
    return {"id": f"q{number}", "group": group, "query": query, "posts": posts}


@pytest.fixture
def graded(tmp_path: Path) -> Path:
    rows = [_query(1, "g", "服务员"), _query(2, "g", "会计"), _query(3, "h", "保安")]
    return write_lines(tmp_path / "graded.jsonl", rows)


def test_what_is_compared_holds_the_published_fusion_first() -> None:
    found = compared()
    first = found[0]
    assert (first.method, first.k) == ("rrf", 60)
    assert first.text + first.intent == first.vector
    assert len({one.model_dump_json() for one in found}) == len(found)
    assert {one.method for one in found} == {"rrf", "convex"}
    assert all(abs(one.text + one.intent + one.vector - 1) < 1e-9 for one in found[1:])


def test_the_table_can_be_read_back() -> None:
    for fusion in (Fusion(method="convex", text=0.3, intent=0, vector=0.7), Fusion(k=20)):
        table = tomllib.loads(table_of(fusion))["fusion"]
        assert read_fusion(table) == fusion


def test_figures_are_of_held_out_queries(call: Call, graded: Path) -> None:
    found = json.loads(ok(call("evaluate", "fuse", graded, "--json")).stdout)
    assert found["items"] == 3
    assert set(found["figures"]) == {"text", "intent", "vector", PLAIN, *TUNED.values()}
    assert set(found["folds"][TUNED["convex"]]) == {"g", "h"}
    assert found["folds"][TUNED["convex"]]["g"]["method"] == "convex"
    read_fusion(found["fusion"])
    again = json.loads(ok(call("evaluate", "fuse", graded, "--json")).stdout)
    assert again == found


def test_the_settings_table_is_printed(call: Call, graded: Path) -> None:
    shown = ok(call("evaluate", "fuse", graded)).stdout
    table = shown[shown.index("[fusion]") :]
    read_fusion(tomllib.loads(table)["fusion"])
    assert "group left out" in shown
    assert f"{TUNED['rrf']} - {PLAIN}" in shown


def test_one_group_is_refused(call: Call, tmp_path: Path) -> None:
    path = write_lines(tmp_path / "one.jsonl", [_query(1, "g", "服务员"), _query(2, "g", "会计")])
    result = call("evaluate", "fuse", path)
    assert result.exit_code == 1
    assert "name two" in result.stderr
