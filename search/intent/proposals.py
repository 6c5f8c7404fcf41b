"""What the parts that a tagger sees amount to, next to what the other steps know."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from search.intent.marks import GENERIC, Span
from search.intent.model import Attribute, Candidate
from search.intent.path import UNKNOWN

TAGGER = "tagger"

_WEAK = 0.6
"""Worth of a character of a known part under which it may be cut."""

_TAKES: Mapping[Attribute, frozenset[Attribute]] = {
    "company": frozenset({"company", "workplace", "position", "location", GENERIC}),
    "location": frozenset({"location", "workplace", "position", GENERIC}),
    "workplace": frozenset({"workplace", "position", GENERIC}),
    "position": frozenset({"position"}),
    "benefit": frozenset({"benefit", GENERIC}),
    "job_type": frozenset({"job_type", GENERIC}),
}
"""Known parts that a name of each attribute may take in, beside unknown words."""

_NAMED, _SILENT = 1.0, 0.3
"""What a character of a name is worth on the path, and one that is read as saying nothing."""

Said = tuple[tuple[Span, Candidate], ...]
"""A span with the reading that it amounts to; two where the second takes what the first left."""


def proposals(text: str, path: Sequence[Candidate], spans: Sequence[Span]) -> Iterator[Said]:
    """Yield the readings that spans amount to, where the other steps do not know better.

    A span says something where part of it is unknown; it swallows neither a
    repaired word nor an amount nor a negator. It may take the first characters of a known
    position (鼎盛|物业保安) where the next span reads the rest as one.
    """
    for number, span in enumerate(spans):
        inside = [item for item in path if item.start < span.end and span.start < item.end]
        if span.attribute == GENERIC:
            yield from _silent(span, inside, path)
        elif _sayable(text, span, inside):
            found = _reading(text, span, inside[-1])
            last = inside[-1]
            if last.end <= span.end or last.weight < _WEAK:
                yield ((span, found),)
            elif number + 1 < len(spans) and last.attribute == "position" != span.attribute:
                rest = spans[number + 1]
                if (rest.start, rest.end, rest.attribute) == (span.end, last.end, "position"):
                    second = Candidate(*_stretch(text, rest), TAGGER, _NAMED)
                    yield (span, found), (rest, second)


def _silent(span: Span, inside: Sequence[Candidate], path: Sequence[Candidate]) -> Iterator[Said]:
    """Yield the unknown words of a span that says nothing, where a part that asks follows.

    Only there are unknown words taken to mean something: 数控|操作工.
    """
    if any(item.start == span.end and item.attribute != GENERIC for item in path):
        for item in inside:
            if item.source == UNKNOWN and span.start <= item.start and item.end <= span.end:
                yield ((span, replace(item, source=TAGGER, weight=_SILENT)),)


def _sayable(text: str, span: Span, inside: Sequence[Candidate]) -> bool:
    if all(item.source != UNKNOWN for item in inside) or not text[span.start : span.end].isalnum():
        return False
    if inside[0].start < span.start and inside[0].weight >= _WEAK:
        return False
    takes = _TAKES.get(span.attribute, frozenset())
    return not any(
        item.repair or item.negates or (item.source != UNKNOWN and item.attribute not in takes)
        for item in inside
    )


def _reading(text: str, span: Span, last: Candidate) -> Candidate:
    """Return a span as a reading; a position keeps the name of the known one at its end."""
    if span.attribute == last.attribute == "position" and last.end == span.end:
        return replace(last, start=span.start, source=TAGGER, weight=_NAMED)
    return Candidate(*_stretch(text, span), TAGGER, _NAMED)


def _stretch(text: str, span: Span) -> tuple[int, int, Attribute, str]:
    return span.start, span.end, span.attribute, text[span.start : span.end]
