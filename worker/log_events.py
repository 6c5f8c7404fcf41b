"""The closed list of log events: when each is written, how loud, with which fields."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import TypedDict

from worker.report import DrainReport


class LogEvent(StrEnum):
    """What a line of the log is about."""

    STARTED = "started"
    STOPPED = "stopped"
    MODEL_LOADED = "model_loaded"
    RECIPE_ACTIVATED = "recipe_activated"
    RECIPE_REPLACED = "recipe_replaced"
    CONNECTION_LOST = "connection_lost"
    CONNECTION_BACK = "connection_back"
    INDEX_UNAVAILABLE = "index_unavailable"
    INDEX_BACK = "index_back"
    INDEX_SWITCHED = "index_switched"
    STANDBY_REFUSED = "standby_refused"
    TRANSACTION_REPEATED = "transaction_repeated"
    INGESTED = "ingested"
    REJECTED = "rejected"
    HINTED = "hinted"
    CLAIMED = "claimed"
    BATCH = "batch"
    SLOW_BATCH = "slow_batch"
    INDEXED = "indexed"
    CLOSED = "closed"
    UNCHANGED = "unchanged"
    SUPERSEDED = "superseded"
    OVERTAKEN = "overtaken"
    RETRIED = "retried"
    FAILED = "failed"
    LEASE_LOST = "lease_lost"
    DEAD = "dead"
    DRIFT = "drift"
    RECONCILED = "reconciled"
    REENRICHED = "reenriched"
    THROTTLED = "throttled"
    RECOVERED = "recovered"
    REPLAYED = "replayed"
    DISMISSED = "dismissed"


class Fields(TypedDict, total=False):
    """Every field that any event may have; times in seconds."""

    trace: str | None
    post: str
    revision: int
    lane: str
    seconds: float
    role: str
    reason: str
    recipe: str
    active: str
    activation: int
    peer: str
    index: str
    error: str
    kind: str
    field: str | None
    task: str | None
    outcome: str
    tries: int
    attempts: int
    solo: bool
    wait_s: float
    oldest_s: float | None
    hints: int
    waiting: int
    count: int
    version: int
    asked: int
    seen: int
    drift: int
    # The counts of one batch, named as in ``DrainReport``.
    claimed: int
    indexed: int
    closed: int
    unchanged: int
    superseded: int
    retried: int
    failed: int
    dead: int
    repaired: int
    overtaken: int
    inferred: int
    reused: int


@dataclass(frozen=True, slots=True)
class Shape:
    """What one event says: its meaning, its level and the fields that it may have."""

    meaning: str
    level: int
    fields: tuple[str, ...]


_POST = ("post", "revision", "trace", "lane")
_COUNTS = tuple(field.name for field in fields(DrainReport))

SHAPES: Mapping[LogEvent, Shape] = {
    LogEvent.STARTED: Shape(
        "a process is ready to work", logging.INFO, ("role", "recipe", "seconds")
    ),
    LogEvent.STOPPED: Shape("a process ends in order", logging.INFO, ("role", "reason")),
    LogEvent.MODEL_LOADED: Shape(
        "a process has loaded a model", logging.INFO, ("recipe", "seconds")
    ),
    LogEvent.RECIPE_ACTIVATED: Shape(
        "a recipe was made the active one, every post is asked for again",
        logging.INFO,
        ("recipe", "activation", "count", "reason"),
    ),
    LogEvent.RECIPE_REPLACED: Shape(
        "this process has `recipe`, which `active` has replaced",
        logging.WARNING,
        ("recipe", "active"),
    ),
    LogEvent.CONNECTION_LOST: Shape(
        "the broker or the database cannot be reached; tried again after `wait_s`",
        logging.WARNING,
        ("peer", "role", "error", "wait_s"),
    ),
    LogEvent.CONNECTION_BACK: Shape(
        "it can be reached again, after `seconds`", logging.INFO, ("peer", "role", "seconds")
    ),
    LogEvent.INDEX_UNAVAILABLE: Shape(
        "the index cannot be used, for a `reason` of a closed list; posts wait, nothing counts "
        "against them; tried again after `wait_s`; each reason is told once a minute at most",
        logging.ERROR,
        ("role", "reason", "error", "wait_s"),
    ),
    LogEvent.INDEX_BACK: Shape(
        "the index can be used again, after `seconds`", logging.INFO, ("role", "seconds")
    ),
    LogEvent.INDEX_SWITCHED: Shape(
        "another generation of the index is read and written: `active`; `count` posts lag behind",
        logging.WARNING,
        ("active", "recipe", "count", "reason"),
    ),
    LogEvent.STANDBY_REFUSED: Shape(
        "the standby generation `index` will never take `count` documents, the first of `post`; "
        "the current one has them",
        logging.ERROR,
        ("index", "count", "post", "error"),
    ),
    LogEvent.TRANSACTION_REPEATED: Shape(
        "a transaction failed for a passing reason and is repeated",
        logging.DEBUG,
        ("error", "tries", "wait_s"),
    ),
    LogEvent.INGESTED: Shape(
        "a message of the ingest queue was stored", logging.INFO, (*_POST, "outcome", "task")
    ),
    LogEvent.REJECTED: Shape(
        "a message of the ingest queue is no post; it is kept in `ingest_rejects`",
        logging.WARNING,
        ("task", "post", "field", "error", "trace"),
    ),
    LogEvent.HINTED: Shape(
        "the relay has woken workers", logging.INFO, ("lane", "hints", "waiting", "oldest_s")
    ),
    LogEvent.CLAIMED: Shape(
        "a worker holds the post's row", logging.DEBUG, (*_POST, "attempts", "solo")
    ),
    LogEvent.BATCH: Shape("a batch was settled", logging.INFO, ("lane", *_COUNTS, "seconds")),
    LogEvent.SLOW_BATCH: Shape(
        "a batch took longer than `batch_deadline_s`; no `claimed`: it was not finished",
        logging.WARNING,
        ("seconds", "claimed"),
    ),
    LogEvent.INDEXED: Shape(
        "the document can be found; `seconds` since the post was asked for",
        logging.INFO,
        (*_POST, "seconds", "kind"),
    ),
    LogEvent.CLOSED: Shape(
        "the post is closed in the index; `seconds` since it was asked for",
        logging.INFO,
        (*_POST, "seconds"),
    ),
    LogEvent.UNCHANGED: Shape("the index had the document already", logging.DEBUG, _POST),
    LogEvent.SUPERSEDED: Shape("the index had something newer", logging.INFO, _POST),
    LogEvent.OVERTAKEN: Shape(
        "the post was written anew, or claimed by another, while it was processed",
        logging.INFO,
        _POST,
    ),
    LogEvent.RETRIED: Shape(
        "given back for later, nothing counted against the post",
        logging.WARNING,
        (*_POST, "attempts", "error", "wait_s"),
    ),
    LogEvent.FAILED: Shape(
        "given back for later with a strike", logging.WARNING, (*_POST, "attempts", "error")
    ),
    LogEvent.LEASE_LOST: Shape(
        "whoever held the row died or hung", logging.WARNING, (*_POST, "attempts", "solo")
    ),
    LogEvent.DEAD: Shape(
        "the post became a dead letter", logging.ERROR, (*_POST, "attempts", "kind", "error")
    ),
    LogEvent.DRIFT: Shape(
        "index and database disagree in a way that workers do not mend",
        logging.ERROR,
        ("kind", "post", "revision", "version"),
    ),
    LogEvent.RECONCILED: Shape(
        "reconcile has walked through everything once",
        logging.INFO,
        ("seen", "asked", "drift", "seconds"),
    ),
    LogEvent.REENRICHED: Shape(
        "posts were asked for again", logging.INFO, ("asked", "waiting", "seconds")
    ),
    LogEvent.THROTTLED: Shape(
        "re-enriching pauses because live posts wait", logging.INFO, ("oldest_s", "wait_s")
    ),
    LogEvent.RECOVERED: Shape(
        "the database was brought above what the index holds",
        logging.WARNING,
        ("seen", "count", "seconds"),
    ),
    LogEvent.REPLAYED: Shape(
        "dead letters or rejects were put back to work", logging.INFO, ("kind", "count", "post")
    ),
    LogEvent.DISMISSED: Shape(
        "dead letters or rejects were closed by a person",
        logging.INFO,
        ("kind", "count", "post", "reason"),
    ),
}
