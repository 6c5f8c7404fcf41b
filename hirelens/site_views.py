"""Tables of what ``hirelens site preview`` finds."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, TypeVar

from hirelens.output import console, emit_text, table

if TYPE_CHECKING:
    from hirelens.site_preview import QueryChange
    from search.intent.model import Intent
    from search.rewrite.model import Expansion

T = TypeVar("T")
_NOTHING = "-"
SHOWN = 5
"""Names of one kind that a table shows; ``--json`` prints all."""


def show_preview(changes: Sequence[QueryChange], asked: int) -> None:
    """Print what changes: of each query a line for the parts, the other names and the hits."""
    rows: list[tuple[str, str, str, str]] = []
    for change in changes:
        lines = [
            ("parts", *_told(change.parts(), _part)),
            ("rewritten to", *map(_names, change.expansions())),
            ("hits", *_told(change.hits(), str)),
        ]
        changed = [(what, old, new) for what, old, new in lines if old != new]
        for what, old, new in changed or [("hits", "the same ones", "in another order")]:
            rows.append((change.query, what, old, new))
    if rows:
        console().print(table(None, ("query", "what", "now", "with the new rules"), rows))
    emit_text(f"{len(changes)} of {asked} queries change")


def _told(pair: tuple[Iterable[T], Iterable[T]], tell: Callable[[T], str]) -> tuple[str, str]:
    old, new = (", ".join(map(tell, items)) or _NOTHING for items in pair)
    return old, new


def _part(intent: Intent) -> str:
    from search.site.model import STOP

    if intent.source == STOP:
        return f"{intent.text} (stop word)"
    value = intent.value
    if intent.attribute == "generic" or value is None:
        return f"{intent.text} ({intent.attribute})"
    shown = value if isinstance(value, str) else json.dumps(dict(value), ensure_ascii=False)
    refused = "not " if intent.negated else ""
    return f"{intent.text} ({intent.attribute}: {refused}{shown})"


def _names(expansions: Iterable[Expansion]) -> str:
    """Return the names by kind, the first few of each."""
    kinds: dict[str, list[str]] = {}
    for one in expansions:
        by_editor = " (editor)" if one.source == "editor" else ""
        kinds.setdefault(one.kind, []).append(f"{one.text}{by_editor}")
    return "; ".join(f"{kind}: {_few(names)}" for kind, names in kinds.items()) or _NOTHING


def _few(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
