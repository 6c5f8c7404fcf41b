"""Label models: planted truth is recovered, and broken model files are refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from labels.weak.fit import METHODS, UNJUDGED, FitError, Method, fit
from labels.weak.functions import KINDS, load
from labels.weak.matrix import ABSTAIN, UNITS, Unit, by_kind, classes
from labels.weak.measure import measure
from labels.weak.model import LabelModel, ModelError

FUNCTIONS = load()
SOME = FUNCTIONS[::3]
MENTIONS = 1200
BLIND = {"dawid-skene", "one-coin"}
"""Methods that learn nothing from functions that only ever say one thing."""


def planted(one_sided: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return votes of independent functions of known accuracy, and the truth.

    ``one_sided``: each only ever votes for one class, as most labelling functions do.
    """
    rng = np.random.default_rng(3)
    truth = rng.choice(3, size=MENTIONS, p=[0.5, 0.2, 0.3]).astype(np.int8)
    votes = np.full((MENTIONS, len(SOME)), ABSTAIN, dtype=np.int8)
    for column in range(len(SOME)):
        accuracy = 0.55 + 0.4 * rng.random()
        if one_sided:
            # It speaks on its own class often and on another one seldom.
            own = column % 3
            chance = np.where(truth == own, 0.5, 0.5 * (1 - accuracy))
            votes[rng.random(MENTIONS) < chance, column] = own
        else:
            wrong = (truth + rng.integers(1, 3, MENTIONS)) % 3
            said = np.where(rng.random(MENTIONS) < accuracy, truth, wrong)
            spoken = rng.random(MENTIONS) < 0.4
            votes[spoken, column] = said[spoken]
    return votes, truth


def accuracy(model: LabelModel, votes: np.ndarray, truth: np.ndarray) -> float:
    voted = (votes != ABSTAIN).any(axis=1)
    return measure(model.judge(votes, SOME), voted, truth).accuracy


@pytest.mark.parametrize("method", METHODS)
def test_votes_of_two_sided_functions_reveal_the_truth(method: Method) -> None:
    votes, truth = planted(one_sided=False)
    model = fit(method, "function", votes, SOME, truth)
    assert accuracy(model, votes, truth) > 0.96


@pytest.mark.parametrize("method", sorted(set(METHODS) - BLIND))
def test_votes_of_one_sided_functions_reveal_the_truth(method: Method) -> None:
    votes, truth = planted(one_sided=True)
    model = fit(method, "function", votes, SOME, truth)
    assert accuracy(model, votes, truth) > 0.88


@pytest.mark.parametrize("method", sorted(BLIND))
def test_what_takes_silence_for_not_asked_is_blind_to_one_sided_functions(method: Method) -> None:
    votes, truth = planted(one_sided=True)
    model = fit(method, "function", votes, SOME)
    assert accuracy(model, votes, truth) < 0.6


@pytest.mark.parametrize("method", ["accuracy", "one-coin"])
def test_accuracies_are_those_that_were_planted(method: Method) -> None:
    votes, truth = planted(one_sided=False)
    model = fit(method, "function", votes, SOME, truth)
    real = [
        float((votes[:, c] == truth)[votes[:, c] != ABSTAIN].mean()) for c in range(votes.shape[1])
    ]
    assert np.abs(model.likelihood[:, 0, 0] - real).max() < 0.05


def test_judgements_of_some_mentions_help_the_others() -> None:
    votes, truth = planted(one_sided=True)
    known = np.where(np.arange(MENTIONS) < 300, truth, UNJUDGED).astype(np.int8)
    model = fit("judged-dawid-skene", "function", votes, SOME, known)
    assert accuracy(model, votes[300:], truth[300:]) > 0.88


def test_kinds_vote_by_their_majority_and_abstain_on_a_tie() -> None:
    votes = np.full((3, len(FUNCTIONS)), ABSTAIN, dtype=np.int8)
    title = [at for at, function in enumerate(FUNCTIONS) if function.kind == "title"]
    votes[0, title[:3]] = [0, 0, 1]
    votes[1, title[:2]] = [0, 1]
    found = by_kind(votes, FUNCTIONS)
    assert found.shape == (3, len(KINDS))
    assert found[:, 0].tolist() == [0, ABSTAIN, ABSTAIN]
    assert (found[:, 1:] == ABSTAIN).all()


def test_classes_of_votes() -> None:
    assert classes([["N:coop", None, "X", "H"]], 4).tolist() == [[1, ABSTAIN, 2, 0]]
    assert classes([], 4).shape == (0, 4)


@pytest.mark.parametrize("unit", UNITS)
def test_a_model_is_read_back_as_it_was_written(unit: Unit, tmp_path: Path) -> None:
    votes, truth = planted(one_sided=True)
    model = fit("judged-dawid-skene", unit, votes, SOME, truth)
    path = tmp_path / "model.json"
    path.write_text(model.to_json(), "utf-8")
    again = LabelModel.load(path)
    assert again.digest == model.digest
    assert np.allclose(again.judge(votes, SOME), model.judge(votes, SOME), atol=0.01)


def test_the_shipped_model_fits_the_functions_and_says_the_prior_where_nobody_votes() -> None:
    model = LabelModel.load()
    model.check(FUNCTIONS, "shipped")
    silence = np.full((1, len(FUNCTIONS)), ABSTAIN, dtype=np.int8)
    odds = model.judge(silence, FUNCTIONS)[0]
    assert odds == pytest.approx(model.prior / model.prior.sum())
    assert model.judge(silence[:0], FUNCTIONS).shape == (0, 3)


def test_a_model_of_other_functions_is_refused() -> None:
    with pytest.raises(ModelError, match="fitted with other labelling functions"):
        LabelModel.load().check(FUNCTIONS[1:], "here")
    with pytest.raises(ModelError, match="another order"):
        LabelModel.load().check(FUNCTIONS[::-1], "here")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("format", 99),
        ("classes", ["H", "X", "N"]),
        ("unit", "team"),
        ("prior", [0.5, 0.5]),
        ("prior", [0.5, 0.5, -1]),
        ("prior", [0.5, 0.5, float("nan")]),
        ("voters", {}),
        ("voters", {"title": [[1, 0, 0]]}),
        ("voters", 7),
        ("functions", None),
    ],
)
def test_broken_model_files_are_refused(field: str, value: Any, tmp_path: Path) -> None:
    data = json.loads(LabelModel.load().to_json())
    path = tmp_path / "model.json"
    path.write_text(json.dumps({**data, field: value}), "utf-8")
    with pytest.raises(ModelError, match="is no label model"):
        LabelModel.load(path)


@pytest.mark.parametrize("text", ["", "[]", "7", "{", '{"format": 1}'])
def test_files_that_are_no_model_are_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    path.write_text(text, "utf-8")
    with pytest.raises(ModelError, match="is no label model"):
        LabelModel.load(path)


def test_nothing_to_fit_on_is_told() -> None:
    silence = np.full((4, len(SOME)), ABSTAIN, dtype=np.int8)
    with pytest.raises(FitError, match="no labelling function votes"):
        fit("majority", "function", silence, SOME)
    votes, _ = planted(one_sided=True)
    with pytest.raises(FitError, match="needs judged mentions"):
        fit("accuracy", "kind", votes, SOME)
    unknown = np.full(len(votes), UNJUDGED, dtype=np.int8)
    with pytest.raises(FitError, match="needs judged mentions"):
        fit("judged-dawid-skene", "kind", votes, SOME, unknown)


def test_figures_of_a_small_set() -> None:
    odds = np.array([[0.9, 0.1, 0.0], [0.6, 0.4, 0.0], [0.0, 0.2, 0.8], [0.5, 0.3, 0.2]])
    truth = np.array([0, 1, 2, 0], dtype=np.int8)
    found = measure(odds, np.array([True, True, True, False]), truth)
    assert (found.mentions, found.coverage) == (4, 0.75)
    assert found.accuracy == pytest.approx(2 / 3)
    assert (found.precision, found.recall, found.f1) == (0.5, 0.5, 0.5)
    assert (found.sure, found.sure_accuracy) == (pytest.approx(1 / 3), 1.0)
    assert found.log_loss == pytest.approx(-np.log([0.9, 0.4, 0.8]).mean())
    assert found.ece == pytest.approx((0.1 + 0.6 + 0.2) / 3)


def test_figures_without_any_vote() -> None:
    found = measure(np.full((2, 3), 1 / 3), np.zeros(2, dtype=bool), np.zeros(2, dtype=np.int8))
    assert (found.coverage, found.accuracy, found.f1, found.log_loss, found.ece) == (0, 0, 0, 0, 0)
