"""What a model says of judged posts, beside what the judges said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from enrich.bundle import Bundle, Calibration
from enrich.encoder import CLASSES
from enrich.reality import UNSURE, Verdict, decide, mention_logits, verdicts
from labels.train.data import IGNORED, Example
from labels.train.items import Reader
from labels.train.scoring import WordPair, word_pairs

Logits = Mapping[tuple[int, int], Tensor]
GROUP_OF = (0, 2, *[1] * (len(CLASSES) - 2))
"""Of each class the group: 0 hired, 1 mentioned, 2 nothing."""


@dataclass(frozen=True, slots=True)
class Row:
    """One judged mention: its post, its number in it, the judge's class, the model's label."""

    post: int
    number: int
    truth: int
    label: str
    unsure: bool
    verdict: Verdict

    @property
    def group(self) -> int:
        """The judge's group of classes."""
        return GROUP_OF[self.truth]

    @property
    def guess(self) -> int:
        """The model's group of classes."""
        return GROUP_OF[CLASSES.index(self.label)]

    @property
    def scores(self) -> tuple[float, float, float]:
        """Probabilities of the three groups."""
        return self.verdict.hired, self.verdict.mentioned, self.verdict.nothing


@dataclass(frozen=True)
class View:
    """Judged posts, the logits of their mentions, and how those are read."""

    examples: Sequence[Example]
    logits: Logits
    calibration: Calibration

    @cached_property
    def verdicts(self) -> dict[tuple[int, int], Verdict]:
        """Calibrated probabilities of every mention that the model saw."""
        return verdicts(self.logits, self.calibration)

    @cached_property
    def pairs(self) -> list[WordPair]:
        """The (word, post) pairs that count."""
        return word_pairs(self.examples, self.verdicts)

    @cached_property
    def rows(self) -> list[Row]:
        """Every mention that is judged and seen."""
        found: list[Row] = []
        for (post, number), verdict in self.verdicts.items():
            truth = self.examples[post].classes[number]
            if truth != IGNORED:
                span = decide([(0, 0)], [verdict], self.calibration)[0]
                unsure = span.reason == UNSURE
                label = (span.reason if span.label == "N" else span.label) or "N:other"
                found.append(Row(post, number, truth, label, unsure, verdict))
        return found

    def judged_logits(self) -> tuple[Tensor, Tensor, list[int]]:
        """Return logits, the judges' groups and the posts of all rows."""
        logits = [self.logits[row.post, row.number] for row in self.rows]
        groups = torch.tensor([row.group for row in self.rows], dtype=torch.long)
        width = len(CLASSES)
        stacked = torch.stack(logits) if logits else torch.zeros(0, width)
        return stacked, groups, [row.post for row in self.rows]


def judge_examples(bundle: Bundle, reader: Reader, examples: Sequence[Example]) -> Logits:
    """Return the logits of every mention of judged posts that a window holds."""
    return mention_logits(bundle, reader.windows([(e.title, e.body) for e in examples]))
