"""Pass 1: which of a post's position mentions are hired, mentioned only, or no position."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from enrich.bundle import Bundle, Calibration
from enrich.reading import Reading
from enrich.strip import LabelledSpan
from enrich.windows import MarkedText, Window, batches, cut_windows, tokenize


@dataclass(frozen=True, slots=True)
class Verdict:
    """Probabilities of hired, mentioned only and no position, and the likeliest kind of N."""

    hired: float
    mentioned: float
    nothing: float
    reason: str


@dataclass(frozen=True, slots=True)
class Judged:
    """Verdicts of title mentions, then body mentions; None where no window reached one."""

    verdicts: tuple[Verdict | None, ...]
    truncated: bool


def judge(bundle: Bundle, posts: Sequence[tuple[Reading, Reading]]) -> list[Judged]:
    """Judge every mention of posts, given as (title, body) readings, in one batched pass."""
    fields = tokenize(
        bundle.tokenizer,
        [MarkedText(r.normalized.text, r.spans) for pair in posts for r in pair],
        bundle.specials,
    )
    windows: list[tuple[int, Window]] = []
    truncated: list[bool] = []
    for number, (title, body) in enumerate(posts):
        cut, short = cut_windows(fields[2 * number], fields[2 * number + 1], bundle.specials)
        truncated.append(short)
        if title.matches or body.matches:
            windows.extend((number, window) for window in cut)
    found = judge_windows(bundle, windows)
    return [
        Judged(
            tuple(found.get((number, m)) for m in range(len(t.matches) + len(b.matches))),
            truncated[number],
        )
        for number, (t, b) in enumerate(posts)
    ]


def judge_windows(
    bundle: Bundle, windows: Sequence[tuple[int, Window]]
) -> dict[tuple[int, int], Verdict]:
    """Return {(post, mention): verdict} of windows given with their post's number.

    A mention in two windows has its logits averaged.
    """
    import torch

    from enrich.encoder import CLASSES, collate, group_log_probabilities

    sums: dict[tuple[int, int], torch.Tensor] = {}
    counts: dict[tuple[int, int], int] = {}
    with torch.inference_mode():
        for group in batches([len(window.ids) for _, window in windows]):
            chunk = [windows[i] for i in group if windows[i][1].mentions]
            if not chunk:
                continue
            logits = bundle.model(collate([window for _, window in chunk], bundle.specials.pad))
            keys = [(number, m[0]) for number, window in chunk for m in window.mentions]
            for key, row in zip(keys, logits, strict=True):
                sums[key] = sums[key] + row if key in sums else row
                counts[key] = counts.get(key, 0) + 1
        if not sums:
            return {}
        mean = torch.stack([row / counts[key] for key, row in sums.items()])
        mean = mean / bundle.calibration.temperature
        groups = group_log_probabilities(mean).exp().tolist()
        kinds = mean[:, 2:].argmax(dim=1).tolist()
    return {
        key: Verdict(round(h, 6), round(n, 6), round(x, 6), CLASSES[2 + kind])
        for key, (h, n, x), kind in zip(sums, groups, kinds, strict=True)
    }


def decide(
    spans: Sequence[tuple[int, int]],
    verdicts: Sequence[Verdict | None],
    calibration: Calibration,
) -> list[LabelledSpan]:
    """Turn verdicts into labels; what was never judged, and what is unsure, is kept as hired."""
    labelled: list[LabelledSpan] = []
    for (start, end), verdict in zip(spans, verdicts, strict=True):
        if verdict is None:
            labelled.append(LabelledSpan(start, end, "H", None, 0.5))
        elif verdict.hired >= calibration.threshold:
            labelled.append(LabelledSpan(start, end, "H", None, verdict.hired))
        elif verdict.mentioned >= calibration.strip_threshold * (1 - verdict.hired):
            labelled.append(LabelledSpan(start, end, "N", verdict.reason, verdict.hired))
        else:
            labelled.append(LabelledSpan(start, end, "X", None, verdict.hired))
    return labelled
