"""The tables of the write path; ``migrations/`` brings a database to exactly this state.

Times are milliseconds of the database's clock. Names are stable: other systems may write
``posts`` (id, revision, payload, deleted) and ``outbox`` (post_id, revision); defaults do the rest.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Dialect,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    cast,
    false,
    text,
)
from sqlalchemy.dialects import mysql

from worker.clock import now_ms

# Ids compare by code point everywhere: MariaDB would fold case, PostgreSQL sort by language.
POST_ID = (
    String(200)
    .with_variant(
        mysql.VARCHAR(200, charset="utf8mb4", collation="utf8mb4_bin"), "mysql", "mariadb"
    )
    .with_variant(String(200, collation="C"), "postgresql")
)
# Whatever the database's own character set is, errors and posts are Chinese.
_CHARSET = "utf8mb4"
TEXT = Text().with_variant(mysql.TEXT(charset=_CHARSET), "mysql", "mariadb")
LONG_TEXT = Text().with_variant(mysql.LONGTEXT(charset=_CHARSET), "mysql", "mariadb")


def name(length: int) -> String:
    """Return the type of a short text in any language."""
    return String(length).with_variant(mysql.VARCHAR(length, charset=_CHARSET), "mysql", "mariadb")


def exact(length: int) -> String:
    """Return the type of a short text that is compared by code point, as ids are."""
    return (
        String(length)
        .with_variant(
            mysql.VARCHAR(length, charset=_CHARSET, collation="utf8mb4_bin"), "mysql", "mariadb"
        )
        .with_variant(String(length, collation="C"), "postgresql")
    )


class Payload(TypeDecorator[Any]):
    """JSON that is read as text: what another system has written may be none that can be decoded.

    One such row must not fail the statement that reads its neighbours; ``revisions`` decodes.
    """

    impl = JSON
    cache_ok = True

    def column_expression(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        """Read the text."""
        return cast(column, Text)

    def result_processor(self, dialect: Dialect, coltype: object) -> None:
        """Leave the text as it is."""


# SQLite counts up by itself only in a column that is exactly INTEGER.
SERIAL = BigInteger().with_variant(Integer(), "sqlite")

metadata = MetaData()

posts = Table(
    "posts",
    metadata,
    Column("id", POST_ID, primary_key=True),
    Column("revision", BigInteger, nullable=False),
    Column("payload", Payload, nullable=False),
    Column("deleted", Boolean(create_constraint=False), nullable=False, server_default=false()),
    # Whether revisions are counted here (the source gives none); fixed by the first write.
    Column("counted", Boolean(create_constraint=False), nullable=False, server_default=false()),
    Column("written_at", BigInteger, nullable=False, server_default=now_ms()),
)

outbox = Table(
    "outbox",
    metadata,
    Column("post_id", POST_ID, primary_key=True),
    Column("revision", BigInteger, nullable=False),
    # 0 live, 1 backfill: claimed in this order
    Column("lane", Integer, nullable=False, server_default=text("0")),
    # of a leased row: when the lease ends
    Column("due_at", BigInteger, nullable=False, server_default=now_ms()),
    # when this revision was asked for: what freshness is measured from
    Column("asked_at", BigInteger, nullable=False, server_default=now_ms()),
    Column("trace", String(32)),  # one id from the write to the index
    Column("lease_token", String(32)),
    Column("lease_until", BigInteger),
    Column("lease_owner", String(200)),
    # leased alone
    Column("solo", Boolean(create_constraint=False), nullable=False, server_default=false()),
    # leases lost since the last write
    Column("lost", Integer, nullable=False, server_default=text("0")),
    # claims since the last write
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    # what counts towards the cap
    Column("strikes", Integer, nullable=False, server_default=text("0")),
    Column("last_error", TEXT),
    Index("ix_outbox_due", "lane", "due_at", "post_id"),
    Index("ix_outbox_owner", "lease_owner"),
)

model_cache = Table(
    "model_cache",
    metadata,
    Column("model_digest", String(64), primary_key=True),
    Column("text_digest", String(64), primary_key=True),
    Column("output", LONG_TEXT, nullable=False),
)

dead_letters = Table(
    "dead_letters",
    metadata,
    Column("id", SERIAL, primary_key=True, autoincrement=True),
    Column("post_id", POST_ID, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("error", TEXT, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("state", String(16), nullable=False),  # open, replayed, closed, superseded
    Column("changed_at", BigInteger, nullable=False),
    Column("reason", TEXT),  # why it was closed
    Index("ix_dead_letters_post", "post_id", "state"),
    Index("ix_dead_letters_state", "state", "id"),
)

activations = Table(
    "activations",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("recipe", String(64), nullable=False),
    Column("reason", String(16), nullable=False),  # recipe, repair
    Column("activated_at", BigInteger, nullable=False),
)

history = Table(
    "history",
    metadata,
    Column("id", SERIAL, primary_key=True, autoincrement=True),
    Column("post_id", POST_ID, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("event", String(32), nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("detail", TEXT),
    Column("trace", String(32)),
    Index("ix_history_post", "post_id", "id"),
)

ingest_rejects = Table(
    "ingest_rejects",
    metadata,
    Column("id", SERIAL, primary_key=True, autoincrement=True),
    Column("task_id", name(255)),
    Column("received_at", BigInteger, nullable=False),
    Column("payload", LONG_TEXT, nullable=False),
    Column("post_id", POST_ID),
    Column("field", name(200)),
    Column("error", TEXT, nullable=False),
    Column("state", String(16), nullable=False),  # open, replayed, closed
    Column("changed_at", BigInteger, nullable=False),
    Column("reason", TEXT),  # why it was closed
    Index("ix_ingest_rejects_state", "state", "id"),
    Index("ix_ingest_rejects_task", "task_id"),
)

# How often a broker has delivered a message again: the cap where the broker has none.
ingest_deliveries = Table(
    "ingest_deliveries",
    metadata,
    Column("task_id", name(255), primary_key=True),
    Column("count", Integer, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
)

# What a recipe is made of and where its parts lie, so that a worker can load the active one.
recipes = Table(
    "recipes",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("reality", String(64), nullable=False),
    Column("taxonomy", String(64), nullable=False),
    Column("rules", String(64), nullable=False),
    Column("vector_space", String(64), nullable=False),
    Column("model_path", TEXT),
    Column("taxonomy_path", TEXT),
    Column("towers_path", TEXT),
    Column("registered_at", BigInteger, nullable=False),
)

# Where a walk that goes on for ever, or can be resumed, stands.
cursors = Table(
    "cursors",
    metadata,
    Column("name", name(100), primary_key=True),
    Column("value", TEXT, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
)

# Answered queries; ``record`` is the JSON contract of docs/schema/search.json, the other columns
# are what rows are chosen by. ``at`` is by the clock of the process that answered.
searches = Table(
    "searches",
    metadata,
    Column("id", exact(32), primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("session", exact(64)),
    Column("bucket", exact(64), nullable=False),
    Column("generation", exact(200), nullable=False),
    Column("query", TEXT, nullable=False),
    Column("record", LONG_TEXT, nullable=False),
    Index("ix_searches_at", "at", "id"),
    Index("ix_searches_session", "session"),
)
