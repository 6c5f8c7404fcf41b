"""Pass 1: which of a post's position mentions are hired, mentioned only, or no position."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Literal

from enrich.borders import is_cut_out
from enrich.bundle import Bundle, Calibration
from enrich.names.decode import SHORTEST, trimmed
from enrich.names.find import NameFinder
from enrich.reading import Reading
from enrich.strip import LabelledSpan
from enrich.windows import MarkedText, Window, batches, cut_windows, tokenize

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from enrich.encoder import WindowBatch
    from enrich.names.find import Found
    from enrich.windows import TokenField

    Look = Callable[[Sequence[tuple[int, Window]], WindowBatch, Sequence[Tensor]], None]

UNSURE = "unsure"
"""Reason of a mention that is labelled hired because nothing surer is known."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Probabilities of hired, mentioned only and no position, and the likeliest kind of N."""

    hired: float
    mentioned: float
    nothing: float
    reason: str


@dataclass(frozen=True, slots=True)
class Named:
    """A position's name that no form covers, at ``[start, end)`` of a field's normalised text.

    ``score``: how sure it is a name.
    """

    field: Literal["title", "body"]
    start: int
    end: int
    score: float
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Judged:
    """Verdicts of title mentions, then body mentions; None where no window reached one.

    ``names``: what was found beside the lexicon's mentions, title first, in order.
    """

    verdicts: tuple[Verdict | None, ...]
    truncated: bool
    names: tuple[Named, ...] = ()


def judge(bundle: Bundle, posts: Sequence[tuple[Reading, Reading]]) -> list[Judged]:
    """Judge every mention of posts, given as (title, body) readings, in one batched pass."""
    tokens = tokenize(
        bundle.tokenizer,
        [MarkedText(r.normalized.text, r.spans) for pair in posts for r in pair],
        bundle.specials,
        places=bundle.names is not None,
    )
    windows: list[tuple[int, Window]] = []
    truncated: list[bool] = []
    for number, (title, body) in enumerate(posts):
        cut, short = cut_windows(tokens[2 * number], tokens[2 * number + 1], bundle.specials)
        truncated.append(short)
        if title.matches or body.matches or bundle.names:
            windows.extend((number, window) for window in cut)
    finder = NameFinder(bundle.model, bundle.names) if bundle.names else None
    logits = mention_logits(bundle, windows, finder.look if finder else None)
    found = verdicts(logits, bundle.calibration)
    named = _named(finder.names(tokens), tokens, posts, bundle.calibration) if finder else {}
    return [
        Judged(
            tuple(found.get((number, m)) for m in range(len(t.matches) + len(b.matches))),
            truncated[number],
            tuple(named.get(number, ())),
        )
        for number, (t, b) in enumerate(posts)
    ]


def judge_windows(
    bundle: Bundle, windows: Sequence[tuple[int, Window]]
) -> dict[tuple[int, int], Verdict]:
    """Return {(post, mention): verdict} of windows given with their post's number."""
    return verdicts(mention_logits(bundle, windows), bundle.calibration)


def mention_logits(
    bundle: Bundle, windows: Sequence[tuple[int, Window]], look: Look | None = None
) -> dict[tuple[int, int], Tensor]:
    """Return {(post, mention): logits over the classes} in single precision on the CPU.

    A mention in two windows has its logits averaged. The model runs where its weights lie.
    ``look`` sees all layers of every batch, of windows without a mention too.
    """
    import torch

    from enrich.encoder import collate

    device = next(bundle.model.parameters()).device
    sums: dict[tuple[int, int], Tensor] = {}
    counts: dict[tuple[int, int], int] = {}
    with torch.inference_mode():
        for group in batches([len(window.ids) for _, window in windows]):
            chunk = [windows[i] for i in group if windows[i][1].mentions or look]
            if not chunk:
                continue
            batch = on_device(collate([window for _, window in chunk], bundle.specials.pad), device)
            if look:
                layers = bundle.model.layer_states(batch.ids, batch.mask)
                look(chunk, batch, layers)
                logits = bundle.model.classify(layers[-1], batch).float().cpu()
            else:
                logits = bundle.model(batch).float().cpu()
            keys = [(number, m[0]) for number, window in chunk for m in window.mentions]
            for key, row in zip(keys, logits, strict=True):
                sums[key] = sums[key] + row if key in sums else row
                counts[key] = counts.get(key, 0) + 1
        return {key: row / counts[key] for key, row in sums.items()}


def _named(
    found: Sequence[Found],
    tokens: Sequence[TokenField],
    posts: Sequence[tuple[Reading, Reading]],
    calibration: Calibration,
) -> dict[int, list[Named]]:
    """Return the names of each post, traced from tokens to characters and judged."""
    judged = verdicts({(0, n): name.logits for n, name in enumerate(found)}, calibration)
    named: dict[int, list[Named]] = {}
    for number, name in enumerate(found):
        post, field, first, last = name.place
        side = int(field == "body")
        places = tokens[2 * post + side].places
        text = posts[post][side].normalized.text
        start, end = trimmed(text, places[first][0], places[last - 1][1])
        if end - start >= SHORTEST and not is_cut_out(text, start, end):
            verdict = judged[0, number]
            named.setdefault(post, []).append(Named(field, start, end, name.score, verdict))
    return named


def on_device(batch: WindowBatch, device: torch.device) -> WindowBatch:
    """Return a batch whose tensors lie on a device."""
    parts = {field.name: getattr(batch, field.name).to(device) for field in fields(batch)}
    return replace(batch, **parts)


def verdicts(
    logits: Mapping[tuple[int, int], Tensor], calibration: Calibration
) -> dict[tuple[int, int], Verdict]:
    """Turn the logits of mentions into calibrated probabilities."""
    import torch

    from enrich.encoder import CLASSES

    if not logits:
        return {}
    with torch.inference_mode():
        rows = torch.stack(list(logits.values()))
        groups = group_probabilities(rows, calibration).tolist()
        kinds = rows[:, 2:].argmax(dim=1).tolist()
    return {
        key: Verdict(round(h, 6), round(n, 6), round(x, 6), CLASSES[2 + kind])
        for key, (h, n, x), kind in zip(logits, groups, kinds, strict=True)
    }


def group_probabilities(logits: Tensor, calibration: Calibration) -> Tensor:
    """Return calibrated probabilities of hired, mentioned and nothing; shape (mentions, 3)."""
    from enrich.encoder import group_log_probabilities

    groups = group_log_probabilities(logits / calibration.temperature)
    neutral = Calibration()
    if (calibration.scales, calibration.biases) == (neutral.scales, neutral.biases):
        return groups.exp()
    moved = groups * groups.new_tensor(calibration.scales) + groups.new_tensor(calibration.biases)
    return moved.softmax(dim=1)


def decide(
    spans: Sequence[tuple[int, int]],
    verdicts: Sequence[Verdict | None],
    calibration: Calibration,
) -> list[LabelledSpan]:
    """Turn verdicts into labels; what was never judged, and what is unsure, is kept as hired.

    An unsure mention has the reason ``unsure``.
    """
    labelled: list[LabelledSpan] = []
    for (start, end), verdict in zip(spans, verdicts, strict=True):
        if verdict is None:
            labelled.append(LabelledSpan(start, end, "H", None, 0.5))
        elif verdict.hired >= calibration.threshold:
            reason = UNSURE if calibration.is_unsure(verdict.hired) else None
            labelled.append(LabelledSpan(start, end, "H", reason, verdict.hired))
        elif verdict.mentioned >= calibration.strip_threshold * (1 - verdict.hired):
            labelled.append(LabelledSpan(start, end, "N", verdict.reason, verdict.hired))
        else:
            labelled.append(LabelledSpan(start, end, "X", None, verdict.hired))
    return labelled
