"""The optional files of a bundle that hold the head for unknown names.

``names.safetensors`` holds its weights in half precision, ``names.json`` its shape, from which
score on a name counts, and whose states it reads. A bundle without them finds no names beside
the lexicon's.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from enrich.names.net import NameTagger

WEIGHTS = "names.safetensors"
SETTINGS = "names.json"
SHIPPED_HEAD = Path(__file__).parent.parent / "artefacts" / "names"
"""A head for the shipped model that is no part of its bundle: it offers names, posts are read
without it. Its files copied into a bundle's folder take part in reading."""


@dataclass(frozen=True, slots=True)
class NameHead:
    """A loaded head. A name below ``threshold`` (0 to 1) is none.

    ``hired_from``: probability of hired from which a found name is kept; the lexicon's mentions
    have a threshold of their own, since there is no doubt that they are names.
    """

    tagger: NameTagger
    threshold: float
    hired_from: float


def name_files(folder: Path) -> tuple[str, ...]:
    """Return the names of the head's files, none where the bundle has no head."""
    return (WEIGHTS, SETTINGS) if (folder / SETTINGS).is_file() else ()


def load_names(folder: Path, model: Path, width: int) -> NameHead | None:
    """Load a head; None where the folder has none.

    Args:
        folder: the bundle, or another folder that holds the head.
        model: the weights of the encoder whose states it is to read.
        width: of these states.

    Raises:
        ValueError: it was trained on the states of another encoder.
    """
    if not name_files(folder):
        return None
    from safetensors.torch import load_file

    from enrich.names.net import NameTagger, TaggerShape

    settings = json.loads((folder / SETTINGS).read_text("utf-8"))
    if settings["encoder"] != weights_digest(model):
        raise ValueError(
            f"{SETTINGS} belongs to another encoder; remove it with {WEIGHTS}, or train them "
            "with 'hirelens train names'"
        )
    shape = TaggerShape(tuple(settings["layers"]), width, settings["hidden"])
    tagger = NameTagger(shape)
    tagger.load_state_dict({n: v.float() for n, v in load_file(folder / WEIGHTS).items()})
    return NameHead(tagger.eval(), settings["threshold"], settings["hired_from"])


def weights_digest(model: Path) -> str:
    """Return the digest of an encoder's file of weights."""
    return hashlib.sha256(model.read_bytes()).hexdigest()[:16]


def save_names(folder: Path, head: NameHead, model: Path) -> None:
    """Write a head into a folder; ``model``: the weights whose states it reads."""
    from safetensors.torch import save_file

    weights = {n: v.detach().half().contiguous() for n, v in head.tagger.state_dict().items()}
    save_file(weights, folder / WEIGHTS)
    shape = asdict(head.tagger.shape)
    settings = {
        "encoder": weights_digest(model),
        "layers": list(shape["layers"]),
        "hidden": shape["hidden"],
        "threshold": head.threshold,
        "hired_from": head.hired_from,
    }
    text = json.dumps(settings, indent=1, sort_keys=True) + "\n"
    (folder / SETTINGS).write_text(text, "utf-8")
