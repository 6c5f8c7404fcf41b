"""One text through the network alone: the same weights, two to three times as fast.

A query has some ten tokens, so that most of the time goes into reading weights: they are packed
once as oneDNN reads them best, in bfloat16 where the processor multiplies such numbers (cosine to
single precision 0.9999). Sums, norms and the projection stay in single precision. Without padding
there is no mask.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.nn import functional

if TYPE_CHECKING:
    from enrich.towers.net import TowerNet

_TOKENS = 12
"""How long a text the weights are packed for; others take hardly longer."""
_CLOSE = {torch.float32: 1e-6, torch.bfloat16: 1e-3}
"""How far from one the cosine to the network's own vector may be."""

Linear = Callable[[Tensor], Tensor]


@dataclass(frozen=True, slots=True)
class _Layer:
    """One layer of BERT: its products, then its two normalisations."""

    attend: Linear
    attended: Linear
    widen: Linear
    narrow: Linear
    first: nn.LayerNorm
    second: nn.LayerNorm


class SingleTower:
    """The query side of mean-pooled towers, for one tokenised text at a time."""

    def __init__(self, net: TowerNet, *, half: bool = False) -> None:
        """Pack the weights of a network in single precision, which must not be trained further.

        ``half``: multiply in bfloat16.

        Raises:
            RuntimeError: torch cannot pack them here, or what comes out is something else.
        """
        if net.convolution is not None:
            raise RuntimeError("only mean pooling is done for one text alone")
        self._embed = net.encoder.embeddings
        self._heads = int(net.encoder.config.num_attention_heads)
        self._query = net.query
        self._kind = torch.bfloat16 if half else torch.float32
        with torch.inference_mode():
            self._layers = [_layer(one, self._kind) for one in net.encoder.encoder.layer]
            ids = list(range(_TOKENS))
            whole = net(torch.tensor([ids]), torch.ones(1, _TOKENS, dtype=torch.long), "query")
            if not float(self._vector(ids) @ whole[0]) > 1 - _CLOSE[self._kind]:
                raise RuntimeError("packed weights give other vectors")

    def vector(self, ids: Sequence[int]) -> list[float]:
        """Return the unit vector of a text, its special tokens and prefix included."""
        with torch.inference_mode():
            return [float(value) for value in self._vector(ids).tolist()]

    def _vector(self, ids: Sequence[int]) -> Tensor:
        states = self._embed(input_ids=torch.tensor([list(ids)]))[0]
        length, width = states.shape
        for layer in self._layers:
            parts = layer.attend(states.to(self._kind))
            parts = parts.view(length, 3, self._heads, width // self._heads)
            query, key, value = parts.permute(1, 2, 0, 3)[:, None]
            mixed = functional.scaled_dot_product_attention(query, key, value)[0]
            mixed = layer.attended(mixed.transpose(0, 1).reshape(length, width))
            states = layer.first(states + mixed)
            wide = functional.gelu(layer.widen(states.to(self._kind)))
            states = layer.second(states + layer.narrow(wide))
        mean = functional.normalize(states.mean(dim=0, keepdim=True), dim=1)
        return functional.normalize(self._query(mean), dim=1)[0]


def single_tower(net: TowerNet) -> SingleTower | None:
    """Return it where this network and this build of torch allow it, as fast as they allow."""
    for half in (True, False) if has_half_products() else (False,):
        try:
            return SingleTower(net, half=half)
        except (RuntimeError, AttributeError, NotImplementedError):
            continue
    return None


def has_half_products() -> bool:
    """Tell whether this processor multiplies bfloat16 numbers; else they are slower, not faster."""
    asked = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    return any(getattr(torch.cpu, name, bool)() for name in asked)


def _layer(layer: Any, kind: torch.dtype) -> _Layer:  # noqa: ANN401 - a layer of transformers
    looks = layer.attention.self
    asked = (looks.query, looks.key, looks.value)
    weight = torch.cat([one.weight for one in asked])
    bias = torch.cat([one.bias for one in asked])
    out, widen, narrow = layer.attention.output, layer.intermediate.dense, layer.output
    return _Layer(
        _packed(weight, bias, kind),
        _packed(out.dense.weight, out.dense.bias, kind),
        _packed(widen.weight, widen.bias, kind),
        _packed(narrow.dense.weight, narrow.dense.bias, kind),
        out.LayerNorm,
        narrow.LayerNorm,
    )


def _packed(weight: Tensor, bias: Tensor, kind: torch.dtype) -> Linear:
    dense = weight.detach().to(kind).contiguous()
    packed = torch.ops.mkldnn._reorder_linear_weight(dense, _TOKENS)
    apply, shift = torch.ops.mkldnn._linear_pointwise, bias.detach().to(kind)
    return lambda states: apply(states, packed, shift, "none", [], "")
