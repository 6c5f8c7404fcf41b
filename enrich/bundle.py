"""Model bundles: a folder of config, half-precision weights, tokenizer, calibration and card.

Nothing is unpickled: weights are safetensors, everything else is JSON or text.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from enrich.names.bundle import load_names, name_files
from enrich.windows import Specials, Tokenizer, load_tokenizer

if TYPE_CHECKING:
    from enrich.encoder import RealityModel
    from enrich.names.bundle import NameHead

SHIPPED = Path(__file__).parent / "artefacts" / "reality"
FILES = ("config.json", "model.safetensors", "tokenizer.json", "calibration.json")


class BundleError(ValueError):
    """A bundle is missing or broken; the message names the file and the remedy."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """From logits to probabilities, and from those to hired, unsure or not hired.

    ``temperature`` divides the logits; the log-probabilities of hired, mentioned and nothing are
    then multiplied by ``scales``, moved by ``biases`` and made to sum to one again.

    A mention is hired from ``hired_threshold`` on (None: from ``threshold`` on), not hired below
    ``threshold``, and unsure between them; unsure means kept: it is labelled hired and says so.
    A mention that is not hired is N where N reaches ``strip_threshold`` of what is not H, else X.
    """

    temperature: float = 1.0
    threshold: float = 0.5
    strip_threshold: float = 0.5
    scales: tuple[float, float, float] = (1.0, 1.0, 1.0)
    biases: tuple[float, float, float] = (0.0, 0.0, 0.0)
    hired_threshold: float | None = None

    @classmethod
    def from_mapping(cls, data: Mapping[str, Any]) -> Calibration:
        """Read the JSON form; what an older bundle does not state is the default.

        Raises:
            TypeError: an entry is unknown: a newer version wrote it.
        """
        known: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in data.items()
        }
        return cls(**known)

    def is_unsure(self, hired: float) -> bool:
        """Tell whether a probability is neither hired nor not hired."""
        return self.hired_threshold is not None and self.threshold <= hired < self.hired_threshold


@dataclass(frozen=True, slots=True)
class Bundle:
    """A loaded bundle; ``digest`` is over its files and is part of the recipe.

    ``names``: finds names of positions that the lexicon lacks; None in bundles without it.
    """

    model: RealityModel
    tokenizer: Tokenizer
    specials: Specials
    calibration: Calibration
    digest: str
    names: NameHead | None = None


def files_digest(
    folder: Path, missing: Callable[[Path], Exception], files: Sequence[str] = FILES
) -> str:
    """Return the digest of the files of a bundle of any kind.

    Args:
        folder: the bundle.
        missing: makes what is raised where a file is not there.
        files: names of its files.
    """
    total = hashlib.sha256()
    for name in files:
        path = folder / name
        if not path.is_file():
            raise missing(path)
        total.update(name.encode() + hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()[:16]


def bundle_digest(folder: Path) -> str:
    """Return the digest of a bundle's files.

    Raises:
        BundleError: a file is missing.
    """
    return files_digest(
        folder,
        lambda path: BundleError(f"{path} is missing; train one with 'hirelens train reality'"),
        (*FILES, *name_files(folder)),
    )


def load_bundle(folder: Path = SHIPPED) -> Bundle:
    """Load a bundle for inference on the CPU in single precision.

    Raises:
        BundleError: a file is missing or does not fit the others.
    """
    digest = bundle_digest(folder)
    try:
        return _load(folder, digest)
    except Exception as error:  # safetensors and tokenizers raise nothing narrower in common
        raise BundleError(
            f"model bundle {folder} is broken ({type(error).__name__}: {error}); restore its "
            "files, or train one with 'hirelens train reality'"
        ) from error


def _load(folder: Path, digest: str) -> Bundle:
    from safetensors.torch import load_file

    from enrich.encoder import RealityModel

    config = json.loads((folder / "config.json").read_text("utf-8"))
    calibration = json.loads((folder / "calibration.json").read_text("utf-8"))
    model = RealityModel(config["encoder"])
    weights = load_file(folder / "model.safetensors")
    model.load_state_dict({name: value.float() for name, value in weights.items()})
    return Bundle(
        model.eval(),
        load_tokenizer(folder / "tokenizer.json"),
        Specials(**config["specials"]),
        Calibration.from_mapping(calibration),
        digest,
        load_names(folder, folder / "model.safetensors", config["encoder"]["hidden_size"]),
    )


def save_bundle(
    folder: Path,
    model: RealityModel,
    tokenizer: Any,  # noqa: ANN401 - the library ships no types
    config: dict[str, Any],
    specials: Specials,
    calibration: Calibration,
    card: str,
) -> str:
    """Write a bundle (weights in half precision) and return its digest."""
    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    weights = {n: v.detach().half().cpu().contiguous() for n, v in model.state_dict().items()}
    save_file(weights, folder / "model.safetensors")
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    write_json(folder / "config.json", {"encoder": config, "specials": asdict(specials)})
    write_json(folder / "calibration.json", asdict(calibration))
    (folder / "card.md").write_text(card, "utf-8")
    return bundle_digest(folder)


def write_json(path: Path, value: object) -> None:
    """Write a file of a bundle: readable JSON with sorted keys."""
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n", "utf-8")
