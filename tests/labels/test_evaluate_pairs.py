"""Figures of judged pairs, also against the shared scorer where it is present."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from labels.evaluate.pairs import RunError, judged_pairs, judged_words, read_run, report, score

SHARED = Path(os.environ.get("HIRELENS_SHARED", Path(__file__).parents[2].parent / "shared"))
SCORER = SHARED / "eval" / "score_pairs.py"


def post(id_: str, hired: list[str], *mentions: tuple[str, str]) -> dict[str, Any]:
    return {
        "id": id_,
        "hired": hired,
        "mentions": [{"text": text, "label": label} for text, label in mentions],
    }


ROWS = [
    post("1", ["服务员"], ("服务员", "H"), ("骑手", "N:compare"), ("会计", "X")),
    post("2", ["骑手", "分拣员"], ("骑手", "H"), ("服务员", "N:compare"), ("服务员", "X")),
    post("3", ["客服专员"], ("客服专员", "H"), ("客服", "X"), ("文员", "?")),
    post("4", [], ("Java 开发", "H")),
]


def test_each_pair_gets_its_verdict() -> None:
    assert judged_pairs(ROWS) == {
        ("服务员", "1"): "H",
        ("骑手", "1"): "N:compare",
        ("会计", "1"): "X",
        ("骑手", "2"): "H",
        ("服务员", "2"): "N:compare",
        ("客服专员", "3"): "H",
        ("客服", "3"): "inside_hired",
        ("java 开发", "4"): "H",
    }
    assert judged_words(judged_pairs(ROWS))[0] == "java 开发"


def test_figures_count_what_is_returned() -> None:
    returned = {("服务员", "1"), ("服务员", "2"), ("客服", "3"), ("厨师", "9")}
    figures = score(judged_pairs(ROWS), returned)
    assert (figures.pairs, figures.positives) == (7, 4)
    assert (figures.precision, figures.recall) == (0.5, 0.25)
    assert figures.f1 == 0.3333
    assert figures.to_mapping()["wrongly_returned"] == {"N:compare": "1/2", "X": "0/1"}
    assert str(figures.inside_hired) == "1/1"
    assert figures.unjudged == 1


def test_nothing_returned_is_zero_not_an_error() -> None:
    assert score(judged_pairs(ROWS), set()).f1 == 0.0
    assert score({}, set()).precision == 0.0


def test_posts_that_hire_for_several_are_reported_apart() -> None:
    figures = report(ROWS, {("骑手", "2"), ("服务员", "1")})
    assert figures.several.pairs == 2
    assert figures.several.f1 == 1.0
    assert figures.several.unjudged == 0
    assert figures.raw_several.precision == 0.5


def test_a_short_line_is_refused_by_number(tmp_path: Path) -> None:
    run = tmp_path / "run.trec"
    run.write_text("服务员 Q0 1 1 1.0 t\n\n服务员\n", encoding="utf-8")
    with pytest.raises(RunError, match="line 3"):
        read_run(run)


@pytest.mark.skipif(not SCORER.exists(), reason=f"{SCORER} is not here")
@pytest.mark.parametrize("seed", range(3))
def test_equals_the_shared_scorer(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    words = ["服务员", "服务", "Java 开发", "java", "送餐员", "餐员", "店长"]
    labels = ["H", "N:compare", "N:bait", "X", "?"]
    rows = [
        post(
            f"p{i}",
            rng.sample(words, rng.randrange(4)),
            *((rng.choice(words), rng.choice(labels)) for _ in range(rng.randrange(7))),
        )
        for i in range(60)
    ]
    gold, run = tmp_path / "gold.jsonl", tmp_path / "run.trec"
    gold.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    lines = [
        f"{word.replace(' ', '_')} Q0 p{i} 1 1.0 t\n"
        for word in words
        for i in range(70)
        if rng.random() < 0.4
    ]
    run.write_text("".join(lines), encoding="utf-8")
    printed = subprocess.run(
        [sys.executable, str(SCORER), str(gold), str(run), "--json"],
        capture_output=True,
        check=True,
    )
    ours = report(rows, read_run(run))
    assert json.loads(printed.stdout) == {
        "raw": ours.raw.to_mapping(),
        "run": ours.run.to_mapping(),
    }
