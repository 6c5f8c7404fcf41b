"""The frozen encoder's states of posts, computed once and kept in a file of half precision.

The encoder never changes, so training the head is minutes on one core.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from enrich.bundle import Bundle
from enrich.encoder import collate
from enrich.names.net import TaggerShape, read_layers
from enrich.windows import TokenField, Window, batches, cut_windows, tokenize
from labels.train.names.draw import Field, Task
from labels.train.watch import Watch

OUTSIDE, BEGIN, INSIDE, UNSEEN = 0, 1, 2, -100


@dataclass(frozen=True, slots=True)
class TaskWindow:
    """A window of a task with its fields, so that tokens can be traced to characters."""

    task: int
    window: Window
    title: TokenField
    body: TokenField


def task_windows(bundle: Bundle, tasks: Sequence[Task]) -> list[TaskWindow]:
    """Cut tasks into windows as the product does."""
    fields = tokenize(
        bundle.tokenizer,
        [field.text for task in tasks for field in (task.title, task.body)],
        bundle.specials,
        places=True,
    )
    found: list[TaskWindow] = []
    for number in range(len(tasks)):
        title, body = fields[2 * number], fields[2 * number + 1]
        cut, _ = cut_windows(title, body, bundle.specials)
        found.extend(TaskWindow(number, window, title, body) for window in cut)
    return found


def tags_of(task: Task, seen: TaskWindow, unseen: frozenset[str]) -> NDArray[np.int64]:
    """Return a window's tags; specials, ignored text and names of ``unseen`` positions unseen."""
    tags = np.full(len(seen.window.ids), UNSEEN, dtype=np.int64)
    for field, tokens, (start, end), first in (
        (task.title, seen.title, seen.window.title, 0),
        (task.body, seen.body, seen.window.body, seen.window.first),
    ):
        tags[start:end] = _field_tags(field, tokens, unseen)[first : first + end - start]
    return tags


def _field_tags(field: Field, tokens: TokenField, unseen: frozenset[str]) -> NDArray[np.int64]:
    tags = np.zeros(len(tokens.places), dtype=np.int64)
    hidden = [
        *field.ignored,
        *((t.start, t.end) for t in field.targets if t.positions & unseen),
    ]
    marks = [(t.start, t.end) for t in field.targets if not t.positions & unseen]
    for number, (start, end) in enumerate(tokens.places):
        if any(a < end and b > start for a, b in hidden):
            tags[number] = UNSEEN
        for a, b in marks:
            if a < end and b > start:
                # A token that reaches over the edge of a name teaches nothing.
                whole = a <= start and end <= b
                tags[number] = (BEGIN if start == a else INSIDE) if whole else UNSEEN
    return tags


@dataclass(frozen=True, slots=True)
class Features:
    """States (tokens, size) of windows one after the other; ``starts`` has one more entry."""

    windows: tuple[TaskWindow, ...]
    starts: NDArray[np.int64]
    states: NDArray[np.float16]

    def of(self, number: int) -> NDArray[np.float16]:
        """Return the states of one window."""
        return self.states[self.starts[number] : self.starts[number + 1]]


def compute(
    bundle: Bundle,
    shape: TaggerShape,
    tasks: Sequence[Task],
    folder: Path,
    watch: Watch,
    *,
    bf16: bool = False,
) -> Features:
    """Return the states of tasks, from ``folder`` where they were computed before.

    ``bf16``: products in half the precision, for CPUs that are faster with it.
    """
    windows = tuple(task_windows(bundle, tasks))
    lengths = [len(seen.window.ids) for seen in windows]
    starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    size = shape.width * len(shape.layers)
    identity = _identity(bundle, shape, windows)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{identity}.npy"
    if not path.is_file():
        fresh = path.with_suffix(".part")
        states: Any = np.lib.format.open_memmap(
            fresh, mode="w+", dtype=np.float16, shape=(int(starts[-1]), size)
        )
        with watch.progress("states", len(windows)) as advance:
            for group, found in _passes(bundle, shape, [seen.window for seen in windows], bf16):
                for row, number in enumerate(group):
                    states[starts[number] : starts[number + 1]] = found[row, : lengths[number]]
                advance(len(group))
        states.flush()
        fresh.replace(path)
    return Features(windows, starts, np.load(path, mmap_mode="r"))


def _passes(
    bundle: Bundle, shape: TaggerShape, windows: Sequence[Window], bf16: bool
) -> Iterator[tuple[list[int], NDArray[np.float16]]]:
    device = next(bundle.model.parameters()).device.type
    with torch.inference_mode(), torch.autocast(device, torch.bfloat16, enabled=bf16):
        for group in batches([len(window.ids) for window in windows]):
            batch = collate([windows[number] for number in group], bundle.specials.pad)
            layers = bundle.model.layer_states(batch.ids, batch.mask)
            yield group, read_layers(shape, layers).half().cpu().numpy()


def _identity(bundle: Bundle, shape: TaggerShape, windows: Sequence[TaskWindow]) -> str:
    total = hashlib.sha256(json.dumps([bundle.digest, shape.layers]).encode())
    for seen in windows:
        total.update(np.asarray(seen.window.ids, dtype=np.int32).tobytes())
    return total.hexdigest()[:16]
