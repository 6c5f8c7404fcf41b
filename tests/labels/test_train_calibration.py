import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from enrich.bundle import SHIPPED, BundleError, Calibration, bundle_digest, load_bundle
from enrich.encoder import CLASSES, group_log_probabilities
from enrich.reality import UNSURE, Verdict, decide, group_probabilities, verdicts
from enrich.windows import MarkedText
from labels.evaluate.calibration import (
    calibration_error,
    cross_fitted,
    fit_scaling,
    probabilities,
    reliability,
)
from labels.train.data import Example
from labels.train.scoring import (
    average_precision,
    choose_threshold,
    score_words,
    sure_threshold,
    word_pairs,
)


def overconfident(count: int, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    """Logits three times as large as what the classes were drawn from."""
    generator = torch.Generator().manual_seed(seed)
    logits = 1.5 * torch.randn(count, len(CLASSES), generator=generator)
    drawn = torch.multinomial(torch.softmax(logits, dim=1), 1, generator=generator)[:, 0]
    groups = torch.where(drawn == 0, 0, torch.where(drawn == 1, 2, 1))
    return 3 * logits, groups


@pytest.mark.parametrize("method", ["temperature", "vector"])
def test_scaling_mends_an_overconfident_model(method: str) -> None:
    logits, groups = overconfident(4000)
    scaling = fit_scaling(logits, groups, method)  # type: ignore[arg-type]
    if method == "temperature":
        assert scaling.temperature == pytest.approx(3.0, rel=0.1)
    fresh, truth = overconfident(4000, seed=1)
    for group in range(3):
        right = (truth == group).numpy()
        before = calibration_error(
            reliability(probabilities(fresh, Calibration())[:, group], right)
        )
        after = calibration_error(reliability(probabilities(fresh, scaling)[:, group], right))
        assert after < before / 2


def test_vector_scaling_moves_a_shifted_label() -> None:
    logits, groups = overconfident(4000)
    logits[:, 0] += 4
    found = probabilities(logits, fit_scaling(logits, groups, "vector"))
    shares = torch.bincount(groups, minlength=3) / len(groups)
    assert np.allclose(found.mean(axis=0), shares.numpy(), atol=0.02)
    assert np.allclose(found.sum(axis=1), 1)


def test_nothing_to_fit_changes_nothing() -> None:
    logits, groups = overconfident(10)
    assert fit_scaling(logits, groups, "none") == Calibration()
    assert fit_scaling(logits[:0], groups[:0], "temperature") == Calibration()


def test_a_set_without_errors_keeps_scales_finite() -> None:
    logits = torch.full((30, len(CLASSES)), -9.0)
    logits[:, 0] = 9.0
    scaling = fit_scaling(logits, torch.zeros(30, dtype=torch.long), "temperature")
    assert 0.05 < scaling.temperature < 5


def test_cross_fitting_never_fits_on_what_it_scales() -> None:
    logits, groups = overconfident(400)
    parts = [i % 4 for i in range(400)]
    found = cross_fitted(logits, groups, parts, "temperature")
    others = torch.tensor([p != 0 for p in parts])
    scaling = fit_scaling(logits[others], groups[others], "temperature")
    assert np.allclose(found[~others.numpy()], probabilities(logits[~others], scaling))


def test_reliability_counts_every_score_once() -> None:
    scores = np.array([0.0, 0.05, 0.5, 0.95, 1.0])
    truth = np.array([False, False, True, True, True])
    bins = reliability(scores, truth, bins=10)
    assert [b.count for b in bins] == [2, 1, 2]
    assert calibration_error(bins) == pytest.approx((2 * 0.025 + 0.5 + 2 * 0.025) / 5)
    assert calibration_error([]) == 0.0


SHIPPED_DIGEST = json.dumps({"strip_threshold": 0.5, "temperature": 1.0, "threshold": 0.55})


def test_the_shipped_calibration_is_read_as_it_was_written() -> None:
    stored = json.loads((SHIPPED / "calibration.json").read_text("utf-8"))
    calibration = Calibration.from_mapping(stored)
    for name, value in stored.items():
        assert getattr(calibration, name) == (tuple(value) if isinstance(value, list) else value)


def test_a_bundle_of_the_old_format_labels_as_before() -> None:
    old = Calibration.from_mapping(json.loads(SHIPPED_DIGEST))
    logits = {(0, n): torch.randn(len(CLASSES)) * 3 for n in range(200)}
    found = verdicts(logits, old)
    for key, row in logits.items():
        hired, mentioned, nothing = group_log_probabilities(row[None])[0].exp().tolist()
        verdict = found[key]
        assert verdict.hired == round(hired, 6)
        assert (verdict.mentioned, verdict.nothing) == (round(mentioned, 6), round(nothing, 6))
        label = decide([(0, 1)], [verdict], old)[0]
        expected = "H" if hired >= 0.55 else "N" if mentioned >= nothing else "X"
        assert label.label == expected
        assert label.reason == (CLASSES[2 + int(row[2:].argmax())] if expected == "N" else None)


def test_an_old_bundle_loads_and_keeps_its_digest(bundle_folder: Path) -> None:
    digest = bundle_digest(bundle_folder)
    bundle = load_bundle(bundle_folder)
    assert bundle.digest == digest
    assert bundle.calibration == Calibration(threshold=0.55)
    (bundle_folder / "calibration.json").write_text('{"sharpness": 2}', "utf-8")
    with pytest.raises(BundleError, match="sharpness"):
        load_bundle(bundle_folder)


@pytest.fixture
def bundle_folder(tiny_bert: Path, tmp_path: Path) -> Path:
    from enrich.bundle import save_bundle
    from labels.train.base import load_base
    from labels.train.one import first_model

    base = load_base(str(tiny_bert), 1, [])
    save_bundle(tmp_path / "new", first_model(base, 1), base.tokenizer, base.config,
                base.specials, Calibration(), "card")  # fmt: skip
    old = shutil.copytree(tmp_path / "new", tmp_path / "old")
    (old / "calibration.json").write_text(SHIPPED_DIGEST, "utf-8")
    return old


def test_scales_and_biases_survive_a_bundle(tiny_bert: Path, tmp_path: Path) -> None:
    from enrich.bundle import save_bundle
    from labels.train.base import load_base
    from labels.train.one import first_model

    wanted = Calibration(1.5, 0.4, 0.6, (1.0, 0.9, 1.1), (0.1, 0.0, -0.1), 0.8)
    base = load_base(str(tiny_bert), 1, [])
    save_bundle(tmp_path, first_model(base, 1), base.tokenizer, base.config, base.specials,
                wanted, "card")  # fmt: skip
    assert load_bundle(tmp_path).calibration == wanted


def test_unsure_is_kept_and_says_so() -> None:
    calibration = Calibration(threshold=0.4, hired_threshold=0.8)
    scores = (0.39, 0.4, 0.79, 0.8)
    found = decide([(0, 1)] * 4, [Verdict(p, 1 - p, 0.0, "N:exp") for p in scores], calibration)
    assert [(span.label, span.reason) for span in found] == [
        ("N", "N:exp"), ("H", UNSURE), ("H", UNSURE), ("H", None)]  # fmt: skip


def test_scaled_groups_still_sum_to_one() -> None:
    logits, _ = overconfident(50)
    moved = group_probabilities(logits, Calibration(2.0, scales=(1.2, 0.8, 1.0)))
    assert torch.allclose(moved.sum(dim=1), torch.ones(50))
    pushed = group_probabilities(logits, Calibration(2.0, biases=(1.0, 0.0, 0.0)))
    assert bool((pushed[:, 0] > group_probabilities(logits, Calibration(2.0))[:, 0]).all())


def example(words: list[tuple[str, int]]) -> Example:
    text, spans = "", []
    for word, _ in words:
        spans.append((len(text), len(text) + len(word)))
        text += word + ","
    return Example("a", "a", MarkedText("", ()), MarkedText(text, tuple(spans)),
                   tuple(label for _, label in words))  # fmt: skip


def seen(scores: list[float]) -> dict[tuple[int, int], Verdict]:
    return {(0, n): Verdict(p, 1 - p, 0.0, "N:exp") for n, p in enumerate(scores)}


def test_pairs_follow_the_rules_of_the_scorer() -> None:
    post = example(
        [("客服专员", 0), ("客服", 1), ("司机", 4), ("司机", 1), ("厨师", -1), ("保安", 1)]
    )
    pairs = word_pairs([post], seen([0.9, 0.8, 0.2, 0.3, 0.5, 0.1]))
    assert [(p.word, p.label, p.score) for p in pairs] == [
        ("客服专员", "H", 0.9), ("司机", CLASSES[4], 0.3), ("保安", "X", 0.1)]  # fmt: skip


def test_the_sure_threshold_reaches_its_precision() -> None:
    post = example([("a", 0), ("b", 0), ("c", 4), ("d", 0), ("e", 4), ("f", 0)])
    found = seen([0.95, 0.9, 0.8, 0.7, 0.6, 0.5])
    sure = sure_threshold([post], found, 0.5, 0.99)
    assert sure == 0.9
    assert score_words([post], found, sure).precision == 1.0
    assert sure_threshold([post], found, 0.5, 0.6) is None
    wrong = seen([0.1, 0.1, 0.9, 0.1, 0.1, 0.1])
    assert sure_threshold([post], wrong, 0.5, 0.99) == 1.0
    assert choose_threshold([post], found) < 0.7
    apart = seen([0.95, 0.95, 0.05, 0.95, 0.05, 0.95])
    assert choose_threshold([post], apart) == 0.5  # all are as good: the middle is the safest


def test_average_precision_is_that_of_the_books() -> None:
    post = example([("a", 0), ("b", 4), ("c", 0), ("d", 4)])
    pairs = word_pairs([post], seen([0.9, 0.8, 0.7, 0.1]))
    assert average_precision(pairs) == pytest.approx((1 + 2 / 3) / 2)
    assert average_precision([]) == 0.0
    tied = word_pairs([post], seen([0.5, 0.5, 0.5, 0.5]))
    assert average_precision(tied) < 0.5  # ties count against the model
