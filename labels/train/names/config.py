"""What one run of training the head for unknown names is told."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, model_validator

from labels.train.config_file import checked, read_toml, rooted


class NamesConfig(BaseModel):
    """A run's settings; the defaults are those of the shipped head.

    ``gold``: judged posts. ``bundle``: whose frozen encoder is read; None: the shipped one.
    ``held_out``: share of employers and authors that only measure. ``held_positions``: share of
    positions no name of which is learnt. ``draws``: for each, all training posts are read once
    with this share of positions taken from the lexicon. ``layers``: whose states are read.
    ``precision``: of what is found on held-out posts; it chooses the threshold. ``hired_from``:
    probability of hired from which a found name stays. ``bf16``: states in half the precision,
    for CPUs that are faster with it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    out: Path | None = None
    gold: tuple[Path, ...] = ()
    bundle: Path | None = None
    held_out: float = Field(default=0.15, gt=0, lt=1)
    held_positions: float = Field(default=0.25, gt=0, lt=1)
    draws: tuple[float, ...] = (0.5,)
    layers: tuple[int, ...] = (3, 6)
    hidden: int = Field(default=96, ge=1)
    epochs: int = Field(default=6, ge=1)
    batch: int = Field(default=16, ge=1)
    rate: float = Field(default=2e-3, gt=0)
    precision: float = Field(default=0.9, gt=0, lt=1)
    hired_from: float = Field(default=0.3, ge=0, le=1)
    seed: int = 1
    bf16: bool = False

    @model_validator(mode="after")
    def _named(self) -> NamesConfig:
        if not self.draws:
            raise ValueError("draws is empty; name at least one share of positions, such as 0.5")
        return self


def read_config(path: Path) -> NamesConfig:
    """Read a TOML file; relative paths in it start at its folder.

    Raises:
        ConfigError: it cannot be read, or an entry is unknown or wrong.
    """
    raw = rooted(read_toml(path), path.parent, ("gold", "out", "bundle"))
    return checked(NamesConfig, raw, str(path))
