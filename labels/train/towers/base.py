"""What a training of towers starts from: a pretrained base, or earlier towers."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

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
    if not _are_towers(folder):
        return load_base(source, layers, corpus)
    try:
        towers = load_towers(folder, names=False)
    except BundleError as error:
        raise BaseError(f"base {source!r}: {error}") from None
    config = json.loads((folder / "config.json").read_text("utf-8"))["encoder"]
    if layers < (own := config["num_hidden_layers"]):
        raise BaseError(f"base {source!r}: these towers have {own} layers; give layers = {own}")
    state = towers.net.state_dict()
    return EarlierTowers(
        config,
        {n.removeprefix(_ENCODER): v for n, v in state.items() if n.startswith(_ENCODER)},
        towers.tokenizer,
        towers.specials,
        f"the towers {towers.digest}",
        shape=towers.shape,
        projections={n: v for n, v in state.items() if not n.startswith(_ENCODER)},
    )


def _are_towers(folder: Path) -> bool:
    try:
        return "shape" in json.loads((folder / "config.json").read_text("utf-8"))
    except (OSError, ValueError, TypeError):
        return False
