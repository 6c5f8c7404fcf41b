"""Order and pages of the embedded index's matches: best score first, then id."""

from __future__ import annotations

from collections.abc import Iterable

from search.cursors import check_limit, decode, encode

Ranked = tuple[float, str, int]
"""Score, id and row of one match."""


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
    check_limit(limit)
    if cursor is not None:
        score, id_, _ = decode(cursor)
        matches = [match for match in matches if (-match[0], match[1]) > (-score, id_)]
    page = matches[:limit]
    more = len(matches) > limit
    return page, encode(*page[-1][:2]) if more else None
