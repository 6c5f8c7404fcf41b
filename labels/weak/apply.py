"""Weak labels for unjudged posts, in the form of a judged set plus probabilities.

Posts are read, voted on and written in batches: memory does not grow with the file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

from enrich.post import Post
from labels.weak.functions import load
from labels.weak.matrix import ABSTAIN, cast, classes
from labels.weak.model import LabelModel
from labels.weak.reader import Read, Reader, Span
from labels.weak.votes import CLASSES, UNDECIDED, Vote

if TYPE_CHECKING:
    from labels.weak.model import Floats

BATCH = 256
_DIGITS = 4
_FIELDS = ("company", "city", "salary", "category")
_OTHER = "N:other"


@dataclass
class Counts:
    """What was written so far."""

    posts: int = 0
    mentions: int = 0
    labels: Counter[str] = field(default_factory=Counter)


class Labeller:
    """Gives posts weak labels with one model."""

    def __init__(self, model: LabelModel, reader: Reader, sure: float = 0.0) -> None:
        """Take a fitted model.

        Args:
            model: it must have been fitted with the present functions.
            reader: reads the posts.
            sure: a mention whose likeliest class is less likely is written undecided.

        Raises:
            ModelError: the model was fitted with other functions.
        """
        self.functions = load()
        model.check(self.functions, "label model")
        self.model = model
        self.mark = model.digest if sure == 0 else f"{model.digest}@{sure:g}"
        self.reader = reader
        self.sure = sure
        self.counts = Counts()

    def rows(self, posts: Iterable[Post]) -> Iterator[dict[str, Any]]:
        """Yield one judged-set row a post, in order; ``weak`` names the model and ``sure``."""
        waiting = iter(posts)
        while batch := list(islice(waiting, BATCH)):
            read = [self.reader.read(post) for post in batch]
            mentions = [mention for one in read for mention in one.seen.mentions]
            votes = cast(self.functions, mentions)
            numbers = classes(votes, len(self.functions))
            probabilities = self.model.judge(numbers, self.functions)
            voted = (numbers != ABSTAIN).any(axis=1)
            at = 0
            for post, one in zip(batch, read, strict=True):
                end = at + len(one.spans)
                labelled = [
                    self._mention(span, votes[n], probabilities[n] if voted[n] else None)
                    for n, span in zip(range(at, end), one.spans, strict=True)
                ]
                yield self._row(post, one, labelled)
                at = end

    def _row(self, post: Post, read: Read, mentions: list[dict[str, Any]]) -> dict[str, Any]:
        self.counts.posts += 1
        self.counts.mentions += len(read.spans)
        self.counts.labels.update(mention["label"] for mention in mentions)
        given = {name: getattr(post, name) for name in _FIELDS}
        hired = [m["text"] for m in mentions if m["label"] == "H"]
        return {
            "id": post.id,
            "title": post.title,
            "body": post.body,
            **{name: value for name, value in given.items() if value is not None},
            "hired": list(dict.fromkeys(hired)),
            "mentions": mentions,
            "weak": self.mark,
        }

    def _mention(
        self, span: Span, votes: Sequence[Vote | None], odds: Floats | None
    ) -> dict[str, Any]:
        data: dict[str, Any] = {
            "field": span.field,
            "start": span.start,
            "end": span.end,
            "text": span.text,
        }
        if odds is None:
            return {**data, "label": UNDECIDED, "probability": None}
        best = int(odds.argmax())
        label = CLASSES[best] if odds[best] >= self.sure else UNDECIDED
        return {
            **data,
            "label": _reason(votes) if label == "N" else label,
            "probability": {
                name: round(float(share), _DIGITS)
                for name, share in zip(CLASSES, odds, strict=True)
            },
        }


def _reason(votes: Sequence[Vote | None]) -> str:
    """Return the kind of N that most functions vote for; N:other where none says one."""
    kinds = Counter(vote for vote in votes if vote is not None and vote[0] == "N")
    named = [kind for kind, _ in kinds.most_common() if kind != _OTHER]
    return named[0] if named else _OTHER
