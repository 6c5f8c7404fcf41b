"""Training the tagger of queries: a small convolutional network over characters, seeded.

It sees numbers only: of each character itself, the part that it belongs to and how sure that is,
and which mark it should get. Who runs it makes the numbers (``hirelens train tagger``).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

NOTHING = -100
"""The mark of a blank: it is not learned."""

_UNKNOWN = 1


@dataclass(frozen=True, slots=True)
class TaggerConfig:
    """How large the network is and how it is trained.

    ``forgotten``: share of characters that are shown as unknown ones; ``dilations``: how far each
    layer looks to either side.
    """

    chars: int = 40
    kinds: int = 20
    strengths: int = 4
    width: int = 80
    dilations: tuple[int, ...] = (1, 1, 2, 1)
    dropout: float = 0.2
    forgotten: float = 0.04
    epochs: int = 6
    batch: int = 256
    rate: float = 2e-3
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many values each input of a character and its mark can have."""

    chars: int
    kinds: int
    strengths: int
    marks: int


@dataclass(frozen=True, slots=True)
class Line:
    """A query in numbers: inputs ``(length, 3)`` and marks ``(length,)``, ``NOTHING`` of blanks."""

    inputs: NDArray[np.int64]
    marks: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Fitted:
    """Weights by name, as ``search.intent.tagger`` reads them, and the scale of the scores."""

    arrays: Mapping[str, NDArray[np.float16]]
    temperature: float
    loss: float


class Network(nn.Module):
    """Embeddings, dilated convolutions with a way past each, and a score for each mark."""

    def __init__(self, sizes: Sizes, config: TaggerConfig) -> None:
        """Build the layers with random weights."""
        super().__init__()
        self.config = config
        self.char = nn.Embedding(sizes.chars, config.chars, padding_idx=0)
        self.kind = nn.Embedding(sizes.kinds, config.kinds)
        self.strength = nn.Embedding(sizes.strengths, config.strengths)
        first = config.chars + config.kinds + config.strengths
        widths = [first, *([config.width] * len(config.dilations))]
        self.layers = nn.ModuleList(
            nn.Conv1d(before, after, 3, padding=dilation, dilation=dilation)
            for before, after, dilation in zip(widths, widths[1:], config.dilations, strict=False)
        )
        self.out = nn.Linear(config.width, sizes.marks)

    def forward(self, inputs: torch.Tensor, inside: torch.Tensor) -> torch.Tensor:
        """Return the scores ``(batch, length, marks)``; ``inside`` is 0 behind a query's end."""
        chars = inputs[..., 0]
        if self.training:
            lost = (torch.rand(chars.shape) < self.config.forgotten) & (chars > 0)
            chars = chars.masked_fill(lost, _UNKNOWN)
        state = torch.cat(
            [self.char(chars), self.kind(inputs[..., 1]), self.strength(inputs[..., 2])], dim=-1
        ).transpose(1, 2)
        mask = inside[:, None, :]
        state = functional.dropout(state * mask, self.config.dropout, self.training)
        for layer in self.layers:
            fresh = functional.relu(layer(state)) * mask
            fresh = functional.dropout(fresh, self.config.dropout, self.training)
            state = fresh + state if fresh.shape == state.shape else fresh
        scores: torch.Tensor = self.out(state.transpose(1, 2))
        return scores

    def arrays(self) -> dict[str, NDArray[np.float16]]:
        """Return the weights in half precision, laid out for products of rows."""
        found = {name: getattr(self, name).weight for name in ("char", "kind", "strength")}
        state = self.state_dict()
        for number, _ in enumerate(self.layers):
            # (out, in, 3) -> (3 * in, out)
            weight = state[f"layers.{number}.weight"]
            found[f"weight.{number}"] = weight.permute(2, 1, 0).flatten(0, 1)
            found[f"bias.{number}"] = state[f"layers.{number}.bias"]
        found["weight.out"], found["bias.out"] = self.out.weight.T, self.out.bias
        return {
            name: np.ascontiguousarray(value.detach().numpy().astype(np.float16))
            for name, value in found.items()
        }


def fit(
    lines: Sequence[Line],
    held_out: Sequence[Line],
    sizes: Sizes,
    config: TaggerConfig,
    say: Callable[[str], None],
) -> Fitted:
    """Train on some queries, scale the scores on others; the same seed gives the same weights."""
    torch.manual_seed(config.seed)
    network = Network(sizes, config)
    steps = config.epochs * math.ceil(len(lines) / config.batch)
    optimizer = torch.optim.AdamW(network.parameters(), config.rate, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, config.rate, total_steps=steps)
    order = np.random.default_rng(config.seed)
    for epoch in range(config.epochs):
        network.train()
        total = count = 0.0
        for batch in _batches(lines, config.batch, order):
            loss = _loss(network, batch)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            total, count = total + loss.item(), count + 1
        say(f"epoch {epoch + 1} of {config.epochs}: loss {total / count:.4f}")
    network.eval()
    temperature, loss_value = _temperature(network, held_out, config.batch)
    say(f"held out: loss {loss_value:.4f} at temperature {temperature:.2f}")
    return Fitted(network.arrays(), temperature, loss_value)


_Batch = tuple[torch.Tensor, torch.Tensor, torch.Tensor]


def _batches(
    lines: Sequence[Line], size: int, order: np.random.Generator | None = None
) -> Iterator[_Batch]:
    """Yield batches of queries of like length, in random order."""
    by_length = sorted(range(len(lines)), key=lambda at: (len(lines[at].marks), at))
    if order is not None:
        noise = order.random(len(lines))
        by_length.sort(key=lambda at: len(lines[at].marks) + 4 * noise[at])
    starts = list(range(0, len(by_length), size))
    if order is not None:
        order.shuffle(starts)
    for start in starts:
        yield _batch([lines[at] for at in by_length[start : start + size]])


def _batch(lines: Sequence[Line]) -> _Batch:
    longest = max(len(line.marks) for line in lines)
    inputs = np.zeros((len(lines), longest, 3), dtype=np.int64)
    marks = np.full((len(lines), longest), NOTHING, dtype=np.int64)
    inside = np.zeros((len(lines), longest), dtype=np.float32)
    for number, line in enumerate(lines):
        length = len(line.marks)
        inputs[number, :length], marks[number, :length] = line.inputs, line.marks
        inside[number, :length] = 1
    return torch.from_numpy(inputs), torch.from_numpy(marks), torch.from_numpy(inside)


def _loss(network: Network, batch: _Batch) -> torch.Tensor:
    inputs, marks, inside = batch
    scores = network(inputs, inside)
    return functional.cross_entropy(scores.flatten(0, 1), marks.flatten(), ignore_index=NOTHING)


def _temperature(network: Network, lines: Sequence[Line], size: int) -> tuple[float, float]:
    """Return the scale of the scores under which the held out marks are likeliest, and the loss.

    Guo et al., On calibration of modern neural networks, 2017.
    """
    with torch.no_grad():
        pairs = [
            (network(inputs, inside).flatten(0, 1), marks.flatten())
            for inputs, marks, inside in _batches(lines, size)
        ]
    scores = torch.cat([score for score, _ in pairs])
    marks = torch.cat([mark for _, mark in pairs])
    losses = {
        step / 20: functional.cross_entropy(scores / (step / 20), marks, ignore_index=NOTHING)
        for step in range(10, 61)
    }
    best = min(losses, key=lambda temperature: (losses[temperature].item(), temperature))
    return best, losses[best].item()
