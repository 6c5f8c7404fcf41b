"""Labelling functions beside the model: where they are right and it is wrong.

The model is given the judged mentions themselves, so that both speak of the same ones.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from enrich.reading import Reading
from labels.weak.functions import load
from labels.weak.judged import halves
from labels.weak.reader import FIELDS, JudgedPost
from labels.weak.votes import LabellingFunction, class_of

if TYPE_CHECKING:
    from enrich.bundle import Bundle

_BATCH = 16


@dataclass(frozen=True, slots=True)
class Beside:
    """One function beside the model, on the mentions that the function votes on.

    ``right`` and ``model_right``: how many of the votes are right; ``errors``: on how many the
    model is wrong; ``mended``: on how many of those the function is right.
    """

    name: str
    kind: str
    votes: int
    right: int
    model_right: int
    errors: int
    mended: int

    @property
    def better(self) -> bool:
        """Whether the function is right more often than the model where it votes."""
        return self.right > self.model_right

    def to_mapping(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {**asdict(self), "better": self.better}


@dataclass(frozen=True, slots=True)
class Against:
    """The model's accuracy over three classes, and every function that voted."""

    posts: int
    mentions: int
    model_right: int
    functions: tuple[Beside, ...]

    def to_mapping(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "posts": self.posts,
            "mentions": self.mentions,
            "model_right": self.model_right,
            "functions": [item.to_mapping() for item in self.functions],
        }


def held_out(posts: Sequence[JudgedPost], limit: int) -> list[JudgedPost]:
    """Return at most ``limit`` posts of the held-out half, evenly from the whole of it."""
    _, held = halves(posts)
    step = max(len(held) / limit, 1.0)
    return [held[int(at * step)] for at in range(min(limit, len(held)))]


def labels_of(
    bundle: Bundle, posts: Sequence[JudgedPost], done: Callable[[int], None]
) -> list[list[str]]:
    """Return the model's labels (H, N, X) of the judged mentions of posts."""
    from enrich.reality import decide, judge

    found: list[list[str]] = []
    for at in range(0, len(posts), _BATCH):
        batch = posts[at : at + _BATCH]
        readings = [_readings(post) for post in batch]
        for pair, judged in zip(readings, judge(bundle, readings), strict=True):
            spans = [span for reading in pair for span in reading.spans]
            labelled = decide(spans, judged.verdicts, bundle.calibration)
            found.append([span.label for span in labelled])
        done(len(batch))
    return found


def against(
    posts: Sequence[JudgedPost],
    model: Sequence[Sequence[str]],
    functions: Sequence[LabellingFunction] | None = None,
) -> Against:
    """Count votes and the model's labels against the judgements.

    Args:
        posts: judged posts.
        model: the model's label (H, N, X) of each mention of each post.
        functions: all by default.
    """
    functions = load() if functions is None else functions
    counts = {function.name: [0, 0, 0, 0] for function in functions}
    mentions = right = 0
    for post, labels in zip(posts, model, strict=True):
        for mention, said, label in zip(post.read.seen.mentions, labels, post.labels, strict=True):
            truth = class_of(label)
            if truth is None:
                continue
            mentions += 1
            right += said == truth
            for function in functions:
                vote = function(mention)
                if vote is not None:
                    own = counts[function.name]
                    own[0] += 1
                    own[1] += vote[0] == truth
                    own[2] += said == truth
                    own[3] += vote[0] == truth != said
    rows = [
        Beside(f.name, f.kind, votes, own, theirs, votes - theirs, mended)
        for f in functions
        for votes, own, theirs, mended in [counts[f.name]]
        if votes
    ]
    return Against(len(posts), mentions, right, tuple(rows))


def _readings(post: JudgedPost) -> tuple[Reading, Reading]:
    found = []
    for name in FIELDS:
        matches = tuple(m for m in post.read.seen.mentions if m.field == name)
        found.append(Reading(post.read.texts[name], matches))
    return found[0], found[1]
