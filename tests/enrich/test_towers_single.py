"""One query through packed weights: the vector that the network gives."""

from __future__ import annotations

import pytest
import torch

from enrich.towers.net import TowerNet, TowerShape
from enrich.towers.single import SingleTower, single_tower

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


@pytest.mark.parametrize("length", [1, 2, 7, 12, 13, 64])
def test_the_vector_is_that_of_the_network(length: int) -> None:
    whole = net()
    single = single_tower(whole)
    assert single is not None
    ids = [(7 * n + 3) % 50 for n in range(length)]
    with torch.inference_mode():
        mask = torch.ones(1, length, dtype=torch.long)
        expected = whole(torch.tensor([ids]), mask, "query")[0].tolist()
    found = single.vector(ids)
    assert found == pytest.approx(expected, abs=1e-5)
    assert sum(value * value for value in found) == pytest.approx(1.0, abs=1e-5)


def test_what_it_cannot_do_is_left_to_the_network() -> None:
    assert single_tower(net("conv")) is None
    with pytest.raises(RuntimeError, match="mean pooling"):
        SingleTower(net("conv"))
    # Another activation: the vectors would be others, which is noticed.
    assert single_tower(net(hidden_act="relu")) is None
