"""The demonstration: its figures, its reasons and its picture."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from verbs_support import ok

import hirelens.commands.demo as verb
from hirelens.demo.data import QUERIES
from hirelens.demonstration import POSTS, Figures, read_truth
from hirelens.evidence import clause_of, why_not
from hirelens.inputs import Given, read_posts

Call = Callable[..., Result]


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A tenth of the demo's posts: the random model needs no more."""
    path = tmp_path / "posts.jsonl"
    lines = POSTS.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[::10]))
    monkeypatch.setattr(verb, "POSTS", path)


@pytest.mark.usefixtures("few")
def test_demo_compares_both_searches(call: Call, home: Path) -> None:
    found = json.loads(ok(call("demo", "--json")).stdout)
    assert [row["query"] for row in found["queries"]] == list(QUERIES)
    for name in ("plain", "hirelens"):
        total = sum(row[name]["figures"]["right"] for row in found["queries"])
        assert found[name]["right"] == total
        assert sum(hit["right"] for r in found["queries"] for hit in r[name]["hits"]) == total
    assert not home.exists()


@pytest.mark.usefixtures("few")
def test_demo_prints_and_draws(call: Call, home: Path, tmp_path: Path) -> None:
    picture = tmp_path / "demo.svg"
    shown = ok(call("demo", "--svg", picture, "--keep", "--rows", 2)).stdout
    assert "plain text search  precision" in shown
    assert "hirelens search    precision" in shown
    assert all(f"search: {query}" in shown for query in QUERIES)
    drawn = picture.read_text("utf-8")
    assert drawn.startswith("<svg")
    assert "@font-face" not in drawn
    ok(call("search", "保安"))
    assert home.exists()


def test_every_demo_post_is_good_and_judged() -> None:
    items = list(read_posts(str(POSTS)))
    truth = read_truth()
    assert all(isinstance(item, Given) for item in items)
    assert {item.post.id for item in items if isinstance(item, Given)} == truth.keys()
    assert len(truth) >= 200
    for query in QUERIES:
        assert sum(query in right for right in truth.values()) >= 3


def test_figures_add_up() -> None:
    total = Figures(4, 2, 5).plus(Figures(1, 1, 1))
    assert (total.precision, total.recall) == (0.6, 0.5)
    assert Figures(0, 0, 0).precision == 0.0


POST = {"title": "日结送餐员", "body": "别犹豫。服务员不如送餐员！会计报表要会看。"}
MENTIONS = [
    {"field": "title", "start": 2, "end": 5, "text": "送餐员", "label": "H", "reason": None},
    {"field": "body", "start": 4, "end": 7, "text": "服务员", "label": "N", "reason": "N:compare"},
]


def test_the_reason_is_the_clause() -> None:
    found = why_not("服务员", POST, {"mentions": MENTIONS})
    assert found is not None
    assert (found.label, found.clause) == ("N:compare", "服务员不如送餐员")
    assert "compared" in found.words


def test_a_hired_word_has_no_reason() -> None:
    assert why_not("送餐员", POST, {"mentions": MENTIONS}) is None
    assert why_not("保安", POST, {"mentions": MENTIONS}) is None


def test_a_word_that_is_no_mention_is_no_job_here() -> None:
    found = why_not("会计", POST, {"mentions": MENTIONS})
    assert found is not None
    assert (found.label, found.clause) == ("X", "会计报表要会看")


@pytest.mark.parametrize(
    ("text", "place", "clause"),
    [("一，二三。四", 3, "二三"), ("Ａ！<br>服務員", 6, "服務員"), ("", 0, ""), ("。。", 1, "。")],
)
def test_clause_of(text: str, place: int, clause: str) -> None:
    assert clause_of(text, place) == clause
