"""One model a seed, and what becomes of them: the best one, or a mean of their weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import mean as average
from statistics import stdev
from typing import Any

from enrich.bundle import Bundle, Calibration
from labels.train.averaging import State, greedy, mean
from labels.train.data import Example
from labels.train.one import Setting, Trained, first_model, quick_figures, train_one
from labels.train.view import View, judge_examples


@dataclass(frozen=True, slots=True)
class Merged:
    """The model of a run; ``seeds`` and ``spread``: held-out figures of each seed and of all."""

    bundle: Bundle
    seeds: list[dict[str, Any]]
    spread: dict[str, Any]
    kept: list[int]


def train_seeds(
    setting: Setting, run: Path, kept: Sequence[Example], held: Sequence[Example]
) -> Merged:
    """Train every seed in its folder of the run and merge them as the config says."""
    config = setting.config
    trained: list[Trained] = []
    for seed in config.seeds:
        head = seed if config.average == "none" else config.seeds[0]
        trained.append(train_one(setting, run / f"seed-{seed}", (kept, held), (seed, head)))

    def figures(bundle: Bundle) -> dict[str, float]:
        found = judge_examples(bundle, setting.reader, held)
        return quick_figures(View(held, found, Calibration())) if held else {"score": 0.0}

    def score(state: State) -> float:
        return figures(_with_weights(setting, trained[0].bundle, state))["score"]

    each = [figures(one.bundle) for one in trained]
    states = [one.bundle.model.state_dict() for one in trained]
    scores = [found["score"] for found in each]
    chosen = list(range(len(trained)))
    if config.average == "uniform":
        state: State = mean(states)
    elif config.average == "greedy":
        state, chosen = greedy(states, scores, score)
    else:
        chosen = [max(chosen, key=lambda i: scores[i])]
        state = states[chosen[0]]
    bundle = _with_weights(setting, trained[0].bundle, state)
    rows = [
        {"seed": seed, "steps": one.place.step, "best_step": one.place.best, **found,
         "looks": one.place.looks}
        for seed, one, found in zip(config.seeds, trained, each, strict=True)
    ]  # fmt: skip
    spread = {**_spread(each), "merged": figures(bundle)} if held else {}
    return Merged(bundle, rows, spread, [config.seeds[i] for i in chosen])


def _with_weights(setting: Setting, bundle: Bundle, state: State) -> Bundle:
    """Return a bundle of other weights, rounded as they will be stored."""
    model = first_model(setting.base, 0)
    model.load_state_dict({name: value.half().float() for name, value in state.items()})
    return replace(bundle, model=model.eval())


def _spread(each: Sequence[dict[str, float]]) -> dict[str, Any]:
    return {
        name: {
            "mean": round(average(found[name] for found in each), 5),
            "deviation": round(stdev(found[name] for found in each), 5) if len(each) > 1 else None,
        }
        for name in each[0]
    }
