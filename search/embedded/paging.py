"""Order and cursors of result pages: best score first, then id; a cursor is a hit's place."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable

Ranked = tuple[float, str, int]
"""Score, id and row of one match."""


class CursorError(ValueError):
    """A cursor is not one that a page gave."""


def ranked(matches: Iterable[Ranked]) -> list[Ranked]:
    """Return matches best first; equal scores in the order of ids."""
    return sorted(matches, key=lambda match: (-match[0], match[1]))


def page_after(
    matches: list[Ranked], cursor: str | None, limit: int
) -> tuple[list[Ranked], str | None]:
    """Return the page behind a cursor and the cursor of the next one, None at the end.

    Raises:
        CursorError: the cursor cannot be read.
        ValueError: the limit is below 1.
    """
    if limit < 1:
        raise ValueError(f"limit {limit} is below 1; ask for at least one hit")
    if cursor is not None:
        score, id_ = _decode(cursor)
        matches = [match for match in matches if (-match[0], match[1]) > (-score, id_)]
    page = matches[:limit]
    more = len(matches) > limit
    return page, _encode(page[-1]) if more else None


def _encode(match: Ranked) -> str:
    return base64.urlsafe_b64encode(json.dumps(match[:2]).encode()).decode()


def _decode(cursor: str) -> tuple[float, str]:
    try:
        score, id_ = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        return float(score), str(id_)
    except (binascii.Error, ValueError, TypeError):
        raise CursorError(
            f"cursor {cursor[:40]!r} cannot be read; pass the one of the page before, or none"
        ) from None
