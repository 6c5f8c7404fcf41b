"""What the parts that a tagger sees amount to, next to what the other steps know."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from search.intent.marks import GENERIC, Span
from search.intent.model import Attribute, Candidate
from search.intent.path import UNKNOWN

TAGGER = "tagger"

_WEAK, _DOUBTFUL = 0.6, 0.8
"""Worth of a character of a known part under which it may be cut, or read anew as a whole."""

_COUNTED = frozenset({"salary", "age", "gender", "education", "experience"})
"""What rules read exactly; no name swallows it."""

_NAMED, _SILENT = 1.0, 0.3
"""What a character of a name is worth on the path, and one that is read as saying nothing."""

Said = tuple[tuple[Span, Candidate], ...]
"""A span with the reading that it amounts to; two where the second takes what the first left."""


def proposals(text: str, path: Sequence[Candidate], spans: Sequence[Span]) -> Iterator[Said]:
    """Yield the readings that spans amount to, where the other steps do not know better.

    A span says something where part of it is unknown or weakly explained; it swallows neither a
    repaired word nor an amount nor a negator. It may take the first characters of a known
    position (鼎盛|物业保安) where the next span reads the rest as one.
    """
    for number, span in enumerate(spans):
        inside = [item for item in path if item.start < span.end and span.start < item.end]
        if not _sayable(text, span, inside, path):
            continue
        found = _reading(text, span, inside[-1])
        last = inside[-1]
        if last.end <= span.end or last.weight < _WEAK:
            yield ((span, found),)
        elif number + 1 < len(spans) and last.attribute == "position" != span.attribute:
            rest = spans[number + 1]
            if (rest.start, rest.end, rest.attribute) == (span.end, last.end, "position"):
                second = Candidate(*_stretch(text, rest), TAGGER, _NAMED)
                yield (span, found), (rest, second)


def _sayable(text: str, span: Span, inside: Sequence[Candidate], path: Sequence[Candidate]) -> bool:
    if not any(map(doubtful, inside)) or not text[span.start : span.end].isalnum():
        return False
    if inside[0].start < span.start and inside[0].weight >= _WEAK:
        return False
    if any(item.repair or item.attribute in _COUNTED or item.negates for item in inside):
        return False
    if span.attribute == GENERIC:
        # Only before another part are unknown words taken to mean something: 数控|操作工.
        followed = any(item.start == span.end for item in path)
        return followed and all(item.attribute == GENERIC for item in inside)
    return True


def _reading(text: str, span: Span, last: Candidate) -> Candidate:
    """Return a span as a reading; a position keeps the name of the known one at its end."""
    if span.attribute == last.attribute == "position" and last.end == span.end:
        return replace(last, start=span.start, source=TAGGER, weight=_NAMED)
    worth = _SILENT if span.attribute == GENERIC else _NAMED
    return Candidate(*_stretch(text, span), TAGGER, worth)


def _stretch(text: str, span: Span) -> tuple[int, int, Attribute, str]:
    return span.start, span.end, span.attribute, text[span.start : span.end]


def doubtful(item: Candidate) -> bool:
    """Tell whether a part is unknown or only weakly explained."""
    return item.source == UNKNOWN or (item.attribute != GENERIC and item.weight < _DOUBTFUL)
