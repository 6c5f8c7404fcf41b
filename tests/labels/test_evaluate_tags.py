"""Figures of marks and rejected tags, also against the shared scorer where it is present."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from labels.evaluate.tags import score_rejection, score_tags

SHARED = Path(os.environ.get("HIRELENS_SHARED", Path(__file__).parents[2].parent / "shared"))
SCORER = SHARED / "eval" / "score_tags.py"


def mark(attribute: str, start: int, end: int, value: Any = None, **more: str) -> dict[str, Any]:
    base = {"attribute": attribute, "field": "body", "start": start, "end": end}
    return {**base, "polarity": "+", "value": value, **more}


def enriched(id_: str, *marks: dict[str, Any]) -> dict[str, Any]:
    tags: dict[str, list[dict[str, Any]]] = {}
    for item in marks:
        tags.setdefault(item["attribute"], []).append(item)
    return {"id": id_, "tags": tags}


PAY = {"min": 4000, "max": 5000, "unit": "month"}


def test_marks_meet_by_overlap_field_and_polarity() -> None:
    gold = [{"id": "1", "tags": [mark("benefit", 0, 3), mark("benefit", 5, 7, polarity="-")]}]
    predicted = [enriched("1", mark("benefit", 2, 4), mark("benefit", 5, 7), mark("benefit", 3, 5))]
    figures = score_tags(gold, predicted).overall
    assert (figures.gold, figures.guessed, figures.met) == (2, 3, 1)
    assert (figures.precision, figures.recall) == (1 / 3, 1 / 2)


def test_one_judged_mark_is_met_once() -> None:
    gold = [{"id": "1", "tags": [mark("salary", 0, 9, PAY)]}]
    predicted = [enriched("1", mark("salary", 0, 4, PAY), mark("salary", 5, 9, PAY))]
    assert score_tags(gold, predicted).overall.met == 1


@pytest.mark.parametrize(
    ("value", "right"),
    [
        (PAY, 1),
        ({**PAY, "min": 4019}, 1),
        ({**PAY, "min": 4021}, 0),
        ({**PAY, "unit": "day"}, 0),
        ({**PAY, "max": None}, 0),
        ("open", 0),
    ],
)
def test_values_agree_within_half_a_per_cent(value: Any, right: int) -> None:
    gold = [{"id": "1", "tags": [mark("salary", 0, 4, PAY)]}]
    assert (
        score_tags(gold, [enriched("1", mark("salary", 0, 4, value))]).overall.value_right == right
    )


def test_mapping_names_missing_posts_and_leaves_positions_out() -> None:
    gold = [
        {"id": "1", "tags": [mark("age", 0, 4, {"min": 18, "max": None})]},
        {"id": "2", "tags": []},
    ]
    data = score_tags(gold, [enriched("1", mark("position", 0, 2), mark("gender", 0, 1, "any"))])
    mapping = data.to_mapping()
    assert mapping["missing"] == 1
    assert set(mapping["attributes"]) == {"age", "gender", "all"}
    assert mapping["attributes"]["age"] == {
        "gold": 1,
        "guessed": 0,
        "met": 0,
        "precision": 0.0,
        "recall": 0.0,
        "f1": 0.0,
        "value": 0.0,
    }
    assert "value" not in mapping["attributes"]["all"]


def test_rejection() -> None:
    gold = [
        {"id": "1", "tags": ["服务员", "骑手", "包吃"], "bad_tags": ["骑手", "包吃"]},
        {"id": "2", "tags": ["双休"], "bad_tags": []},
    ]
    enrichments = [
        {"id": "1", "rejected_tags": [{"tag": "骑手"}, {"tag": "餐饮"}]},
        {"id": "2", "rejected_tags": [{"tag": "双休"}]},
    ]
    figures = score_rejection(gold, enrichments)
    assert (figures.bad, figures.rejected, figures.right) == (2, 2, 1)
    assert figures.wrongly_rejected == (("2", "双休"),)
    assert figures.kept_bad == (("1", "包吃"),)
    assert figures.to_mapping()["precision"] == figures.to_mapping()["recall"] == 0.5


@pytest.mark.skipif(not SCORER.exists(), reason=f"the shared scorer is missing: {SCORER}")
def test_same_figures_as_the_shared_scorer(tmp_path: Path) -> None:
    chance = random.Random(7)
    gold, predicted = [], []
    for number in range(40):
        draw = [_random_mark(chance) for _ in range(6)]
        gold.append({"id": str(number), "tags": draw[:4]})
        predicted.append(enriched(str(number), *draw[2:]))
    paths = [tmp_path / "gold.jsonl", tmp_path / "predicted.jsonl"]
    for path, rows in zip(paths, (gold, predicted), strict=True):
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    shown = subprocess.run(
        [sys.executable, str(SCORER), *map(str, paths)], capture_output=True, text=True, check=True
    ).stdout
    figures = score_tags(gold, predicted)
    lines = [*figures.by_attribute, ("all", figures.overall)]
    for (name, item), line in zip(lines, shown.splitlines()[1:], strict=True):
        expected = (
            f"{name:10s} gold {item.gold:5d}  precision {item.precision:.3f}"
            f"  recall {item.recall:.3f}  f1 {item.f1:.3f}"
        )
        assert line.startswith(expected)
        if "value" in line:
            assert line.endswith(f"value {item.value:.3f}")


def _random_mark(chance: random.Random) -> dict[str, Any]:
    start = chance.randrange(20)
    return mark(
        chance.choice(["age", "benefit", "salary", "gender"]),
        start,
        start + chance.randrange(1, 6),
        {"min": chance.choice([18, 20, None]), "max": 45},
        polarity=chance.choice(["+", "-"]),
    )
