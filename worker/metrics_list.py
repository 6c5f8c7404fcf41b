"""The closed list of metrics, as data: what each counts, its label and the label's values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from search.index import Trouble

OTHER = "other"
"""Counts label values that are not listed: a typing slip must not make a series for each."""


class Kind(StrEnum):
    """The Prometheus type."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric; a counter's name is told without ``_total``, which Prometheus adds."""

    name: str
    kind: Kind
    meaning: str
    label: str | None = None
    values: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()

    @property
    def exported(self) -> str:
        """The name as queries know it."""
        return self.name + "_total" if self.kind is Kind.COUNTER else self.name


_LANES = ("live", "backfill")
_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)

DUE_OLDEST = Metric(
    "hirelens_due_oldest_seconds",
    Kind.GAUGE,
    "For how long the oldest due row has been due; 0 where none is due.",
    "lane",
    _LANES,
)
DUE_ROWS = Metric("hirelens_due_rows", Kind.GAUGE, "Rows that are due.", "lane", _LANES)
DUE_READ = Metric(
    "hirelens_due_read_timestamp_seconds",
    Kind.GAUGE,
    "When the relay last read the two above, in seconds since 1970.",
)
FRESHNESS = Metric(
    "hirelens_freshness_seconds",
    Kind.HISTOGRAM,
    "From asking for a revision (the commit of its write) to its document being searchable.",
    "lane",
    _LANES,
    (0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 7.5, 10.0, 20.0, 60.0, 300.0, 3600.0),
)
ROWS = Metric(
    "hirelens_rows",
    Kind.COUNTER,
    "Claimed rows by what became of them.",
    "outcome",
    (
        "indexed",
        "closed",
        "unchanged",
        "superseded",
        "retried",
        "failed",
        "dead",
        "overtaken",
    ),
)
CONFLICTS = Metric(
    "hirelens_conflicts",
    Kind.COUNTER,
    "Version conflicts (409): superseded by a newer document, or repaired under a new activation.",
    "kind",
    ("superseded", "repaired"),
)
BATCH_SECONDS = Metric(
    "hirelens_batch_seconds",
    Kind.HISTOGRAM,
    "One batch, from claim to settled.",
    buckets=_SECONDS,
)
BATCH_ROWS = Metric(
    "hirelens_batch_rows",
    Kind.HISTOGRAM,
    "Rows of one claimed batch; full batches show that work waits.",
    buckets=(1, 2, 4, 8, 16, 24, 32, 48, 64, 128, 256, 1024),
)
SLOW_BATCHES = Metric(
    "hirelens_slow_batches", Kind.COUNTER, "Batches that took longer than `batch_deadline_s`."
)
INFERENCE = Metric(
    "hirelens_inference_seconds",
    Kind.HISTOGRAM,
    "The model on the uncached texts of one batch.",
    buckets=_SECONDS,
)
CACHE = Metric(
    "hirelens_cache",
    Kind.COUNTER,
    "Model outputs taken from the cache, or computed.",
    "result",
    ("hit", "miss"),
)
INDEX_OUTAGE = Metric(
    "hirelens_index_outage_seconds",
    Kind.GAUGE,
    "For how long the index could not be used at the last try; 0: it could.",
)
INDEX_UNAVAILABLE = Metric(
    "hirelens_index_unavailable",
    Kind.COUNTER,
    "Tries that ended because the index could not be used, by reason.",
    "reason",
    tuple(trouble.value for trouble in Trouble),
)
DEAD_OPEN = Metric("hirelens_dead_letters_open", Kind.GAUGE, "Dead letters that are open.")
INGEST_WAITING = Metric(
    "hirelens_ingest_waiting",
    Kind.GAUGE,
    "Messages of the ingest queue that no worker has taken, at the relay's last sweep.",
)
DEAD_MADE = Metric("hirelens_dead_letters", Kind.COUNTER, "Dead letters that were made.")
DRIFT = Metric(
    "hirelens_drift",
    Kind.COUNTER,
    "Differences between index and database that reconcile found; `ahead` and `unknown` need a "
    "person, workers mend the others.",
    "kind",
    (
        "missing",
        "stale_revision",
        "stale_recipe",
        "should_be_closed",
        "open_though_deleted",
        "closed_though_open",
        "ahead",
        "unknown",
    ),
)
INGEST = Metric(
    "hirelens_ingest",
    Kind.COUNTER,
    "Messages of the ingest queue by what became of them.",
    "outcome",
    ("written", "unchanged", "superseded", "rejected"),
)
HINTS = Metric(
    "hirelens_hints", Kind.COUNTER, "Wake-ups that the broker has confirmed.", "lane", _LANES
)

METRICS = (
    DUE_OLDEST,
    DUE_ROWS,
    DUE_READ,
    FRESHNESS,
    ROWS,
    CONFLICTS,
    BATCH_SECONDS,
    BATCH_ROWS,
    SLOW_BATCHES,
    INFERENCE,
    CACHE,
    INDEX_OUTAGE,
    INDEX_UNAVAILABLE,
    DEAD_OPEN,
    DEAD_MADE,
    DRIFT,
    INGEST,
    INGEST_WAITING,
    HINTS,
)
