"""Defects that the checker must notice, each planted from outside into one process.

``plant(name, patch)``: ``patch`` is ``setattr``, or that of a pytest monkeypatch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from sqlite3 import Connection
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from enrich.post import Post, digest
from search.embedded import EmbeddedIndex, store
from search.embedded.database import Database
from search.index import Document, Outcome, WriteOutcome
from tests.crash import elastic_defects
from tests.crash.encoder import CrashEncoder
from worker import lease, outbox
from worker.claim import Claimed
from worker.clock import now_ms
from worker.lease import Held
from worker.tables import outbox as rows

Patch = Callable[[Any, str, Any], None]
_WRITE = EmbeddedIndex.write
_WRITE_ONE = store._write_one
_PUT_ALL = outbox.put_all
_TABLES = (("streams", "rowid"), ("holds", "row"), ("vectors", "row"), ("docs", "row"))


def version_check_off(patch: Patch) -> None:
    """The index takes whatever comes last, older or not."""

    def write_one(
        db: Database, connection: Connection, document: Document, space: str, seq: int
    ) -> WriteOutcome:
        connection.execute("UPDATE docs SET version = -1 WHERE id = ?", (document.id,))
        return _WRITE_ONE(db, connection, document, space, seq)

    patch(store, "_write_one", write_one)


def settle_without_token(patch: Patch) -> None:
    """A finished row is removed whatever has become of it: another lease, a newer revision."""

    def held(session: Session, token: str, items: Sequence[Claimed]) -> Held:
        del token
        return Held(frozenset(items), session.scalar(select(now_ms())) or 0)

    def remove(session: Session, token: str, items: Iterable[Claimed]) -> None:
        del token
        session.execute(delete(rows).where(rows.c.post_id.in_([i.post_id for i in items])))

    patch(lease, "held", held)
    patch(lease, "remove", remove)


def tombstone_deleted(patch: Patch) -> None:
    """A closed post is removed from the index, and its version forgotten."""

    def forget(self: EmbeddedIndex, document: Document) -> WriteOutcome:
        with self._db.writing() as connection:
            row = "SELECT row FROM docs WHERE id = ?"
            for table, key in _TABLES:
                connection.execute(f"DELETE FROM {table} WHERE {key} = ({row})", (document.id,))
        return WriteOutcome(document.id, Outcome.OK, document.version)

    patch(EmbeddedIndex, "write", _closed_by(forget))


def tombstone_ignored(patch: Patch) -> None:
    """The index says yes to a closing and does nothing."""

    def ignore(_self: EmbeddedIndex, document: Document) -> WriteOutcome:
        return WriteOutcome(document.id, Outcome.OK, document.version)

    patch(EmbeddedIndex, "write", _closed_by(ignore))


def cache_keyed_by_title(patch: Patch) -> None:
    """Two texts share a model output where only their titles are equal."""

    def cache_keys(_self: CrashEncoder, posts: Sequence[Post]) -> list[str]:
        return [digest([post.title]) for post in posts]

    patch(CrashEncoder, "cache_keys", cache_keys)


class TwoTransactions:
    """The outbox row is not written with the post but after it, if the writer lives so long."""

    def __init__(self, patch: Patch) -> None:
        self.asks: list[tuple[Sequence[outbox.Ask], outbox.Lane]] = []
        patch(outbox, "put_all", self._remember)

    def _remember(self, _session: Session, asks: Sequence[outbox.Ask], lane: outbox.Lane) -> None:
        self.asks.append((asks, lane))

    def second(self, session: Session) -> None:
        """Write what belongs into the first transaction."""
        for asks, lane in self.asks:
            _PUT_ALL(session, asks, lane)
        self.asks.clear()


DEFECTS: dict[str, Callable[[Patch], None]] = {
    "version_check_off": version_check_off,
    "settle_without_token": settle_without_token,
    "tombstone_deleted": tombstone_deleted,
    "tombstone_ignored": tombstone_ignored,
    "cache_keyed_by_title": cache_keyed_by_title,
    **elastic_defects.DEFECTS,
}
"""Those that live in a worker."""


def plant(name: str, patch: Patch = setattr) -> None:
    """Plant one defect into this process."""
    DEFECTS[name](patch)


def _closed_by(
    close: Callable[[EmbeddedIndex, Document], WriteOutcome],
) -> Callable[[EmbeddedIndex, Sequence[Document]], list[WriteOutcome]]:
    def write(self: EmbeddedIndex, documents: Sequence[Document]) -> list[WriteOutcome]:
        return [
            close(self, document) if document.state == "closed" else _WRITE(self, [document])[0]
            for document in documents
        ]

    return write
