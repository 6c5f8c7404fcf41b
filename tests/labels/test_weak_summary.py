"""Figures of labelling functions on small made sets, and label models compared on them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from weak_support import functions, judged, reader, row

from labels.weak.against import against, held_out
from labels.weak.compare import compare
from labels.weak.fit import METHODS, fit_posts
from labels.weak.judged import halves, read_judged
from labels.weak.matrix import UNITS
from labels.weak.reader import GoldError, JudgedPost
from labels.weak.summary import summarise
from labels.weak.tables import against_table, comparison_table, meanings_table, summary_table
from labels.weak.votes import labelling

CHOSEN = [functions()[name] for name in ("offer_before", "headcount_after", "kept_out_after")]


def posts() -> list[JudgedPost]:
    return [
        judged("{保安}", "诚聘{保安}两名，{中介}勿扰。", "H H N:exclude", "a", company="甲"),
        judged("{厨师}", "诚聘{会计}。{服务员}勿扰。", "H N:bait ?", "b", company="乙"),
    ]


def test_summary_counts_votes_overlaps_conflicts_and_right_ones() -> None:
    found = summarise(posts(), CHOSEN)
    assert (found.posts, found.mentions) == (2, 5)
    assert found.labels == {"H": 3, "N": 2}
    assert (found.covered, found.conflicting) == (0.6, 0.0)
    before, count, out = found.functions
    assert (before.name, before.classes, before.votes) == ("offer_before", "H", 2)
    assert (before.coverage, before.overlap, before.accuracy) == (0.4, 0.2, 0.5)
    assert (count.votes, count.overlap, count.accuracy) == (1, 0.2, 1.0)
    assert (out.classes, out.votes, out.accuracy) == ("N", 1, 1.0)
    assert json.loads(json.dumps(found.to_mapping()))["functions"][0]["kind"] == "offer"


def test_a_conflict_is_counted_for_both_sides() -> None:
    contrary = [functions()[name] for name in ("headcount_after", "filled_after")]
    found = summarise([judged("招人", "{保安}两名已招满。", "N:exclude")], contrary)
    assert found.conflicting == 1.0
    assert [item.conflict for item in found.functions] == [1.0, 1.0]
    assert [item.accuracy for item in found.functions] == [0.0, 1.0]


def test_summary_of_nothing() -> None:
    found = summarise([], CHOSEN)
    assert (found.posts, found.mentions, found.covered) == (0, 0, 0.0)
    assert [item.accuracy for item in found.functions] == [None, None, None]


def test_tables_have_a_cell_for_every_column() -> None:
    tables = [summary_table(summarise(posts())), meanings_table(summarise(posts(), CHOSEN))]
    tables.append(against_table(against(posts(), [["H", "H", "H"], ["H", "H", "H"]])))
    assert all(
        len(cells) == len(table.columns) and table.rows for table in tables for cells in table.rows
    )


def test_a_rule_without_meaning_is_refused() -> None:
    def nameless(mention: object) -> None:
        del mention

    with pytest.raises(ValueError, match="nameless says not what it means"):
        labelling(nameless)  # type: ignore[arg-type]


def test_halves_share_no_employer() -> None:
    many = [judged("{保安}", "", "H", f"p{n}", company=f"firm {n % 40}") for n in range(120)]
    kept, held = halves(many)
    assert len(kept) + len(held) == 120
    assert min(len(kept), len(held)) > 20
    assert {post.group for post in kept}.isdisjoint(post.group for post in held)
    assert [post.id for post in held_out(many, 7)] == [post.id for post in held_out(many, 7)]
    assert len(held_out(many, 7)) == 7
    assert held_out(many, 10_000) == held


def test_every_label_model_is_compared_and_the_judged_ones_are_right_on_easy_posts() -> None:
    easy = [
        judged("{保安}", "诚聘{保安}两名，{中介}勿扰。完成{销售}目标。", "H H N:exclude X", f"p{n}")
        for n in range(24)
    ]
    steps: list[int] = []
    found = compare(easy, steps.append)
    assert [(item.method, item.unit) for item in found] == [
        (method, unit) for unit in UNITS for method in METHODS
    ]
    assert len(steps) == len(found)
    right = {item.method: item.figures.accuracy for item in found if item.unit == "function"}
    assert right["accuracy"] == right["judged-dawid-skene"] == right["majority"] == 1.0
    assert len(comparison_table(found).rows) == len(found)


def test_a_model_is_fitted_on_posts_and_undecided_mentions_do_not_count() -> None:
    model = fit_posts("accuracy", "function", [*posts(), judged("{保安}", "", "?", "c")])
    at = model.functions.index("offer_before")
    assert model.likelihood[at, 0, 0] == pytest.approx(0.5)


def test_functions_beside_a_model() -> None:
    found = against(posts(), [["H", "N", "H"], ["H", "H", "H"]], CHOSEN)
    assert (found.posts, found.mentions, found.model_right) == (2, 5, 2)
    before, count, out = found.functions
    assert (before.votes, before.right, before.model_right) == (2, 1, 0)
    assert (before.errors, before.mended, before.better) == (2, 1, True)
    assert (count.errors, count.mended) == (1, 1)
    assert (out.right, out.model_right, out.mended) == (1, 0, 1)
    same = against(posts(), [["H", "H", "N"], ["H", "N", "N"]], CHOSEN)
    assert [item.better for item in same.functions] == [False, False, False]


@pytest.mark.parametrize(
    "line",
    ["{", "[]", "7", '{"id": "a"}', '{"id":"a","title":"t","body":"b","mentions":7}']
    + [
        json.dumps({"id": "a", "title": "t", "body": "b", "mentions": [mention]})
        for mention in ({}, 7, {"field": "body", "start": "x", "end": 1})
    ],
)
def test_a_malformed_judged_line_is_named(line: str, tmp_path: Path) -> None:
    good, _ = row("{保安}", "")
    path = tmp_path / "gold.jsonl"
    path.write_text(json.dumps(good) + "\n\n" + line + "\n", "utf-8")
    with pytest.raises(GoldError, match=r"gold\.jsonl:3: "):
        list(read_judged([path], reader()))


def test_overlapping_and_empty_mentions_are_left_out() -> None:
    given, _ = row("{保安}", "", "H")
    given["mentions"] += [
        {"field": "title", "start": 1, "end": 2, "label": "X"},
        {"field": "body", "start": 0, "end": 0, "label": "X"},
        {"field": "elsewhere", "start": 0, "end": 1, "label": "X"},
    ]
    assert reader().read_judged(given, "test:1").labels == ("H",)
