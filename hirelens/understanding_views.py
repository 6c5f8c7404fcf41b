"""What a search understood, as lines for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from hirelens.output import safe

if TYPE_CHECKING:
    from search.intent.model import Intent
    from search.understanding import GivenUp, Understanding

MOST = 8
"""Expansions that are shown unless everything is asked for."""
_DOT = " · "


def understood_lines(understanding: Understanding, *, explain: bool = False) -> Iterator[str]:
    """Yield what was understood, the other words that answer, and what was given up.

    ``explain`` adds what became of each part and every expansion with its score.
    """
    parts = list(_parts(understanding))
    if parts:
        yield f"understood: {_DOT.join(parts)}"
    others = [one for rewritten in understanding.rewrites for one in rewritten.expansions]
    if others:
        shown = others if explain else others[:MOST]
        names = [f"{one.text} {one.score:.2f} {one.kind}" if explain else one.text for one in shown]
        more = _DOT + f"{len(others) - len(shown)} more" if len(others) > len(shown) else ""
        yield f"also: {safe(_DOT.join(names))}{more}"
    if understanding.relaxed:
        given_up = _DOT.join(_given_up(one) for one in understanding.relaxed)
        yield f"given up, since nothing answers it: {given_up}"
    if explain:
        yield from _explained(understanding)


def _parts(understanding: Understanding) -> Iterator[str]:
    ignored = [
        intent for need in understanding.needs if need.use == "ignore" for intent in need.intents
    ]
    for intent in understanding.intents:
        if intent.attribute == "generic":
            continue
        found = f"{intent.attribute} {safe(shown_value(intent))}"
        if intent.negated:
            found = f"not {found}"
        yield f"{found} (asks nothing)" if any(one is intent for one in ignored) else found
    words = [part.text for part in understanding.parts if part.attribute == "generic"]
    if words and understanding.intents:
        yield f"words {safe(', '.join(words))}"


def _given_up(one: GivenUp) -> str:
    texts = safe(", ".join(one.texts))
    now = f" (now {safe(', '.join(one.instead))})" if one.instead else ""
    return f"{one.attribute} {texts}{now}"


def _explained(understanding: Understanding) -> Iterator[str]:
    for part in understanding.parts:
        what = "position" if part.asks_position else part.attribute
        ids = ", ".join((*part.positions, *(f"{wider}*" for wider in part.wider)))
        yield f"  must match, {what}: {safe(part.text)}" + (f" ({ids})" if ids else "")
    for need in understanding.needs:
        texts = ", ".join(intent.text for intent in need.intents)
        use = f"refusal, {need.use}" if need.refuses else need.use
        why = f": {need.asked.why}" if need.asked.why else ""
        yield f"  {use}, {need.attribute}: {safe(texts)}{why}"
    for text in dict.fromkeys(text for one in understanding.rewrites for text in one.notes):
        yield f"  rewriting: {safe(text)}"
    if understanding.meaning and understanding.meaning != understanding.query:
        yield f"  vector of: {safe(understanding.meaning)}"


def shown_value(intent: Intent) -> str:
    """Return an intent's value in a few characters: ≥4000, 18-45, 服务员."""
    value = intent.value
    if isinstance(value, str):
        return value
    if not isinstance(value, Mapping):
        return intent.text
    if "level" in value:
        sign = "≥" if value.get("min") else "≤" if value.get("max") else ""
        return f"{sign}{value['level']}"
    shown = _range(value)
    if not shown:
        return intent.text
    if intent.attribute == "experience":
        return f"{shown} months"
    unit = value.get("unit", "month")
    return shown if unit == "month" else f"{shown}/{unit}"


def _range(value: Mapping[str, Any]) -> str:
    low, high = value.get("min"), value.get("max")
    if low is None and high is None:
        return ""
    if low is None:
        return f"≤{high}"
    if high is None:
        return f"≥{low}"
    return f"{low}" if low == high else f"{low}-{high}"
