"""The embedded back end of the index protocol."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from search.embedded import store
from search.embedded.conditions import Lookup
from search.embedded.database import Database
from search.embedded.paging import best, page_after
from search.embedded.snapshot import Found, Snapshots
from search.embedded.textquery import filter_scores, position_scores, text_scores
from search.embedded.vectors import VectorCache
from search.index import (
    Document,
    FilterQuery,
    Filters,
    Hit,
    Page,
    PositionQuery,
    Query,
    Stamp,
    TextQuery,
    VectorQuery,
    VectorSpaceError,
    WriteOutcome,
)
from search.validity import check_depth, vector_problem


class EmbeddedIndex:
    """An index in one SQLite file; several processes may write and search it at once.

    Opened with another vector space than the file's it still serves text; vectors are refused.
    """

    def __init__(self, path: Path, vector_space: str) -> None:
        """Open or make the file.

        Raises:
            IndexFileError: the file is no index of this format.
        """
        self._db = Database(path, vector_space)
        self._space = vector_space
        self._snapshots = Snapshots()
        self._vectors = VectorCache()

    @property
    def vector_space(self) -> str:
        """What the vectors in the file mean; it may differ from the space it was opened with."""
        return self._db.meta("vector_space") or ""

    @property
    def identity(self) -> str:
        """Another text for a file that was made anew."""
        return self._db.meta("instance") or ""

    def refresh(self) -> None:
        """Do nothing: what is written is visible at once."""

    def close(self) -> None:
        """Close this thread's connection; the next call opens another."""
        self._db.close()

    def write(self, documents: Sequence[Document]) -> list[WriteOutcome]:
        """Write whole documents under external versions; one outcome each, in order."""
        return store.write(self._db, documents, self._space)

    def get(self, ids: Sequence[str], *, match: bool = True) -> dict[str, Document]:
        """Return the stored documents (tombstones included) of those ids that exist.

        Args:
            ids: in any order, each once.
            match: False leaves the sections ``match``, ``filter`` and ``debug`` out, which is
                faster.
        """
        return store.get(self._db, ids) if match else store.heads(self._db, ids)

    def scan(self, after: str = "", limit: int = 1000) -> Iterator[Stamp]:
        """Yield stamps in the order of ids, those above ``after``."""
        return store.scan(self._db, after, limit)

    def query(
        self,
        query: Query,
        filters: Filters | None = None,
        limit: int = 10,
        cursor: str | None = None,
        *,
        documents: bool = True,
        more: bool = True,
    ) -> Page:
        """Answer from open documents only, from one snapshot.

        Args:
            query: what to find.
            filters: hard conditions.
            limit: most hits on the page.
            cursor: the place behind which the page starts.
            documents: False leaves ``display`` and ``debug`` of the hits empty, which is faster.
            more: False gives no cursor of the next page.

        Raises:
            VectorSpaceError: the query's vector is of another space or length.
            CursorError: the cursor is not one that a page gave.
        """
        with self._db.reading() as connection:
            look = Lookup(connection, self._snapshots.of(connection))
            found = self._found(look, query, filters)
            page, following = page_after(found, look.state, cursor, limit)
            hits = tuple(
                Hit(id_, score, *(_shown(connection, row) if documents else ({}, {})))
                for score, id_, row in page
            )
        return Page(hits, len(found.rows), following if more else None)

    def _found(self, look: Lookup, query: Query, filters: Filters | None) -> Found:
        match query:
            case TextQuery():
                return text_scores(look, query, filters)
            case FilterQuery():
                return filter_scores(look, query, filters)
            case PositionQuery():
                return position_scores(look, query, filters)
            case VectorQuery():
                self._check(query)
                allowed = look.allowed(filters)
                near = self._vectors.search(
                    look.connection, query.vector, query.floor, query.depth, allowed
                )
                if len(near.rows) <= query.depth:
                    return near
                nearest = best(near, look.state, query.depth)
                return Found(
                    np.array([row for _, _, row in nearest]),
                    np.array([score for score, _, _ in nearest]),
                )

    def _check(self, query: VectorQuery) -> None:
        space = self._db.meta("vector_space")
        if query.space != space or self._space != space:
            raise VectorSpaceError(
                f"query vector: is of space {query.space!r}, the index was opened with "
                f"{self._space!r} and holds {space!r}; build a new index, or ask by text"
            )
        length = self._db.meta("vector_length")
        wrong = vector_problem(query.vector, int(length) if length else None)
        if wrong:
            raise VectorSpaceError(f"query vector: {wrong}; encode the query again")
        check_depth(query.depth)


def _shown(connection: sqlite3.Connection, row: int) -> tuple[dict[str, object], dict[str, object]]:
    display, debug = connection.execute(
        "SELECT display, debug FROM docs WHERE row = ?", (row,)
    ).fetchone()
    return json.loads(display or "{}"), json.loads(debug or "{}")
