"""A run's state on disk: one file, replaced as a whole, with tensors and JSON only.

It holds what training moves: weights, their average, the best so far, the optimizer's moments and
the state of the random numbers. Batches and rates follow from the place in the run.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from labels.train.optimizer import trainable


class CheckpointError(ValueError):
    """A checkpoint is damaged or of another run; the message names the remedy."""


@dataclass(slots=True)
class Place:
    """Where a run stands; ``looks`` are the looks at the held-out part so far.

    ``epoch`` and ``position``: the batch that is next. ``score`` and ``best``: of the best look and
    its step. ``stale``: looks since then.
    """

    epoch: int = 0
    position: int = 0
    step: int = 0
    loss: float = 0.0
    score: float | None = None
    best: int = 0
    stale: int = 0
    looks: list[dict[str, float]] = field(default_factory=list)


def save(
    path: Path,
    identity: str,
    place: Place,
    modules: dict[str, nn.Module],
    best: dict[str, Tensor],
    optimizer: torch.optim.Optimizer,
) -> None:
    """Write a checkpoint; a process killed here leaves the one before."""
    tensors = {f"best/{name}": value for name, value in best.items()}
    for role, module in modules.items():
        names = trainable(modules["model"])
        found = dict(module.named_parameters())
        tensors.update({f"{role}/{name}": found[name].detach() for name in names})
    for number, parameter in enumerate(_parameters(optimizer)):
        for key, value in optimizer.state[parameter].items():
            tensors[f"optimizer/{number}/{key}"] = value
    tensors["random/cpu"] = torch.get_rng_state()
    if torch.cuda.is_available():
        tensors["random/cuda"] = torch.cuda.get_rng_state()
    # Cloned: safetensors refuses tensors that share memory.
    stored = {name: value.detach().cpu().contiguous().clone() for name, value in tensors.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    save_file(stored, fresh, {"identity": identity, "place": json.dumps(asdict(place))})
    fresh.replace(path)


def restore(
    path: Path,
    identity: str,
    modules: dict[str, nn.Module],
    optimizer: torch.optim.Optimizer,
) -> tuple[Place, dict[str, Tensor]] | None:
    """Bring a run back to its checkpoint; None where there is none.

    Raises:
        CheckpointError: it is damaged or another run's.
    """
    if not path.is_file():
        return None
    try:
        with safe_open(path, "pt") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        place = Place(**json.loads(metadata["place"]))
    except Exception as error:  # safetensors raises nothing narrower
        raise CheckpointError(f"{path}: is damaged ({error}); remove it to start over") from error
    if metadata["identity"] != identity:
        raise CheckpointError(
            f"{path}: is of a run with other settings, data or base; use --fresh to start over"
        )
    with torch.no_grad():
        for role, module in modules.items():
            found = dict(module.named_parameters())
            for name, value in _under(tensors, role):
                found[name].copy_(value)
    for number, parameter in enumerate(_parameters(optimizer)):
        state = dict(_under(tensors, f"optimizer/{number}"))
        if state:
            # The counter of steps stays on the CPU, as the optimizer itself keeps it.
            optimizer.state[parameter] = {
                key: value if key == "step" else value.to(parameter.device)
                for key, value in state.items()
            }
    torch.set_rng_state(tensors["random/cpu"])
    if "random/cuda" in tensors and torch.cuda.is_available():
        torch.cuda.set_rng_state(tensors["random/cuda"])
    return place, dict(_under(tensors, "best"))


def _parameters(optimizer: torch.optim.Optimizer) -> Iterable[nn.Parameter]:
    return (parameter for group in optimizer.param_groups for parameter in group["params"])


def _under(tensors: dict[str, Tensor], prefix: str) -> list[tuple[str, Tensor]]:
    start = f"{prefix}/"
    return [(n.removeprefix(start), v) for n, v in tensors.items() if n.startswith(start)]
