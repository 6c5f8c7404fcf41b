"""Found names beside the lexicon's mentions: labels, and who gives way to whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from enrich.bundle import Calibration
from enrich.lexicon import Lexicon
from enrich.names.bundle import NameHead
from enrich.names.decode import apart
from enrich.reading import Reading
from enrich.reality import Named, decide
from enrich.strip import LabelledSpan


def with_names(
    field: Literal["title", "body"],
    reading: Reading,
    labels: Sequence[LabelledSpan],
    names: Sequence[Named],
    lexicon: Lexicon,
    calibration: Calibration,
) -> list[tuple[str, LabelledSpan]]:
    """Return the labelled mentions of a field, each with its form, and the names with none.

    A name that touches a look-alike is none: an editor has said so. ``calibration`` is the one for
    names (``name_calibration``).
    """
    known = [(match.form, label) for match, label in zip(reading.matches, labels, strict=True)]
    found = [name for name in names if name.field == field]
    if not found:
        return known
    text = reading.normalized.text
    others = [(match.start, match.end) for match in lexicon.lookalikes(text)]
    spans = [(name.start, name.end) for name in found]
    free = apart(spans, [*reading.spans, *others])
    kept = [name for name, is_free in zip(found, free, strict=True) if is_free]
    judged = decide(
        [(name.start, name.end) for name in kept],
        [name.verdict for name in kept],
        calibration,
    )
    return sorted([*known, *(("", label) for label in judged)], key=lambda item: item[1].start)


def name_calibration(calibration: Calibration, head: NameHead | None) -> Calibration:
    """Return how found names are judged: hired from the head's ``hired_from`` on.

    That is less than of the lexicon's mentions, so that nothing is stripped of which two things
    are unsure: that it is a name, and that it is not hired.
    """
    if head is None:
        return calibration
    return replace(calibration, threshold=head.hired_from, hired_threshold=None)
