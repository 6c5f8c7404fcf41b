"""What a training of towers starts from: a pretrained base, or earlier towers."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor

from enrich.bundle import BundleError
from enrich.towers.bundle import load_towers
from enrich.towers.net import TowerShape
from labels.train.base import Base, BaseError, load_base

_ENCODER = "encoder."


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierTowers(Base):
    """Towers to go on from: their shape, and all weights but the encoder's by name."""

    shape: TowerShape
    projections: Mapping[str, Tensor]


def load_start(source: str, layers: int, corpus: Iterable[str]) -> Base:
    """Load what ``labels.train.base.load_base`` loads, or the folder of earlier towers.

    Earlier towers keep their vocabulary and their layers.

    Raises:
        BaseError: nothing usable at ``source``, or the towers have more than ``layers``.
    """
    folder = Path(source)
    config = _towers_config(folder)
    if config is None:
        return load_base(source, layers, corpus)
    try:
        towers = load_towers(folder, names=False)
    except BundleError as error:
        raise BaseError(f"base {source!r}: {error}") from None
    encoder = config["encoder"]
    if layers < (own := encoder["num_hidden_layers"]):
        raise BaseError(f"base {source!r}: these towers have {own} layers; give layers = {own}")
    state = towers.net.state_dict()
    return EarlierTowers(
        encoder,
        {n.removeprefix(_ENCODER): v for n, v in state.items() if n.startswith(_ENCODER)},
        towers.tokenizer,
        towers.specials,
        f"the towers {towers.digest}",
        shape=towers.shape,
        projections={n: v for n, v in state.items() if not n.startswith(_ENCODER)},
    )


def _towers_config(folder: Path) -> dict[str, Any] | None:
    """Return the config of a folder of towers; None of any other."""
    try:
        found = json.loads((folder / "config.json").read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and "shape" in found else None
