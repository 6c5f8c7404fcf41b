"""The training loop: goes on from its checkpoint, looks at the held-out part, stops early."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from enrich.encoder import RealityModel, collate
from enrich.reality import on_device
from labels.train.averaging import follow
from labels.train.checkpoint import Place, restore, save
from labels.train.config import RunConfig
from labels.train.config_file import ConfigError
from labels.train.items import Item, batches, chance, soft_batches
from labels.train.losses import class_weights, mention_loss, soft_loss
from labels.train.optimizer import build_optimizer, freeze, set_rates, trainable
from labels.train.watch import Watch

Look = Callable[[RealityModel], dict[str, float]]
"""Figures of a model on held-out posts; ``score`` among them is to become large."""


@dataclass(frozen=True, slots=True)
class Job:
    """One model to fit: its checkpoint, whose run it is, its seed, and what it is called."""

    checkpoint: Path
    identity: str
    seed: int
    name: str


@dataclass(frozen=True, slots=True)
class Fitted:
    """The averaged model, on the CPU, and where the run ended."""

    model: RealityModel
    place: Place


def choose_device(name: str) -> torch.device:
    """Return the device to train on.

    Raises:
        ConfigError: a GPU is asked for and there is none.
    """
    if name == "cuda" and not torch.cuda.is_available():
        raise ConfigError("fit.device: torch sees no GPU; give 'cpu' or 'auto'")
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(name)


class Trainer:
    """Fits one model; everything random follows from the job's seed and the place in the run."""

    def __init__(self, model: RealityModel, pad: int, config: RunConfig, job: Job) -> None:
        """Take over a model with its first weights."""
        self._config = config
        self._fit = config.fit
        self._pad = pad
        self._job = job
        self._device = choose_device(config.fit.device)
        freeze(model)
        self._model = model.to(self._device)
        self._averaged = copy.deepcopy(model).eval()
        self._modules: dict[str, nn.Module] = {"model": model, "averaged": self._averaged}
        self._optimizer = build_optimizer(model, config.fit)
        weights = class_weights(config.fit.class_weights)
        self._weights = None if weights is None else weights.to(self._device)
        self._best: dict[str, Tensor] = {}
        self._place = Place()

    def run(
        self,
        items: Callable[[int], list[Item]],
        soft: Sequence[Item],
        look: Look | None,
        watch: Watch,
    ) -> Fitted:
        """Fit on the items of every epoch, and on the teacher's ``soft`` ones beside them."""
        torch.manual_seed(self._job.seed)
        found = restore(self._job.checkpoint, self._job.identity, self._modules, self._optimizer)
        if found is not None:
            self._place, self._best = found
            watch.log(f"{self._job.name}: goes on behind step {self._place.step}")
        start = self._place.epoch
        first = self._batches(items, start)
        with watch.progress(self._job.name, self._fit.epochs * len(first)) as advance:
            advance(self._place.step)
            for epoch in range(start, self._fit.epochs):
                hard = first if epoch == start else self._batches(items, epoch)
                self._epoch(epoch, hard, soft, look, watch, advance)
                if self._is_over():
                    break
                self._place.epoch, self._place.position = epoch + 1, 0
        if self._best:
            with torch.no_grad():
                for name, value in trainable(self._averaged).items():
                    value.copy_(self._best[name])
        return Fitted(self._averaged.cpu(), self._place)

    def _batches(self, items: Callable[[int], list[Item]], epoch: int) -> list[list[Item]]:
        return batches(items(epoch), self._fit.batch, chance(self._job.seed, "order", epoch))

    def _epoch(
        self,
        epoch: int,
        hard: Sequence[list[Item]],
        soft: Sequence[Item],
        look: Look | None,
        watch: Watch,
        advance: Callable[[int], None],
    ) -> None:
        place = self._place
        rng = chance(self._job.seed, "soft", epoch)
        beside = soft_batches(soft, self._config.distill.batch, len(hard), rng)
        while place.position < len(hard) and not self._is_over():
            at = place.position
            set_rates(
                self._optimizer,
                (epoch + (at + 0.5) / len(hard)) / self._fit.epochs,
                self._fit.warm_share,
            )
            loss = self._step(hard[at], beside[at] if beside else [])
            place.step += 1
            place.position += 1
            place.loss = loss if place.step == 1 else 0.95 * place.loss + 0.05 * loss
            follow(
                self._averaged,
                self._model,
                min(self._fit.average_decay, place.step / (place.step + 10)),
            )
            advance(1)
            if self._is_due(epoch, place.position == len(hard)):
                self._look(look, watch)
            if place.step % self._fit.checkpoint_every == 0:
                self._save()

    def _step(self, hard: list[Item], soft: list[Item]) -> float:
        """Make one step and return the loss."""
        self._model.train()
        self._optimizer.zero_grad()
        classes = torch.tensor([c for item in hard for c in item.classes], device=self._device)
        logits = self._logits(hard)
        loss = mention_loss(logits, classes, self._fit.reason_weight, self._weights)
        loss.backward()  # type: ignore[no-untyped-call]
        total = loss.item()
        if soft:
            distill = self._config.distill
            targets = torch.tensor([s for item in soft for s in item.soft], device=self._device)
            more = distill.weight * soft_loss(self._logits(soft), targets, distill.temperature)
            more.backward()  # type: ignore[no-untyped-call]
            total += more.item()
        nn.utils.clip_grad_norm_(self._model.parameters(), 1.0)
        self._optimizer.step()
        return total

    def _logits(self, items: list[Item]) -> Tensor:
        batch = on_device(collate([item.window for item in items], self._pad), self._device)
        kind = self._device.type
        with torch.autocast(kind, torch.bfloat16, enabled=self._fit.half or kind == "cuda"):
            logits: Tensor = self._model(batch)
        return logits.float()

    def _look(self, look: Look | None, watch: Watch) -> None:
        place = self._place
        figures = {"step": float(place.step), "loss": round(place.loss, 5)}
        if look is not None:
            figures |= look(self._averaged)
            if place.score is None or figures["score"] > place.score:
                place.score, place.best, place.stale = figures["score"], place.step, 0
                if self._fit.patience:
                    self._best = {
                        name: value.detach().cpu().clone()
                        for name, value in trainable(self._averaged).items()
                    }
            else:
                place.stale += 1
        place.looks.append(figures)
        told = " ".join(f"{name} {value:.3f}" for name, value in figures.items() if name != "step")
        watch.log(f"{self._job.name}: step {place.step}: {told}")

    def _is_due(self, epoch: int, last: bool) -> bool:
        """Tell whether to look now: every so many steps or at each epoch's end, and at the end."""
        every = self._fit.evaluate_every
        if every and self._place.step % every == 0:
            return True
        return last and (not every or epoch + 1 == self._fit.epochs)

    def _is_over(self) -> bool:
        return 0 < self._fit.patience <= self._place.stale

    def _save(self) -> None:
        save(
            self._job.checkpoint,
            self._job.identity,
            self._place,
            self._modules,
            self._best,
            self._optimizer,
        )
