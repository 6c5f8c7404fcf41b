"""Training one model into a folder; a finished one is not trained again."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch

from enrich.bundle import Bundle, Calibration, load_bundle, save_bundle
from enrich.encoder import RealityModel
from labels.augment.recipe import FIRST, SECOND, AugmentConfig, augment
from labels.augment.words import Words
from labels.train.averaging import mix
from labels.train.base import Base
from labels.train.checkpoint import CheckpointError, Place
from labels.train.config import RunConfig
from labels.train.data import Example
from labels.train.fit import Job, Look, Trainer
from labels.train.items import Item, Reader, chance
from labels.train.scoring import average_precision, choose_threshold, score_words
from labels.train.view import View, judge_examples
from labels.train.watch import Watch

_DONE = "done.json"
_CHECKPOINT = "checkpoint.safetensors"


@dataclass(frozen=True)
class Setting:
    """What the models of a run share; ``identity``: digest of all that decides their weights."""

    config: RunConfig
    base: Base
    soft: Sequence[Item]
    identity: str
    watch: Watch

    @property
    def reader(self) -> Reader:
        """How posts become windows."""
        return Reader(self.base.tokenizer, self.base.specials, self.config.model.window)


@dataclass(frozen=True, slots=True)
class Trained:
    """A finished model's bundle and where its run ended."""

    bundle: Bundle
    place: Place


def train_one(
    setting: Setting,
    folder: Path,
    posts: tuple[Sequence[Example], Sequence[Example]],
    seeds: tuple[int, int],
) -> Trained:
    """Train on the first of ``posts`` and look at the second; ``seeds``: of the run, of the head.

    Raises:
        CheckpointError: the folder holds another run's model.
    """
    kept, held = posts
    identity = _identity(setting.identity, seeds, kept, held)
    done = _finished(folder, identity)
    if done is not None:
        setting.watch.log(f"{folder.name}: is trained already")
        return Trained(load_bundle(folder), done)
    model = first_model(setting.base, seeds[1])
    started = copy.deepcopy(model.state_dict())
    words = Words(kept)
    config = setting.config
    reader = setting.reader

    def items(epoch: int) -> list[Item]:
        changed = _augmented(kept, config.augment, chance_of=(seeds[0], epoch), words=words)
        return reader.items(changed)

    job = Job(folder / _CHECKPOINT, identity, seeds[0], folder.name)
    trainer = Trainer(model, setting.base.specials.pad, config, job)
    fitted = trainer.run(items, setting.soft, look_at(setting, held), setting.watch)
    if setting.base.head is not None:
        mix(fitted.model, started, config.model.base_share)
    base = setting.base
    card = f"# Reality model {folder.name}\n\nOne model of a run; see its folder.\n"
    calibration = base.calibration or Calibration()
    save_bundle(folder, fitted.model, base.tokenizer, base.config, base.specials, calibration, card)
    mark = {"identity": identity, "place": asdict(fitted.place)}
    fresh = (folder / _DONE).with_suffix(".new")
    fresh.write_text(json.dumps(mark, indent=1), "utf-8")
    fresh.replace(folder / _DONE)
    (folder / _CHECKPOINT).unlink(missing_ok=True)
    return Trained(load_bundle(folder), fitted.place)


def first_model(base: Base, seed: int) -> RealityModel:
    """Return the network with the base's weights; a new head is drawn by the seed."""
    torch.manual_seed(seed)
    model = RealityModel(base.config)
    model.encoder.load_state_dict(base.weights)
    if base.head is not None:
        model.head.load_state_dict(base.head)
    return model


def look_at(setting: Setting, held: Sequence[Example]) -> Look | None:
    """Return how a model is measured while it trains; None where nothing is held out."""
    if not held:
        return None

    def look(model: RealityModel) -> dict[str, float]:
        base = setting.base
        bundle = Bundle(model, base.tokenizer, base.specials, Calibration(), "")
        return quick_figures(
            View(held, judge_examples(bundle, setting.reader, held), Calibration())
        )

    return look


def quick_figures(view: View) -> dict[str, float]:
    """Return average precision, which is the ``score``, and the rest at the best threshold."""
    threshold = choose_threshold(view.examples, view.verdicts)
    scores = score_words(view.examples, view.verdicts, threshold)
    found = {
        "score": average_precision(view.pairs),
        "precision": scores.precision,
        "recall": scores.recall,
        "f1": scores.f1,
    }
    return {name: round(value, 5) for name, value in found.items()}


def _augmented(
    examples: Sequence[Example], recipe: AugmentConfig, chance_of: tuple[int, int], words: Words
) -> Sequence[Example]:
    if not any(getattr(recipe, name) for name in (*FIRST, *SECOND)):
        return examples
    seed, epoch = chance_of
    return augment(examples, recipe, chance(seed, "augment", epoch), words)


def _identity(
    common: str, seeds: tuple[int, int], kept: Sequence[Example], held: Sequence[Example]
) -> str:
    ids = [[example.id for example in part] for part in (kept, held)]
    return hashlib.sha256(json.dumps([common, seeds, ids]).encode()).hexdigest()[:16]


def _finished(folder: Path, identity: str) -> Place | None:
    path = folder / _DONE
    if not path.is_file():
        return None
    mark = json.loads(path.read_text("utf-8"))
    if mark["identity"] != identity:
        raise CheckpointError(
            f"{folder}: holds a model of other settings, data or base; use --fresh to start over"
        )
    return Place(**mark["place"])
