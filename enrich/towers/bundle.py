"""The bundle of the towers: config, half-precision weights, tokenizer, names, floor and card."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from enrich.bundle import BundleError, files_digest, write_json
from enrich.text import normalize_query
from enrich.towers.encode import encode, tokens
from enrich.towers.names import NameVectors, load_names, save_names
from enrich.towers.text import vector_text
from enrich.windows import Specials, Tokenizer, load_tokenizer

if TYPE_CHECKING:
    from enrich.towers.net import Side, TowerNet, TowerShape
    from enrich.towers.single import SingleTower

SHIPPED = Path(__file__).parent.parent / "artefacts" / "towers"
SPACE_FILES = ("config.json", "model.safetensors", "tokenizer.json")
_REMEDY = "restore its files, or train one with 'hirelens train towers'"
_POSITIONS = "encoder.embeddings.position_embeddings.weight"
_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Towers:
    """Loaded towers; ``floor``: the least cosine of a match; ``names``: a vector a position.

    ``digest``: of all that decides vectors of posts; other weights are another space.
    """

    net: TowerNet
    tokenizer: Tokenizer
    specials: Specials
    shape: TowerShape
    floor: float
    digest: str
    names: NameVectors = field(default_factory=NameVectors, repr=False)
    _alone: list[SingleTower | None] = field(default_factory=list, repr=False, compare=False)

    def text(self, clean_title: str, clean_body: str, hired: Iterable[str] = ()) -> str:
        """Return what these towers read of a post's clean text; see ``vector_text``."""
        return vector_text(clean_title, clean_body, self.shape.reads, hired)

    def query(self, text: str) -> tuple[float, ...]:
        """Return the unit vector of a query as somebody wrote it."""
        return self.encode([normalize_query(text)], "query")[0]

    def encode(self, texts: Sequence[str], side: Side) -> list[tuple[float, ...]]:
        """Return unit vectors of normalised texts of one side."""
        if not texts:
            return []
        rows = tokens(self.tokenizer, self.specials, texts, self.shape, side)
        alone = self._single() if side == "query" and len(rows) == 1 else None
        if alone is not None:
            found = [alone.vector(rows[0])]
        else:
            found = encode(self.net, rows, self.specials.pad, side).tolist()
        return [tuple(round(value, _DIGITS) for value in vector) for vector in found]

    def _single(self) -> SingleTower | None:
        """Return what encodes one query, made when the first one comes."""
        if not self._alone:
            from enrich.towers.single import single_tower

            self._alone.append(single_tower(self.net))
        return self._alone[0]


def towers_digest(folder: Path = SHIPPED) -> str:
    """Return the digest of what decides a bundle's vectors: it names their space.

    Raises:
        BundleError: a file is missing.
    """
    return files_digest(
        folder, lambda path: BundleError(f"{path} is missing; {_REMEDY}"), SPACE_FILES
    )


def load_towers(folder: Path = SHIPPED, *, names: bool = True) -> Towers:
    """Load towers for inference on the CPU in single precision, with or without positions' names.

    Raises:
        BundleError: a file is missing or does not fit the others.
    """
    digest = towers_digest(folder)
    try:
        return _load(folder, digest, load_names(folder, digest) if names else NameVectors())
    except Exception as error:  # safetensors and tokenizers raise nothing narrower in common
        raise BundleError(
            f"towers {folder} are broken ({type(error).__name__}: {error}); {_REMEDY}"
        ) from error


def _load(folder: Path, digest: str, names: NameVectors) -> Towers:
    from safetensors.torch import load_file

    from enrich.towers.net import TowerNet, TowerShape

    config = json.loads((folder / "config.json").read_text("utf-8"))
    shape = TowerShape(**config["shape"])
    net = TowerNet(config["encoder"], shape)
    weights = load_file(folder / "model.safetensors")
    net.load_state_dict({name: value.float() for name, value in weights.items()})
    return Towers(
        net.eval(),
        load_tokenizer(folder / "tokenizer.json"),
        Specials(**config["specials"]),
        shape,
        float(json.loads((folder / "calibration.json").read_text("utf-8"))["floor"]),
        digest,
        names,
    )


def save_towers(
    folder: Path,
    net: TowerNet,
    tokenizer: Any,  # noqa: ANN401 - the library ships no types
    config: dict[str, Any],
    specials: Specials,
    shape: TowerShape,
    calibration: dict[str, float],
    names: NameVectors,
    card: str,
) -> str:
    """Write a bundle (weights in half precision) and return its digest.

    Of the position embeddings only those that a text can reach are kept.
    """
    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    weights = {
        name: (value[: shape.tokens] if name == _POSITIONS else value).detach().half().contiguous()
        for name, value in net.state_dict().items()
    }
    save_file(weights, folder / "model.safetensors")
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    encoder = {**config, "max_position_embeddings": shape.tokens}
    told = {"encoder": encoder, "specials": asdict(specials), "shape": asdict(shape)}
    write_json(folder / "config.json", told)
    write_json(folder / "calibration.json", calibration)
    (folder / "card.md").write_text(card, "utf-8")
    digest = towers_digest(folder)
    save_names(folder, names, digest)
    return digest
