"""Schema and transactions of the embedded index's SQLite file."""

from __future__ import annotations

import sqlite3
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from search.embedded.connection import IndexFileError, IndexGoneError, Kept, connect
from search.embedded.snapshot import NUMBER_COLUMNS

BUSY_SECONDS = 30.0
FORMAT = "1"
STREAMS = (
    "text_words",
    "text_chars",
    "offer_words",
    "offer_chars",
    "plain_chars",
    "title_chars",
)

# The categories make every character a token character: blanks alone separate our tokens.
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    """CREATE TABLE IF NOT EXISTS docs (
        row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, version INTEGER NOT NULL,
        state TEXT NOT NULL, recipe TEXT NOT NULL, digest TEXT NOT NULL, seq INTEGER NOT NULL,
        city TEXT, category TEXT, company TEXT, pay REAL,
        held TEXT, filter TEXT, display TEXT, debug TEXT)""",
    "CREATE TABLE IF NOT EXISTS vectors (row INTEGER PRIMARY KEY, vector BLOB NOT NULL)",
    """CREATE TABLE IF NOT EXISTS holds (
        kind TEXT NOT NULL, value TEXT NOT NULL, row INTEGER NOT NULL,
        PRIMARY KEY (kind, value, row)) WITHOUT ROWID""",
    "CREATE INDEX IF NOT EXISTS holds_row ON holds (row)",
    f"""CREATE VIRTUAL TABLE IF NOT EXISTS streams USING fts5({", ".join(STREAMS)},
        tokenize = "unicode61 remove_diacritics 0 categories 'L* N* Co Cn S* P* M*'")""",
)

# What queries look up stands in an index: the documents themselves are wide.
_INDEXES = (
    "CREATE INDEX IF NOT EXISTS docs_city ON docs (city)",
    "CREATE INDEX IF NOT EXISTS docs_category ON docs (category)",
    "CREATE INDEX IF NOT EXISTS docs_company ON docs (company)",
    "CREATE INDEX IF NOT EXISTS docs_gender ON docs (json_extract(filter, '$.gender'))",
    "DROP INDEX IF EXISTS docs_seq",
    "CREATE INDEX IF NOT EXISTS docs_changed ON docs (seq, state, id)",
    f"CREATE INDEX IF NOT EXISTS docs_numbers ON docs (seq, {', '.join(NUMBER_COLUMNS.values())})",
)
"""Made in older files too."""
_LAST = "docs_numbers"


class Database:
    """One SQLite file; every thread of every process has its own connection.

    A file that was replaced under its users is opened anew; one that was removed is an error: what
    a connection writes to it then, nobody would ever read.
    """

    def __init__(self, path: Path, vector_space: str) -> None:
        """Open the file, made with its schema where it is missing.

        Raises:
            IndexFileError: the file is no index, or of another format.
        """
        self.path = path
        self._space = vector_space
        self._local = threading.local()
        path.parent.mkdir(parents=True, exist_ok=True)
        self._open(new=True)

    def _open(self, *, new: bool) -> None:
        path = self.path
        self._local.kept = None
        try:
            self._local.kept = connect(self.path, BUSY_SECONDS, new=new)
            self._create(self._space)
        except sqlite3.DatabaseError as error:
            if not new:
                raise  # it may be locked: that passes
            raise IndexFileError(
                f"{path}: cannot be opened as an index ({error}); move it away or close its users"
            ) from error
        found = self.meta("format")
        if found != FORMAT:
            raise IndexFileError(f"{path}: has format {found}, not {FORMAT}; move it, put again")

    @property
    def connection(self) -> sqlite3.Connection:
        """This thread's connection; a forked child opens its own.

        Raises:
            IndexGoneError: the file was removed.
        """
        kept: Kept | None = getattr(self._local, "kept", None)
        if kept is None or not kept.is_mine:
            kept = self._local.kept = connect(self.path, BUSY_SECONDS)
        if not kept.connection.in_transaction and kept.is_replaced():
            self._open(new=False)
            kept = self._local.kept
        return kept.connection

    def close(self) -> None:
        """Close this thread's connection."""
        self._local.kept = None

    def meta(self, name: str) -> str | None:
        """Return one value of the meta table."""
        row = self.connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def set_meta(self, name: str, value: str) -> None:
        """Write one value of the meta table; inside the caller's transaction."""
        self.connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One write transaction, the lock taken at its start so that it never deadlocks.

        Raises:
            IndexGoneError: the file was removed or replaced meanwhile; nothing of it counts.
        """
        yield from self._transaction("BEGIN IMMEDIATE")
        if self._local.kept.is_replaced():
            raise IndexGoneError(self.path)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """One read transaction: everything in it sees the same snapshot."""
        yield from self._transaction("BEGIN")

    def _transaction(self, begin: str) -> Iterator[sqlite3.Connection]:
        connection = self.connection
        connection.execute(begin)
        try:
            yield connection
        except BaseException:
            connection.rollback()
            raise
        connection.commit()

    def _create(self, vector_space: str) -> None:
        self._to_wal()
        if self._ready():
            return
        with self.writing() as connection:
            for statement in (*_SCHEMA, *_INDEXES):
                connection.execute(statement)
            first = {
                "format": FORMAT,
                "instance": uuid.uuid4().hex,
                "seq": "0",
                "vector_space": vector_space,
            }
            connection.executemany("INSERT OR IGNORE INTO meta VALUES (?, ?)", first.items())

    def _ready(self) -> bool:
        found = self.connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (_LAST,))
        return found.fetchone() is not None

    def _to_wal(self) -> None:
        """Switch to WAL; SQLite does not wait for other processes here, so that we do."""
        deadline = time.monotonic() + BUSY_SECONDS
        while True:
            try:
                self.connection.execute("PRAGMA journal_mode = WAL").fetchone()
                return
            except sqlite3.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
