"""Figures of judged pairs, and the pages of wrong answers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labels.evaluate.query_pages import intents_page, rewrites_page
from labels.evaluate.rewrite import (
    MISSING,
    Guess,
    JudgedPair,
    area,
    average_precision,
    score_rewrites,
)

SHARED = Path(os.environ.get("HIRELENS_SHARED", Path(__file__).parents[2].parent / "shared"))
SCORER = SHARED / "eval" / "score_rewrites.py"

JUDGED = [
    JudgedPair("服务员", "餐厅服务员", 2),
    JudgedPair("服务员", "传菜员", 1),
    JudgedPair("服务员", "收银员", 0),
    JudgedPair("会计", "财务会计", 2),
    JudgedPair("会计", "<b>出纳</b>", 0),
    JudgedPair("会计", "厨师", 0),
]
GUESSES = {
    ("服务员", "餐厅服务员"): Guess(0.9, accept=True, source="taxonomy"),
    ("服务员", "传菜员"): Guess(0.4, accept=False, source="encoder"),
    ("服务员", "收银员"): Guess(0.4, accept=False, source="encoder"),
    ("会计", "财务会计"): Guess(0.8, accept=True, source="taxonomy"),
    ("会计", "<b>出纳</b>"): Guess(0.7, accept=True, source="encoder", why="encoder 0.70"),
}


def test_figures_of_a_small_set() -> None:
    found = score_rewrites(JUDGED, GUESSES)
    values = {name: e.value if e else None for name, e in found.figures().items()}
    assert found.missing == 1
    # Of nine (good, wrong) couples one is lost and one is a tie.
    assert values["auc"] == pytest.approx(7.5 / 9)
    assert values["average_precision"] == pytest.approx((1 + 1 + 3 / 4) / 3)
    assert values["precision"] == pytest.approx(2 / 3)
    assert values["bad_case_rate"] == pytest.approx(1 / 3)
    assert values["recall"] == pytest.approx(2 / 3)
    assert values["accuracy"] == pytest.approx(4 / 6)
    assert {item.name: (item.pairs, item.accepted, item.right) for item in found.sources} == {
        "encoder": (3, 1, 0),
        "nobody": (1, 0, 0),
        "taxonomy": (2, 2, 2),
    }


def test_intervals_hold_the_figures_and_are_drawn_over_queries() -> None:
    found = score_rewrites(JUDGED, GUESSES)
    for estimate in found.figures().values():
        assert estimate is not None
        assert estimate.low <= estimate.value <= estimate.high
    one = score_rewrites(JUDGED[:3], GUESSES)
    # One query alone is drawn whole every time: nothing varies.
    assert one.recall is not None
    assert (one.recall.low, one.recall.high) == (one.recall.value, one.recall.value)


def test_what_cannot_be_counted_is_none() -> None:
    found = score_rewrites(JUDGED[:2], {})
    assert found.auc is None
    assert found.precision is None
    assert found.recall is not None
    assert found.recall.value == 0
    assert score_rewrites([], {}).auc is None
    assert found.to_mapping()["missing"] == 2


@pytest.mark.skipif(not SCORER.is_file(), reason=f"{SCORER} is missing")
def test_figures_are_those_of_the_shared_scorer(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    judged = [JudgedPair(f"q{n % 40}", f"c{n}", int(rng.integers(3))) for n in range(400)]
    guesses = {
        (pair.query, pair.candidate): Guess(
            round(float(rng.random()) * 0.6 + 0.2 * pair.label, 2),
            accept=bool(rng.random() < 0.3 + 0.3 * pair.label),
        )
        for pair in judged[:390]
    }
    gold, run = tmp_path / "gold.jsonl", tmp_path / "run.tsv"
    lines = [
        json.dumps({"query": p.query, "candidate": p.candidate, "label": p.label}) for p in judged
    ]
    gold.write_text("\n".join(lines), "utf-8")
    rows = [f"{q}\t{c}\t{g.score}\t{int(g.accept)}\n" for (q, c), g in guesses.items()]
    run.write_text("".join(rows), "utf-8")
    words = subprocess.run(
        [sys.executable, SCORER, gold, run], capture_output=True, check=True, text=True
    ).stdout.split()
    told = {words[at]: float(words[at + 1]) for at in range(0, len(words), 2)}
    found = score_rewrites(judged, guesses)
    ours = {name: e.value for name, e in found.figures().items() if e is not None}
    ours["ap"] = ours.pop("average_precision")
    assert told.pop("pairs") == found.pairs
    assert told.pop("missing") == found.missing
    assert told == {name: pytest.approx(value, abs=5.1e-5) for name, value in ours.items()}


numbers = st.lists(st.tuples(st.integers(0, 5), st.booleans(), st.integers(0, 3)), max_size=12)


@given(numbers)
def test_a_weight_is_as_good_as_repeating_the_pair(rows: list[tuple[int, bool, int]]) -> None:
    scores = np.array([row[0] for row in rows], dtype=float)
    good = np.array([row[1] for row in rows], dtype=bool)
    weights = np.array([row[2] for row in rows])
    if not len(rows) or not weights[good].sum() or not weights[~good].sum():
        return
    again = np.repeat(np.arange(len(rows)), weights)
    once = np.ones((1, len(again)))
    assert area(scores, good, weights[None, :]) == pytest.approx(
        area(scores[again], good[again], once)
    )


@given(st.permutations(range(5)))
def test_average_precision_is_one_where_all_good_ones_come_first(order: list[int]) -> None:
    scores = np.array([9.0, 8, 7, 1, 0])[order]
    good = np.array([True, True, True, False, False])[order]
    once = np.ones((1, 5))
    assert average_precision(scores, good, once)[0] == 1
    assert area(scores, good, once)[0] == 1
    assert area(-scores, good, once)[0] == 0


def test_the_page_shows_what_is_wrong_and_escapes_it() -> None:
    page = rewrites_page("wrong <pairs>", JUDGED, GUESSES)
    assert "wrong &lt;pairs&gt;" in page
    assert "&lt;b&gt;出纳&lt;/b&gt;" in page
    assert "accepted, but wrong (1 of 6)" in page
    assert "refused, but good (1 of 6)" in page
    assert "餐厅服务员" not in page
    assert MISSING.score == float("-inf")
    good = {(p.query, p.candidate): Guess(1.0, accept=bool(p.label)) for p in JUDGED}
    assert "No pair is answered wrongly" in rewrites_page("x", JUDGED, good)


def part(text: str, attribute: str) -> dict[str, Any]:
    return {"text": text, "attribute": attribute}


def test_the_page_of_queries_shows_both_readings() -> None:
    judged = [
        {"query": "北京 保安", "intents": [part("北京", "location"), part("保安", "position")]},
        {"query": "会计", "intents": [part("会计", "position")]},
    ]
    guard = part("保安", "position") | {"negated": True}
    read = [{"query": "北京 保安", "intents": [part("北京", "company"), guard]}, judged[1]]
    page = intents_page("queries", judged, read)
    assert "not exact (1 of 2)" in page
    assert "北京: location | 保安: position" in page
    assert "北京: company | not 保安: position" in page
    assert "会计" not in page
    assert "Every query is exact" in intents_page("queries", judged, judged)
