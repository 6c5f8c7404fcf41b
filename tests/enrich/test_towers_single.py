"""One query through packed weights: the vector that the network gives."""

from __future__ import annotations

import pytest
import torch

from enrich.towers.net import TowerNet, TowerShape
from enrich.towers.single import SingleTower, has_half_products, single_tower

CONFIG = {
    "vocab_size": 50,
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 64,
    "max_position_embeddings": 64,
}


def net(pooling: str = "mean", **more: object) -> TowerNet:
    torch.manual_seed(3)
    shape = TowerShape(pooling=pooling, dimensions=16)  # type: ignore[arg-type]
    made = TowerNet({**CONFIG, **more}, shape).eval()
    with torch.no_grad():
        for weight in made.parameters():
            weight.add_(0.2 * torch.randn_like(weight))  # biases and norms that are not trivial
    return made


def of_network(whole: TowerNet, length: int) -> tuple[list[int], torch.Tensor]:
    ids = [(7 * n + 3) % 50 for n in range(length)]
    with torch.inference_mode():
        mask = torch.ones(1, length, dtype=torch.long)
        return ids, whole(torch.tensor([ids]), mask, "query")[0]


@pytest.mark.parametrize("length", [1, 2, 7, 12, 13, 64])
def test_the_vector_is_that_of_the_network(length: int) -> None:
    whole = net()
    ids, expected = of_network(whole, length)
    found = SingleTower(whole).vector(ids)
    assert found == pytest.approx(expected.tolist(), abs=1e-5)
    assert sum(value * value for value in found) == pytest.approx(1.0, abs=1e-5)


@pytest.mark.skipif(not has_half_products(), reason="this processor multiplies no bfloat16")
@pytest.mark.parametrize("length", [1, 2, 7, 12, 13, 64])
def test_half_the_precision_hardly_moves_it(length: int) -> None:
    whole = net()
    ids, expected = of_network(whole, length)
    found = torch.tensor(SingleTower(whole, half=True).vector(ids))
    assert 0.999 < float(found @ expected) < 1.0
    assert float(found @ found) == pytest.approx(1.0, abs=1e-5)


@pytest.mark.parametrize("half", [False, True])
def test_the_fastest_that_works_is_taken(half: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("enrich.towers.single.has_half_products", lambda: half)
    asked: list[bool] = []
    made = SingleTower.__init__

    def init(self: SingleTower, net: TowerNet, *, half: bool = False) -> None:
        asked.append(half)
        if half:
            raise RuntimeError("no such products here")
        made(self, net)

    monkeypatch.setattr(SingleTower, "__init__", init)
    assert single_tower(net()) is not None
    assert asked == ([True, False] if half else [False])


def test_what_it_cannot_do_is_left_to_the_network() -> None:
    assert single_tower(net("conv")) is None
    with pytest.raises(RuntimeError, match="mean pooling"):
        SingleTower(net("conv"))
    # Another activation: the vectors would be others, which is noticed.
    assert single_tower(net(hidden_act="relu")) is None
