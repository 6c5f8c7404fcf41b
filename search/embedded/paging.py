"""Order and pages of the embedded index's matches: best score first, then id."""

from __future__ import annotations

from heapq import nsmallest

import numpy as np

from search.cursors import check_limit, decode, encode
from search.embedded.snapshot import Found, Snapshot

Ranked = tuple[float, str, int]
"""Score, id and row of one match."""


def best(found: Found, state: Snapshot, most: int) -> list[Ranked]:
    """Return the best matches in order; equal scores in the order of ids.

    Only what can be among them is sorted: of a long answer a page is wanted.
    """
    rows, scores = found.rows, found.scores
    if len(rows) > most:
        last = np.partition(scores, len(rows) - most)[len(rows) - most]
        above, equal = scores > last, rows[scores == last]
        left = most - int(np.count_nonzero(above))
        ties = nsmallest(left, ((state.ids[row], row) for row in equal.tolist()))
        some = [*_ranked(rows[above], scores[above], state)]
        some += [(float(last), id_, row) for id_, row in ties]
    else:
        some = _ranked(rows, scores, state)
    return sorted(some, key=lambda match: (-match[0], match[1]))


def page_after(
    found: Found, state: Snapshot, cursor: str | None, limit: int
) -> tuple[list[Ranked], str | None]:
    """Return the page behind a cursor and the cursor of the next one, None at the end.

    Raises:
        CursorError: the cursor cannot be read.
        ValueError: the limit is below 1.
    """
    check_limit(limit)
    if cursor is not None:
        score, id_, _ = decode(cursor)
        found = _behind(found, state, score, id_)
    page = best(found, state, limit)
    more = len(found.rows) > limit
    return page, encode(*page[-1][:2]) if more else None


def _behind(found: Found, state: Snapshot, score: float, id_: str) -> Found:
    kept = found.scores < score
    for at in np.flatnonzero(found.scores == score).tolist():
        kept[at] = state.ids[found.rows[at]] > id_
    return Found(found.rows[kept], found.scores[kept])


def _ranked(
    rows: np.ndarray[tuple[int], np.dtype[np.int64]],
    scores: np.ndarray[tuple[int], np.dtype[np.float64]],
    state: Snapshot,
) -> list[Ranked]:
    return list(zip(scores.tolist(), state.ids[rows].tolist(), rows.tolist(), strict=True))
