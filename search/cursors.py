"""Cursors of result pages: the place of a page's last hit, best score first, then id."""

from __future__ import annotations

import base64
import binascii
import json
import math

from search.index import CursorError


def encode(score: float, id: str, snapshot: str | None = None) -> str:  # noqa: A002 - the field
    """Return the cursor behind a hit; ``snapshot`` names what the pages are read from."""
    place = [score, id] if snapshot is None else [score, id, snapshot]
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode()


def decode(cursor: str) -> tuple[float, str, str | None]:
    """Return score, id and snapshot of a cursor.

    Raises:
        CursorError: it cannot be read.
    """
    try:
        score, id_, *snapshot = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        if math.isfinite(score):
            return float(score), str(id_), str(snapshot[0]) if snapshot else None
    except (binascii.Error, ValueError, TypeError, OverflowError, RecursionError):
        pass
    raise CursorError(
        f"cursor {cursor[:40]!r} cannot be read; pass the one of the page before, or none"
    )


def check_limit(limit: int) -> None:
    """Refuse a page without hits.

    Raises:
        ValueError: the limit is below 1.
    """
    if limit < 1:
        raise ValueError(f"limit {limit} is below 1; ask for at least one hit")
