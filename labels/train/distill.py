"""Teachers' views of unjudged posts, for a student to learn beside what judges said."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor

from enrich.bundle import Bundle, load_bundle
from enrich.lexicon import Lexicon
from enrich.reading import read
from enrich.reality import mention_logits
from enrich.windows import MarkedText
from labels.train.config import DistillConfig
from labels.train.corpus import rows
from labels.train.fit import choose_device
from labels.train.items import Item, Reader, Soft
from labels.train.watch import Watch

UnjudgedPost = tuple[MarkedText, MarkedText]
Targets = dict[tuple[int, int], Soft]
_CHUNK = 256


def soft_items(
    config: DistillConfig, reader: Reader, lexicon: Lexicon, device: str, cache: Path, watch: Watch
) -> list[Item]:
    """Return the windows of unjudged posts with the teachers' averaged probabilities.

    ``cache``: a file that keeps the probabilities, so that a run that goes on asks no teacher.

    Raises:
        BundleError: a teacher cannot be loaded.
        GoldError: a file of posts is malformed.
    """
    if not config.teachers:
        return []
    posts = unjudged(config, lexicon)
    identity = _identity(config, posts)
    targets = _read(cache, identity)
    if targets is None:
        watch.log(f"{len(config.teachers)} teachers judge {len(posts)} posts")
        targets = teach(
            [load_bundle(path) for path in config.teachers],
            posts,
            config.temperature,
            choose_device(device),
            watch,
        )
        _write(cache, identity, targets)
    return reader.soft_items(posts, targets)


def unjudged(config: DistillConfig, lexicon: Lexicon) -> list[UnjudgedPost]:
    """Return posts that name a position, at most ``limit``, chosen by the digest of their text.

    Left out: posts with the id, employer or text of one in the files of ``exclude``.
    """
    refused = {key for path in config.exclude for row in rows(path) for key in _keys(row)}
    found: dict[str, dict[str, Any]] = {}
    for path in config.posts:
        for row in rows(path):
            if refused.isdisjoint(_keys(row)):
                text = f"{row.get('title', '')}\n{row.get('body', '')}"
                found[hashlib.sha256(text.encode()).hexdigest()] = row
    posts: list[UnjudgedPost] = []
    for digest in sorted(found):
        if len(posts) == config.limit:
            break
        title, body = (_marked(found[digest].get(name), lexicon) for name in ("title", "body"))
        if title.spans or body.spans:
            posts.append((title, body))
    return posts


def teach(
    teachers: Sequence[Bundle],
    posts: Sequence[UnjudgedPost],
    temperature: float,
    device: torch.device,
    watch: Watch,
) -> Targets:
    """Return the mean of the teachers' softened probabilities of every mention."""
    sums: dict[tuple[int, int], Tensor] = {}
    with watch.progress("taught", len(posts) * len(teachers)) as advance:
        for teacher in teachers:
            teacher.model.to(device)
            reader = Reader(teacher.tokenizer, teacher.specials, 256)
            for at in range(0, len(posts), _CHUNK):
                chunk = posts[at : at + _CHUNK]
                found = mention_logits(teacher, reader.windows(chunk))
                for (post, number), logits in found.items():
                    key = at + post, number
                    view = torch.softmax(logits / temperature, dim=0) / len(teachers)
                    sums[key] = sums[key] + view if key in sums else view
                advance(len(chunk))
            teacher.model.cpu()
    return {key: tuple(view.tolist()) for key, view in sums.items()}


def _keys(row: dict[str, Any]) -> set[str]:
    """Return what tells that two posts are the same or of the same employer."""
    keys = {f"{name}:{row[name]}" for name in ("id", "company") if row.get(name)}
    return keys | {f"text:{row['body']}"} if row.get("body") else keys


def _marked(text: object, lexicon: Lexicon) -> MarkedText:
    reading = read(text if isinstance(text, str) else "", lexicon)
    return MarkedText(reading.normalized.text, reading.spans)


def _identity(config: DistillConfig, posts: Sequence[UnjudgedPost]) -> str:
    total = hashlib.sha256(repr([config.temperature, *posts]).encode())
    for path in config.teachers:
        for name in ("config.json", "model.safetensors", "tokenizer.json"):
            total.update(hashlib.sha256((path / name).read_bytes()).digest())
    return total.hexdigest()


def _read(cache: Path, identity: str) -> Targets | None:
    if not cache.is_file():
        return None
    with safe_open(cache, "pt") as file:
        if (file.metadata() or {}).get("identity") != identity:
            return None
        keys, views = file.get_tensor("keys").tolist(), file.get_tensor("views").tolist()
    return {(p, n): tuple(view) for (p, n), view in zip(keys, views, strict=True)}


def _write(cache: Path, identity: str, targets: Targets) -> None:
    cache.parent.mkdir(parents=True, exist_ok=True)
    fresh = cache.with_suffix(".new")
    tensors = {
        "keys": torch.tensor(list(targets), dtype=torch.long).reshape(-1, 2),
        "views": torch.tensor(list(targets.values())),
    }
    save_file(tensors, fresh, {"identity": identity})
    fresh.replace(cache)
