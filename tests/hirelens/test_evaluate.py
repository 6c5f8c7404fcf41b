"""The evaluation verbs on a small judged set, and the pure scoring of kept terms."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from verbs_support import ok, write_lines

from labels.evaluate.keep import Term, score

Call = Callable[..., Result]
TITLE, BODY = "招聘服务员", "会计优先考虑，包吃住，双休，月薪4000元。"
GOLD = {
    "id": "g1",
    "title": TITLE,
    "body": BODY,
    "company": None,
    "hired": ["服务员"],
    "mentions": [
        {"field": "title", "start": 2, "end": 5, "text": "服务员", "label": "H"},
        {"field": "body", "start": 0, "end": 2, "text": "会计", "label": "N:exp"},
    ],
}
SECOND = {
    "id": "g2",
    "title": "Java 开发/会计",
    "body": "",
    "hired": ["java 开发", "会计"],
    "mentions": [
        {"field": "title", "start": 0, "end": 7, "text": "Java 开发", "label": "H"},
        {"field": "title", "start": 8, "end": 10, "text": "会计", "label": "H"},
    ],
}


@pytest.fixture
def gold(tmp_path: Path) -> Path:
    return write_lines(tmp_path / "gold.jsonl", [GOLD, SECOND])


def test_plain_reproduces_the_scorers_raw_line(call: Call, gold: Path) -> None:
    found = json.loads(ok(call("evaluate", "pairs", gold, "--channel", "plain", "--json")).stdout)
    assert found["run"] == found["raw"]
    assert found["several"] == found["raw_several"]
    assert (found["raw"]["pairs"], found["raw"]["positives"]) == (4, 3)


def test_the_run_scores_as_the_shared_scorer_does(
    call: Call, gold: Path, tmp_path: Path, shared: Path
) -> None:
    out = tmp_path / "run.trec"
    ours = json.loads(ok(call("evaluate", "pairs", gold, "--out", out, "--json")).stdout)
    scorer = shared / "eval" / "score_pairs.py"
    done = subprocess.run(
        [sys.executable, scorer, gold, out, "--json"], capture_output=True, text=True, check=True
    )
    theirs = json.loads(done.stdout)
    assert {name: ours[name] for name in ("raw", "run")} == theirs


def test_pairs_prints_reasons(call: Call, gold: Path) -> None:
    shown = ok(call("evaluate", "pairs", gold, "--channel", "plain")).stdout
    assert "N:exp" in shown
    assert "several" in shown


def test_evaluation_leaves_the_home_alone(call: Call, gold: Path, home: Path) -> None:
    ok(call("evaluate", "pairs", gold))
    assert not home.exists()


def test_keep(call: Call, gold: Path) -> None:
    found = json.loads(ok(call("evaluate", "keep", gold, "--words", 3, "--json")).stdout)
    assert {"benefit", "salary", "word"} <= found["rates"].keys()
    assert found["rates"]["all"]["rate"] == 1.0
    assert found["stripped"]["posts"] == 2
    assert "stripped" in ok(call("evaluate", "keep", gold)).stdout


def test_keep_score_counts_what_was_lost() -> None:
    stated = [Term("a", "benefit", "双休"), Term("b", "benefit", "双休"), Term("a", "word", "厨房")]
    found = score(stated, {"双休": {"a"}, "厨房": {"a", "b"}})
    assert (found.overall.kept, found.overall.total) == (2, 3)
    assert dict(found.by_kind)["benefit"].rate == 0.5
    assert found.lost == (Term("b", "benefit", "双休"),)
    assert score([], {}).overall.rate == 1.0


def test_tags(call: Call, tmp_path: Path) -> None:
    start = BODY.index("双休")
    mark = {
        "attribute": "benefit", "field": "body", "start": start, "end": start + 2,
        "text": "双休", "polarity": "+", "value": "双休",
    }  # fmt: skip
    gold = write_lines(
        tmp_path / "tags.jsonl", [{"id": "g1", "title": TITLE, "body": BODY, "tags": [mark]}]
    )
    judged = write_lines(
        tmp_path / "bad.jsonl", [GOLD | {"tags": ["保安", "双休"], "bad_tags": ["保安"]}]
    )
    found = json.loads(ok(call("evaluate", "tags", gold, "--rejection", judged, "--json")).stdout)
    assert found["marks"]["attributes"]["benefit"]["met"] == 1
    assert found["rejected_tags"]["bad"] == 1
    assert "rejected tags" in ok(call("evaluate", "tags", gold, "--rejection", judged)).stdout


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("oops", ":1: is not JSON"),
        ("[]", ":1: is no object with an id"),
        ('{"id": "a"}\n{"id": "a"}', ":2: id 'a' stands twice"),
        ("", "no judged post"),
        ('{"id": "a", "title": "x"}', "has no list 'mentions'"),
    ],
)
def test_malformed_gold_is_told(call: Call, tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text(text, "utf-8")
    result = call("evaluate", "pairs", path)
    assert result.exit_code == 1
    assert says in result.stderr


def test_train_needs_judged_posts(call: Call, tmp_path: Path) -> None:
    path = write_lines(tmp_path / "gold.jsonl", [{"id": "a"}])
    result = call("train", "reality", "--gold", path, "--out", tmp_path / "out")
    assert result.exit_code == 1
    assert "gold.jsonl:1: no judged post" in result.stderr
