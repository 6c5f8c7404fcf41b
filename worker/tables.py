"""The tables of the write path; ``migrations/`` brings a database to exactly this state.

Times are milliseconds of the database's clock. Names are stable: other systems may read
``posts`` and ``outbox``.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)
from sqlalchemy.dialects import mysql

# Ids compare by their bytes everywhere; MariaDB would fold case otherwise.
POST_ID = String(200).with_variant(
    mysql.VARCHAR(200, charset="utf8mb4", collation="utf8mb4_bin"), "mysql", "mariadb"
)
LONG_TEXT = Text().with_variant(mysql.LONGTEXT(), "mysql", "mariadb")
# SQLite counts up by itself only in a column that is exactly INTEGER.
SERIAL = BigInteger().with_variant(Integer(), "sqlite")

metadata = MetaData()

posts = Table(
    "posts",
    metadata,
    Column("id", POST_ID, primary_key=True),
    Column("revision", BigInteger, nullable=False),
    Column("payload", JSON, nullable=False),
    Column("content_hash", String(16), nullable=False),
    Column("deleted", Boolean(create_constraint=False), nullable=False),
    # Whether revisions are counted here (the source gives none); fixed by the first write.
    Column("counted", Boolean(create_constraint=False), nullable=False),
    Column("written_at", BigInteger, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("post_id", POST_ID, primary_key=True),
    Column("revision", BigInteger, nullable=False),
    Column("lane", Integer, nullable=False),  # 0 live, 1 backfill: claimed in this order
    Column("due_at", BigInteger, nullable=False),  # of a leased row: when the lease ends
    Column("lease_token", String(32)),
    Column("lease_until", BigInteger),
    Column("lease_owner", String(200)),
    Column("solo", Boolean(create_constraint=False), nullable=False),  # leased alone
    Column("lost", Integer, nullable=False),  # leases lost since the last write
    Column("attempts", Integer, nullable=False),  # claims since the last write
    Column("strikes", Integer, nullable=False),  # what counts towards the cap
    Column("last_error", Text),
    Index("ix_outbox_due", "lane", "due_at", "post_id"),
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
    Column("error", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("state", String(16), nullable=False),  # open, replayed, closed, superseded
    Column("changed_at", BigInteger, nullable=False),
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
    Column("detail", Text),
    Index("ix_history_post", "post_id", "id"),
)
