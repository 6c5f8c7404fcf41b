"""Reads back what a crash run left: database and index, as the checker wants to see them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial

import sqlalchemy as sa
from sqlalchemy import func, select

from search.index import MAX_DEPTH, Document, Index, Phrase, Query, Stamp, TextQuery, VectorQuery
from tests.crash.checker import Letter, Row, Seen
from tests.crash.encoder import RECIPE, vector_of
from worker import reconcile
from worker.drift import Finding
from worker.engine import reading
from worker.revisions import decode
from worker.tables import dead_letters, ingest_rejects, outbox, posts

MOST = 1_000_000
EVERYWHERE = -2.0
"""A floor below every cosine."""


def documents_of(index: Index) -> dict[str, Document]:
    """Return every stored document, tombstones included."""
    stamps: list[Stamp] = list(index.scan(limit=MOST))
    return index.get([stamp.id for stamp in stamps])


def found_by(index: Index) -> dict[str, frozenset[str]]:
    """Return the ids that a query for a word of every title, and one for any vector, find."""
    queries: dict[str, Query] = {
        "text": TextQuery((Phrase(("招", "聘"), "plain"),)),
        "vector": VectorQuery(vector_of("", ""), RECIPE.vector_space, EVERYWHERE, MAX_DEPTH),
    }
    ask = partial(index.query, limit=MOST, documents=False, more=False)
    pages = {name: ask(query) for name, query in queries.items()}
    return {name: frozenset(hit.id for hit in page.hits) for name, page in pages.items()}


def _named_in(payload: str) -> str:
    """Return the planted id of a payload so broken that its id could not be read."""
    found = re.search(r"bad\d{5}", payload)
    return found.group() if found else payload[:80]


def drift_of(engine: sa.Engine, index: Index) -> list[Finding]:
    """Return what reconcile, which was off, would find now: a second opinion."""
    return list(reconcile.look(engine, index, limit=MOST).findings)


def read_back(
    engine: sa.Engine,
    index: Index,
    *,
    queues: dict[str, int] | None = None,
    went_back: Sequence[str] = (),
    standby: Sequence[str] = (),
) -> Seen:
    """Return all that is there.

    Args:
        engine: the database.
        index: what serves; nobody writes to it any more.
        queues: messages that still lie in the broker, by queue.
        went_back: what the watcher saw.
        standby: how the generation that stands by differs from the one that serves.
    """
    index.refresh()
    with reading(engine) as session:
        rows = session.execute(
            select(posts.c.id, posts.c.revision, posts.c.deleted, posts.c.payload)
        )
        stored = {row.id: Row(row.revision, row.deleted, decode(row.payload)) for row in rows}
        letters = session.execute(
            select(
                *(dead_letters.c.post_id, dead_letters.c.revision),
                *(dead_letters.c.kind, dead_letters.c.error),
            ).where(dead_letters.c.state == "open")
        ).all()
        waiting = session.scalar(select(func.count()).select_from(outbox)) or 0
        refused = session.execute(
            select(ingest_rejects.c.post_id, ingest_rejects.c.payload).where(
                ingest_rejects.c.state == "open"
            )
        )
        rejects = [id_ or _named_in(payload) for id_, payload in refused]
    return Seen(
        posts=stored,
        documents=documents_of(index),
        found=found_by(index),
        letters=[Letter(*letter) for letter in letters],
        waiting={"outbox": waiting, **(queues or {})},
        rejects=rejects,
        went_back=went_back,
        standby=standby,
    )
