"""What a run leaves beside its bundle: config, data, figures, pictures and the worst errors."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from enrich.encoder import CLASSES
from labels.evaluate.bootstrap import Bootstrap
from labels.evaluate.calibration import (
    LABELS,
    Method,
    cross_fitted,
    probabilities,
    reliability,
)
from labels.evaluate.curves import precision_recall_picture, reliability_picture
from labels.evaluate.errors_page import Field, Marked, Mistake, confusion_page, errors_page
from labels.train.config import RunConfig
from labels.train.data import IGNORED, Example
from labels.train.figures import PARTS, confusion
from labels.train.view import Row, View

WORST = 50
_DRAWS = 300


def data_digests(config: RunConfig) -> list[dict[str, Any]]:
    """Return name, digest and size of every file that a run reads."""
    files = [*config.data.judged, *config.data.corpus, *config.distill.posts]
    files += [path / "model.safetensors" for path in config.distill.teachers]
    return [
        {
            "file": str(path),
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "bytes": path.stat().st_size,
        }
        for path in files
    ]


def data_summary(kept: Sequence[Example], held: Sequence[Example]) -> dict[str, Any]:
    """Return how many posts, groups and labels there are, and which posts are held out."""
    return {
        "trained": _counts(kept),
        "held_out": {**_counts(held), "ids": [example.id for example in held]},
    }


def write_pictures(folder: Path, name: str, view: View, method: Method) -> None:
    """Write reliability, precision and recall, confusion and the worst errors of a view."""
    files = {
        "reliability.svg": _reliability(name, view, method),
        "precision_recall.svg": _precision_recall(name, view),
        "confusion.html": confusion_page(f"Labels, {name}", CLASSES, confusion(view)),
        "errors.html": errors_page(f"The worst errors, {name}", worst(view)),
    }
    for file, text in files.items():
        (folder / file).write_text(text, "utf-8")


def write_json(path: Path, value: object) -> None:
    """Write a value as readable JSON."""
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", "utf-8")


def worst(view: View, limit: int = WORST) -> list[Mistake]:
    """Return the wrongly labelled mentions whose true label the model thought least likely."""
    wrong = [row for row in view.rows if row.group != row.guess]
    wrong.sort(key=lambda row: (row.scores[row.group], row.post, row.number))
    labels = {(row.post, row.number): row.label for row in view.rows}
    return [_mistake(view, row, labels) for row in wrong[:limit]]


def _mistake(view: View, row: Row, labels: dict[tuple[int, int], str]) -> Mistake:
    example = view.examples[row.post]
    spans: list[tuple[Field, tuple[int, int]]] = [("title", s) for s in example.title.spans]
    spans += [("body", s) for s in example.body.spans]
    marked = [
        Marked(
            field,
            start,
            end,
            "?" if judge == IGNORED else CLASSES[judge],
            labels.get((row.post, number), "not judged"),
        )
        for number, ((field, (start, end)), judge) in enumerate(
            zip(spans, example.classes, strict=True)
        )
    ]
    return Mistake(
        example.id,
        example.source,
        example.title.text,
        example.body.text,
        marked[row.number],
        tuple(m for number, m in enumerate(marked) if number != row.number),
        row.scores,
    )


def _reliability(name: str, view: View, method: Method) -> str:
    logits, groups, posts = view.judged_logits()
    truth = groups.numpy()
    before = probabilities(logits, type(view.calibration)())
    few = len(set(posts)) < PARTS
    parts = [post % PARTS for post in posts]
    after = before if few else cross_fitted(logits, groups, parts, method)
    bins = {"hired, as trained": reliability(before[:, 0], truth == 0)}
    for group, label in enumerate(LABELS):
        bins[f"{label}, scaled on other posts"] = reliability(after[:, group], truth == group)
    return reliability_picture(f"Reliability, {name}", bins)


def _precision_recall(name: str, view: View) -> str:
    pairs = view.pairs
    weights = Bootstrap(len(view.examples), _DRAWS).weights
    drawn = weights[:, [p.post for p in pairs]] if pairs else np.zeros((1, 0))
    marked = {"hired or unsure": view.calibration.threshold}
    if view.calibration.hired_threshold is not None:
        marked["hired for sure"] = view.calibration.hired_threshold
    return precision_recall_picture(
        f"Precision and recall, {name}",
        np.array([p.score for p in pairs], dtype=float),
        np.array([p.hired for p in pairs], dtype=bool),
        drawn,
        marked,
    )


def _counts(examples: Sequence[Example]) -> dict[str, Any]:
    labels = Counter(
        "?" if label == IGNORED else CLASSES[label] for e in examples for label in e.classes
    )
    return {
        "posts": len(examples),
        "files": dict(Counter(e.source for e in examples)),
        "employers": len({e.group for e in examples if not e.authored}),
        "authors": sorted({e.group for e in examples if e.authored}),
        "labels": dict(labels.most_common()),
    }
