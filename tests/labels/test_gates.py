"""Counterfactual gates: their arithmetic, and the shipped model on generated and judged posts."""

import os
from functools import cache
from pathlib import Path

import pytest
from augment_support import HIRED, build

from enrich.bundle import load_bundle
from enrich.encoder import CLASSES
from labels.evaluate.gate_cases import CHANGES, Case, from_judged, generated
from labels.evaluate.gates import BARS, GateFigure, Labels, judge_cases, score
from labels.train.data import Example, read_gold
from labels.train.folds import split

SHARED = Path(os.environ.get("HIRELENS_SHARED", Path(__file__).parents[2].parent / "shared"))
GOLD = SHARED / "data" / "gold"
TRAINING = ("train.jsonl", "train_manual.jsonl", "train_manual2.jsonl", "train_real2.jsonl")
POSTS = 60
EXCHANGE, OTHER, INSERTED, REPLACED, TITLE = BARS


def truth(example: Example) -> Labels:
    """What a perfect model says."""
    return tuple("H" if c == HIRED else "X" if c == 1 else "N" for c in example.classes)


def everything_hired(example: Example) -> Labels:
    return ("H",) * len(example.classes)


def figures(cases: list[Case], model: object) -> dict[str, GateFigure]:
    judged = [(model(c.before), model(c.after)) for c in cases]  # type: ignore[operator]
    return {figure.gate: figure for figure in score(cases, judged)}


def test_a_perfect_model_passes_every_gate_and_plain_search_only_the_idle_ones() -> None:
    cases = generated(20, 1)
    perfect = figures(cases, truth)
    assert {gate: (f.passed, f.good == f.total) for gate, f in perfect.items()} == dict.fromkeys(
        BARS, (True, True)
    )
    plain = figures(cases, everything_hired)
    assert {gate: f.good for gate, f in plain.items() if f.good} == {
        OTHER: plain[OTHER].total,
        REPLACED: 20,
    }
    assert not plain[EXCHANGE].passed


def test_a_seed_decides_the_cases_and_every_change_has_as_many_as_asked() -> None:
    cases = generated(12, 3)
    assert cases == generated(12, 3)
    assert cases != generated(12, 4)
    assert [sum(c.change == change for c in cases) for change in CHANGES] == [12] * 4
    for case in cases:
        assert case.before.hired == ()
        assert set(case.old).isdisjoint(case.new)


def test_one_flipped_mention_counts_once_and_names_its_post() -> None:
    before = build([("招", None), ("保安", HIRED)], [("会计", 1), ("包住", None)], "p")
    compare = CLASSES.index("N:compare")
    after = build(
        [("招", None), ("保安", HIRED)], [("会计", 1), ("包住,比", None), ("厨师", compare)], "p"
    )
    case = Case("insert", before, after, ("保安",), ("厨师",))
    found = {f.gate: f for f in score([case], [(("H", "X"), ("H", "N", "H"))])}
    assert (found[OTHER].good, found[OTHER].total, found[OTHER].missed) == (1, 2, ("p",))
    assert (found[INSERTED].good, found[INSERTED].total) == (0, 1)
    assert (found[EXCHANGE].share, found[EXCHANGE].passed) == (None, False)


def test_a_position_that_was_not_hired_before_says_nothing_about_keeping() -> None:
    before, after = (build([("招", None), (w, HIRED)], []) for w in ("保安", "门卫"))
    case = Case("replace", before, after, ("保安",), ("门卫",))
    for was, now, expected in (("H", "H", (1, 1)), ("H", "N", (0, 1)), ("N", "N", (0, 0))):
        found = {f.gate: f for f in score([case], [((was,), (now,))])}
        assert (found[REPLACED].good, found[REPLACED].total) == expected


@cache
def shipped_on_templates() -> dict[str, GateFigure]:
    cases = generated(POSTS, 1)
    return {f.gate: f for f in score(cases, judge_cases(load_bundle(), cases))}


@cache
def shipped_on_held_out() -> dict[str, GateFigure]:
    _, held = split(read_gold([GOLD / name for name in TRAINING]), 0.08)
    cases = from_judged(held, POSTS, 1)
    return {f.gate: f for f in score(cases, judge_cases(load_bundle(), cases))}


def gates(missed: dict[str, str]) -> list[object]:
    """Every gate; those that the shipped model misses are expected to fail, with its figure."""
    return [
        pytest.param(gate, marks=pytest.mark.xfail(strict=False, reason=missed[gate]))
        if gate in missed
        else gate
        for gate in BARS
    ]


@pytest.mark.model
@pytest.mark.slow
@pytest.mark.parametrize("gate", BARS)
def test_the_shipped_model_on_generated_posts(gate: str) -> None:
    figure = shipped_on_templates()[gate]
    print(figure)  # noqa: T201 - pytest -rA shows it
    assert figure.passed, figure


@pytest.mark.model
@pytest.mark.slow
@pytest.mark.skipif(not GOLD.is_dir(), reason="the judged training posts are not on this machine")
@pytest.mark.parametrize("gate", gates({
    EXCHANGE: "0.900 (0.750 to 1.000) of 20 posts",
    INSERTED: "0.968 (0.919 to 1.000) of 62 words",
    REPLACED: "0.948 (0.879 to 1.000) of 58 posts",
    TITLE: "0.647 (0.523 to 0.761) of 68 words",
}))  # fmt: skip
def test_the_shipped_model_on_a_held_out_part_of_the_training_posts(gate: str) -> None:
    figure = shipped_on_held_out()[gate]
    print(figure)  # noqa: T201 - pytest -rA shows it
    assert figure.passed, figure
