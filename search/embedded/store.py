"""Writing and reading whole documents in the embedded index."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from search.embedded.database import STREAMS, Database
from search.embedded.vectors import from_blob, to_blob
from search.index import (
    Document,
    FilterSection,
    MatchSection,
    Outcome,
    Stamp,
    Trouble,
    WriteOutcome,
)
from search.validity import document_problem, space_problem
from search.versions import refused


def write(db: Database, documents: Sequence[Document], vector_space: str) -> list[WriteOutcome]:
    """Write a batch in one transaction; where the file stays locked, all are to be retried."""
    try:
        with db.writing() as connection:
            seq = int(db.meta("seq") or 0) + 1
            outcomes = [_write_one(db, connection, doc, vector_space, seq) for doc in documents]
            if any(outcome.outcome is Outcome.OK for outcome in outcomes):
                db.set_meta("seq", str(seq))
            return outcomes
    except sqlite3.OperationalError as error:
        told = str(error)
        return [
            WriteOutcome(doc.id, Outcome.RETRY, error=told, trouble=Trouble.BUSY)
            for doc in documents
        ]


def get(db: Database, ids: Sequence[str]) -> dict[str, Document]:
    """Return the stored documents of those ids that exist."""
    with db.reading() as connection:
        found = (_get_one(connection, id_) for id_ in ids)
        return {document.id: document for document in found if document is not None}


def heads(db: Database, ids: Sequence[str]) -> dict[str, Document]:
    """Return the stored documents without what queries read, in one statement."""
    marks = ", ".join("?" * len(ids))
    head = "SELECT id, version, state, recipe, digest, display FROM docs"
    with db.reading() as connection:
        found = connection.execute(f"{head} WHERE id IN ({marks})", list(ids)).fetchall()
    return {
        id_: Document(
            id_, version, state, recipe, digest, display=json.loads(shown) if shown else None
        )
        for id_, version, state, recipe, digest, shown in found
    }


def scan(db: Database, after: str, limit: int) -> Iterator[Stamp]:
    """Yield up to ``limit`` stamps in the order of ids."""
    rows = db.connection.execute(
        "SELECT id, version, state, recipe FROM docs WHERE id > ? ORDER BY id LIMIT ?",
        (after, limit),
    ).fetchall()
    for id_, version, state, recipe in rows:
        yield Stamp(id_, version, state, recipe)


def _write_one(
    db: Database, connection: sqlite3.Connection, doc: Document, vector_space: str, seq: int
) -> WriteOutcome:
    stored = connection.execute(
        "SELECT row, version, digest FROM docs WHERE id = ?", (doc.id,)
    ).fetchone()
    if stored is not None and stored[1] >= doc.version:
        return refused(doc, stored[1], stored[2])
    foreign = space_problem(doc, vector_space, db.meta("vector_space") or "")
    if foreign is not None:
        version = stored and stored[1]
        return WriteOutcome(doc.id, Outcome.RETRY, version, foreign, Trouble.FOREIGN)
    length = db.meta("vector_length")
    error = document_problem(doc, int(length) if length else None)
    if error is not None:
        return WriteOutcome(doc.id, Outcome.PERMANENT, stored and stored[1], error)
    if stored is not None:
        for table, name in (("streams", "rowid"), ("holds", "row"), ("vectors", "row")):
            connection.execute(f"DELETE FROM {table} WHERE {name} = ?", stored[:1])  # noqa: S608
    row = _put_head(connection, doc, seq, stored[0] if stored else None)
    if doc.match is not None:
        _put_match(connection, row, doc.match, doc.filter or FilterSection())
        if doc.match.vector and db.meta("vector_length") is None:
            db.set_meta("vector_length", str(len(doc.match.vector)))
    return WriteOutcome(doc.id, Outcome.OK, doc.version)


def _put_head(connection: sqlite3.Connection, doc: Document, seq: int, row: int | None) -> int:
    section = doc.filter or FilterSection()
    pay = section.salary_max if section.salary_max is not None else section.salary_min
    held = None
    if doc.match is not None:
        held = {"positions": doc.match.positions, "tags": doc.match.tags}
        for name in ("named", "denied"):
            held |= {name: values} if (values := getattr(doc.match, name)) else {}
    values = (
        *(row, doc.id, doc.version, doc.state, doc.recipe, doc.digest, seq),
        *(section.city, section.category, section.company, pay),
        _dump(held),
        _dump(asdict(doc.filter) if doc.filter else None),
        _dump(doc.display),
        _dump(doc.debug),
    )
    marks = ", ".join("?" * len(values))
    done = connection.execute(f"INSERT OR REPLACE INTO docs VALUES ({marks})", values)  # noqa: S608
    return int(done.lastrowid or 0)


def _put_match(
    connection: sqlite3.Connection, row: int, match: MatchSection, section: FilterSection
) -> None:
    connection.execute(
        f"INSERT INTO streams (rowid, {', '.join(STREAMS)}) VALUES (?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
        (row, *(getattr(match, name) for name in STREAMS)),
    )
    held = {("position", value) for value in match.positions}
    held |= {("named", value) for value in match.named}
    held |= {("denied", value) for value in match.denied}
    held |= {("job_type", value) for value in section.job_type}
    held |= {("benefit", value) for value in section.benefit}
    held |= {(f"tag:{name}", value) for name, values in match.tags.items() for value in values}
    connection.executemany(
        "INSERT INTO holds VALUES (?, ?, ?)", [(*pair, row) for pair in sorted(held)]
    )
    if match.vector:
        connection.execute("INSERT INTO vectors VALUES (?, ?)", (row, to_blob(match.vector)))


def _get_one(connection: sqlite3.Connection, id_: str) -> Document | None:
    found = connection.execute(
        "SELECT row, version, state, recipe, digest, held, filter, display, debug"
        " FROM docs WHERE id = ?",
        (id_,),
    ).fetchone()
    if found is None:
        return None
    row, version, state, recipe, digest, held, section, display, debug = found
    return Document(
        id=id_,
        version=version,
        state=state,
        recipe=recipe,
        digest=digest,
        match=_get_match(connection, row, json.loads(held)) if held else None,
        filter=_section(json.loads(section)) if section else None,
        display=json.loads(display) if display else None,
        debug=json.loads(debug) if debug else None,
    )


def _get_match(connection: sqlite3.Connection, row: int, held: dict[str, Any]) -> MatchSection:
    streams = connection.execute(
        f"SELECT {', '.join(STREAMS)} FROM streams WHERE rowid = ?",  # noqa: S608
        (row,),
    ).fetchone()
    vector = connection.execute("SELECT vector FROM vectors WHERE row = ?", (row,)).fetchone()
    return MatchSection(
        **dict(zip(STREAMS, streams, strict=True)),
        positions=tuple(held["positions"]),
        tags={name: tuple(values) for name, values in held["tags"].items()},
        vector=from_blob(vector[0]) if vector else (),
        named=tuple(held.get("named", ())),
        denied=tuple(held.get("denied", ())),
    )


def _section(data: dict[str, Any]) -> FilterSection:
    lists = {name: tuple(data[name]) for name in ("job_type", "benefit")}
    return FilterSection(**{**data, **lists})


def _dump(value: object) -> str | None:
    if value is None:
        return None
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
