"""Losses, rates, batches, means of weights, layers: the small parts of a run."""

from pathlib import Path

import pytest
import torch
from torch import nn
from train_support import tiny_run

from enrich.bundle import Bundle, Calibration
from enrich.encoder import CLASSES
from enrich.windows import Window
from labels.train import seeds
from labels.train.averaging import follow, greedy, mean, mix
from labels.train.base import BaseError, load_base
from labels.train.checkpoint import Place
from labels.train.config import FitConfig
from labels.train.data import read_gold
from labels.train.items import Item, batches, chance, soft_batches
from labels.train.losses import class_weights, mention_loss, soft_loss
from labels.train.one import Setting, Trained, first_model
from labels.train.optimizer import build_optimizer, freeze, rate_of, set_rates
from labels.train.watch import Watch


def test_class_weights_pull_towards_their_class() -> None:
    logits = torch.zeros(2, len(CLASSES), requires_grad=True)
    classes = torch.tensor([0, 1])
    weights = class_weights({"X": 3.0})
    assert weights is not None
    mention_loss(logits, classes, 0.0, weights).backward()
    pull = -logits.grad[[0, 1], [0, 1]]  # type: ignore[index]
    assert pull[1] / pull[0] == pytest.approx(3.0)
    equal = mention_loss(logits, classes, 0.3, class_weights({"H": 1.0}))
    assert torch.equal(equal, mention_loss(logits, classes, 0.3))
    assert class_weights({}) is None


def test_only_undecided_mentions_move_nothing() -> None:
    logits = torch.randn(2, len(CLASSES), requires_grad=True)
    mention_loss(logits, torch.tensor([-1, -1]), 0.3).backward()
    assert logits.grad is not None
    assert not logits.grad.any()


def test_the_soft_loss_is_least_at_the_teacher() -> None:
    teacher = torch.randn(5, len(CLASSES))
    targets = torch.softmax(teacher / 2.0, dim=1)
    student = torch.randn(5, len(CLASSES))
    assert soft_loss(teacher, targets, 2.0).item() == pytest.approx(0.0, abs=1e-6)
    assert soft_loss(student, targets, 2.0).item() > 0.01


def test_each_layer_learns_slower_than_the_one_above() -> None:
    config = FitConfig(encoder_rate=1e-3, head_rate=1e-2, layer_decay=0.5)
    names = ("head.2.weight", "encoder.encoder.layer.1.x", "encoder.encoder.layer.0.x",
             "encoder.embeddings.position_embeddings.weight")  # fmt: skip
    assert [rate_of(name, 2, config) for name in names] == [1e-2, 1e-3, 5e-4, 2.5e-4]


def test_rates_rise_then_fall_to_zero(tiny_bert: Path) -> None:
    model = first_model(load_base(str(tiny_bert), 2, []), 1)
    freeze(model)
    optimizer = build_optimizer(model, FitConfig(layer_decay=0.5))
    assert len(optimizer.param_groups) == 4
    parameters = sum(len(group["params"]) for group in optimizer.param_groups)
    assert parameters == len(list(model.parameters())) - 1  # the words are frozen

    def rates(done: float) -> list[float]:
        set_rates(optimizer, done, 0.25)
        return [group["lr"] for group in optimizer.param_groups]

    full = [group["full_rate"] for group in optimizer.param_groups]
    assert rates(0.25) == full
    assert rates(0.125) == pytest.approx([rate / 2 for rate in full])
    assert rates(0.625) == pytest.approx([rate / 2 for rate in full])
    assert rates(1.0) == [0.0] * 4


def items(count: int) -> list[Item]:
    return [
        Item(Window(tuple(range(4 + i % 7)), ((0, 1, 2),), (1, 2), (3, 4)), (0,), i)
        for i in range(count)
    ]


def test_batches_hold_every_item_once_and_differ_by_epoch() -> None:
    found = batches(items(103), 8, chance(1, "order", 0))
    assert sorted(item.post for batch in found for item in batch) == list(range(103))
    assert len(found) == 13
    assert found == batches(items(103), 8, chance(1, "order", 0))
    assert found != batches(items(103), 8, chance(1, "order", 1))
    assert found != batches(items(103), 8, chance(2, "order", 0))
    spread = [max(lengths) - min(lengths) for batch in found
              if (lengths := [len(item.window.ids) for item in batch])]  # fmt: skip
    assert sum(spread) / len(spread) < 3


def test_soft_batches_last_for_a_whole_epoch() -> None:
    found = soft_batches(items(5), 2, 8, chance(1, "soft", 0))
    assert len(found) == 8
    assert {item.post for batch in found[:3] for item in batch} == set(range(5))
    assert soft_batches([], 2, 8, chance(1, "soft", 0)) == []


def test_means_of_weights() -> None:
    states = [{"w": torch.tensor([value]), "n": torch.tensor(3)} for value in (1.0, 2.0, 6.0)]
    assert mean(states)["w"].item() == 3.0
    assert mean(states)["n"].item() == 3

    def score(state: dict[str, torch.Tensor]) -> float:
        return -abs(state["w"].item() - 1.4)

    found, chosen = greedy(states, [-0.4, -0.6, -4.6], score)  # type: ignore[arg-type]
    assert chosen == [0, 1]
    assert found["w"].item() == 1.5


def test_the_average_follows_and_the_base_keeps_its_share() -> None:
    model, averaged = nn.Linear(2, 2), nn.Linear(2, 2)
    before = averaged.weight.detach().clone()
    model.bias.requires_grad_(False)
    bias = averaged.bias.detach().clone()
    follow(averaged, model, 0.75)
    assert torch.allclose(averaged.weight, 0.75 * before + 0.25 * model.weight)
    assert torch.equal(averaged.bias, bias)  # frozen parts are equal anyway
    base = {name: torch.zeros_like(value) for name, value in model.state_dict().items()}
    weight = model.weight.detach().clone()
    mix(model, base, 0.25)
    assert torch.allclose(model.weight, 0.75 * weight)


def test_chosen_layers_are_kept_and_numbered_anew(tiny_bert: Path) -> None:
    whole = load_base(str(tiny_bert), 3, []).weights
    some = load_base(str(tiny_bert), (0, 2), [])
    name = "encoder.layer.{}.output.dense.weight"
    assert some.config["num_hidden_layers"] == 2
    assert torch.equal(some.weights[name.format(1)], whole[name.format(2)])
    assert name.format(2) not in some.weights
    assert load_base(str(tiny_bert), 12, []).config["num_hidden_layers"] == 3
    with pytest.raises(BaseError, match="no layer 3"):
        load_base(str(tiny_bert), (0, 3), [])


@pytest.mark.parametrize(
    ("average", "heads"), [("none", [4, 5]), ("uniform", [4, 4]), ("greedy", [4, 4])]
)
def test_seeds_of_an_average_share_their_head(
    tiny_bert: Path,
    judged: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    average: str,
    heads: list[int],
) -> None:
    asked: list[tuple[int, int]] = []

    def train_one(setting: Setting, folder: Path, posts: object, both: tuple[int, int]) -> Trained:
        del folder, posts
        asked.append(both)
        base = setting.base
        model = first_model(base, both[1]).eval()
        return Trained(Bundle(model, base.tokenizer, base.specials, Calibration(), ""), Place())

    monkeypatch.setattr(seeds, "train_one", train_one)
    config = tiny_run(tiny_bert, judged, {"seeds": (4, 5), "average": average})
    setting = Setting(config, load_base(str(tiny_bert), 2, []), [], "x", Watch())
    examples = read_gold([judged])
    merged = seeds.train_seeds(setting, tmp_path, examples, examples)
    assert asked == list(zip((4, 5), heads, strict=True))
    assert set(merged.kept) <= {4, 5}


def test_a_new_head_follows_its_seed(tiny_bert: Path) -> None:
    base = load_base(str(tiny_bert), 2, [])
    first, same, other = (first_model(base, seed).head.state_dict() for seed in (1, 1, 2))
    assert all(torch.equal(first[name], same[name]) for name in first)
    assert not torch.equal(first["2.weight"], other["2.weight"])
