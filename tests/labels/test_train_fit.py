"""The loop itself: when it looks, when it stops, and which weights it keeps."""

from pathlib import Path

import pytest
import torch
from train_support import tiny_run

from enrich.encoder import RealityModel
from labels.train.base import load_base
from labels.train.config_file import ConfigError
from labels.train.data import read_gold
from labels.train.fit import Fitted, Job, Trainer, choose_device
from labels.train.items import Item, Reader
from labels.train.one import first_model
from labels.train.watch import Watch


def fit(
    tiny_bert: Path, judged: Path, scores: list[float], seen: list[torch.Tensor], **changes: int
) -> Fitted:
    """Fit six batches an epoch for four epochs; looks give ``scores`` one after the other."""
    entries = {f"fit.{name}": value for name, value in changes.items()}
    config = tiny_run(tiny_bert, judged, {"fit.epochs": 4, "fit.head_rate": 0.1, **entries})
    base = load_base(str(tiny_bert), 1, [])
    found = Reader(base.tokenizer, base.specials, 256).items(read_gold([judged]))
    assert len(found) == 48

    def look(model: RealityModel) -> dict[str, float]:
        seen.append(model.head[2].weight.detach().clone())
        return {"score": scores[len(seen) - 1]}

    def items(epoch: int) -> list[Item]:
        assert epoch in range(4)
        return found

    job = Job(judged.parent / "checkpoint.safetensors", "x", 1, "test")
    return Trainer(first_model(base, 1), base.specials.pad, config, job).run(
        items, [], look, Watch()
    )


def test_it_stops_without_a_better_look_and_keeps_the_best(tiny_bert: Path, judged: Path) -> None:
    seen: list[torch.Tensor] = []
    scores = [0.5, 0.8, 0.7, 0.8, 0.9, 0.9]
    fitted = fit(tiny_bert, judged, scores, seen, patience=2, evaluate_every=3)
    assert len(seen) == 4
    assert (fitted.place.step, fitted.place.best, fitted.place.score) == (12, 6, 0.8)
    assert torch.equal(fitted.model.head[2].weight, seen[1])
    assert not torch.equal(seen[1], seen[3])
    assert [look["score"] for look in fitted.place.looks] == scores[:4]


def test_without_patience_the_last_weights_stay(tiny_bert: Path, judged: Path) -> None:
    seen: list[torch.Tensor] = []
    fitted = fit(tiny_bert, judged, [0.9, 0.8, 0.7, 0.6], seen)
    assert len(seen) == 4  # once an epoch
    assert fitted.place.step == 24
    assert torch.equal(fitted.model.head[2].weight, seen[3])


def test_the_end_is_looked_at_as_well(tiny_bert: Path, judged: Path) -> None:
    seen: list[torch.Tensor] = []
    fitted = fit(tiny_bert, judged, [0.1] * 9, seen, evaluate_every=10)
    assert [look["step"] for look in fitted.place.looks] == [10, 20, 24]


def test_words_stay_in_place(tiny_bert: Path, judged: Path) -> None:
    fitted = fit(tiny_bert, judged, [0.1] * 4, [])
    base = load_base(str(tiny_bert), 1, [])
    state = fitted.model.encoder.state_dict()
    name = "embeddings.word_embeddings.weight"
    assert torch.equal(state[name], base.weights[name])
    other = "encoder.layer.0.output.dense.weight"
    assert not torch.equal(state[other], base.weights[other])


def test_a_gpu_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ConfigError, match="sees no GPU"):
        choose_device("cuda")
    assert choose_device("auto").type == "cpu"
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert choose_device("auto").type == "cuda"
    assert choose_device("cpu").type == "cpu"
