"""The loop itself: when it looks, when it stops, and which weights it keeps."""

import random
from pathlib import Path

import pytest
import torch
from train_support import OFF, tiny_run

from enrich.encoder import RealityModel
from labels.train import one
from labels.train.base import load_base
from labels.train.config_file import ConfigError
from labels.train.data import Example, read_gold
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

    asked: list[int] = []

    def items(epoch: int) -> list[Item]:
        asked.append(epoch)
        return found

    job = Job(judged.parent / "checkpoint.safetensors", "x", 1, "test")
    fitted = Trainer(first_model(base, 1), base.specials.pad, config, job).run(
        items, [], look, Watch()
    )
    assert asked == list(range(4))[: len(asked)]
    assert fitted.place.step <= 6 * len(asked)
    return fitted


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


def test_half_the_precision_is_for_the_network_alone(tiny_bert: Path, judged: Path) -> None:
    whole = fit(tiny_bert, judged, [0.5] * 4, []).model.head[2].weight
    half = fit(tiny_bert, judged, [0.5] * 4, [], half=True).model.head[2].weight
    assert half.dtype is torch.float32
    assert not torch.equal(half, whole)
    assert (half - whole).abs().mean() < 0.05


def test_every_epoch_is_augmented_and_ordered_anew(
    tiny_bert: Path, judged: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[float] = []
    orders: list[tuple[int, ...]] = []

    def augment(
        examples: list[Example], recipe: object, rng: random.Random, words: object
    ) -> list[Example]:
        del recipe, words
        drawn.append(rng.random())
        return examples

    def step(self: Trainer, hard: list[Item], soft: list[Item]) -> float:
        del self, soft
        orders.append(tuple(item.post for item in hard))
        return 0.0

    monkeypatch.setattr(one, "augment", augment)
    monkeypatch.setattr(Trainer, "_step", step)
    config = tiny_run(tiny_bert, judged, {"augment": {**OFF, "chain": 0.5}})
    setting = one.Setting(config, load_base(str(tiny_bert), 1, []), [], "x", Watch())
    one.train_one(setting, tmp_path / "seed-1", (read_gold([judged]), []), (1, 1))
    assert len(set(drawn)) == len(drawn) == 3
    epochs = [orders[at : at + 6] for at in (0, 6, 12)]
    assert all(sorted(p for batch in e for p in batch) == list(range(48)) for e in epochs)
    assert epochs[0] != epochs[1] != epochs[2] != epochs[0]


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
