"""Making names unknown: a taxonomy without some positions, and what is then to be found.

A position is taken away with all its forms, so that its names are unknown as truly as those of a
position that nobody has written down. Which mentions are names is told by the judges: hired and
mentioned are, "no position" is not. What the taxonomy knows and nobody judged is left out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from enrich.encoder import CLASSES
from enrich.lexicon import Lexicon
from enrich.taxonomy import Taxonomy
from enrich.windows import MarkedText
from labels.train.data import IGNORED, Example

Span = tuple[int, int]
_NOTHING = CLASSES.index("X")


@dataclass(frozen=True, slots=True)
class Target:
    """A name to be found on a field's text, its class, and the positions that it names.

    ``positions`` is empty where the whole taxonomy has no such form: a truly unknown name.
    """

    start: int
    end: int
    label: int
    positions: frozenset[str]


@dataclass(frozen=True, slots=True)
class Field:
    """One field under a lexicon: what that covers, what is to be found, what is not looked at.

    ``nothing``: mentions that judges call no position.
    """

    text: MarkedText
    targets: tuple[Target, ...]
    ignored: tuple[Span, ...]
    nothing: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Task:
    """One post under one lexicon."""

    example: Example
    title: Field
    body: Field


def held_positions(taxonomy: Taxonomy, share: float, seed: int) -> frozenset[str]:
    """Return a share of the positions, chosen by the digests of their ids."""
    return frozenset(id_ for id_ in taxonomy.positions if _place(id_, f"held:{seed}") < share)


def drawn_positions(taxonomy: Taxonomy, share: float, draw: str) -> frozenset[str]:
    """Return another such share for each ``draw``."""
    return frozenset(id_ for id_ in taxonomy.positions if _place(id_, draw) < share)


def without(taxonomy: Taxonomy, removed: Collection[str]) -> Taxonomy:
    """Return a taxonomy that lacks every form all of whose positions are removed."""
    kept = {
        form: senses
        for form, senses in taxonomy.forms.items()
        if any(sense.position not in removed for sense in senses)
    }
    return replace(taxonomy, forms=MappingProxyType(kept))


class Drawer:
    """Turns judged posts into tasks under reduced lexicons."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        """Keep the whole taxonomy, by which positions of names are told."""
        self.taxonomy = taxonomy
        self._whole = Lexicon(taxonomy)

    def tasks(self, examples: Sequence[Example], removed: Collection[str]) -> list[Task]:
        """Return what is to be found in posts once positions are taken away."""
        lexicon = Lexicon(without(self.taxonomy, removed))
        return [self._task(example, lexicon) for example in examples]

    def _task(self, example: Example, lexicon: Lexicon) -> Task:
        cut = len(example.title.spans)
        return Task(
            example,
            self._field(example.title, example.classes[:cut], lexicon),
            self._field(example.body, example.classes[cut:], lexicon),
        )

    def _field(self, judged: MarkedText, classes: Sequence[int], lexicon: Lexicon) -> Field:
        text = judged.text
        covered = tuple((match.start, match.end) for match in lexicon.find(text))
        known = {(m.start, m.end): self._positions(m.form) for m in self._whole.find(text)}
        targets: list[Target] = []
        ignored = [*covered]
        for span, label in zip(judged.spans, classes, strict=True):
            if label == IGNORED or (label != _NOTHING and _meets(span, covered)):
                ignored.append(span)
            elif label != _NOTHING:
                targets.append(Target(*span, label, _named(span, known)))
        ignored.extend(span for span in known if not _meets(span, judged.spans))
        pairs = zip(judged.spans, classes, strict=True)
        nothing = tuple(span for span, label in pairs if label == _NOTHING)
        return Field(
            MarkedText(text, covered), tuple(targets), tuple(sorted(set(ignored))), nothing
        )

    def _positions(self, form: str) -> frozenset[str]:
        return frozenset(sense.position for sense in self.taxonomy.senses(form))


def _named(span: Span, known: Mapping[Span, frozenset[str]]) -> frozenset[str]:
    found = (ids for other, ids in known.items() if _meets(span, (other,)))
    return frozenset().union(*found)


def _meets(span: Span, others: Collection[Span]) -> bool:
    return any(start < span[1] and end > span[0] for start, end in others)


def _place(id_: str, purpose: str) -> float:
    return int(hashlib.sha256(f"{purpose}:{id_}".encode()).hexdigest()[:8], 16) / 2**32
