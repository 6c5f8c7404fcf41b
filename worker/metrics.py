"""Prometheus metrics: a closed list, and the calls that fill it.

Nothing is measured before ``prepare``: a command that ends need not import the client. The calls
cost microseconds and never raise: no post waits for a metric.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec

from worker import metrics_list as listed
from worker.metrics_list import OTHER, Kind, Metric
from worker.report import DrainReport

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

    from worker.metrics_server import Server

FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
_P = ParamSpec("_P")


class _State:
    """What ``prepare`` has set up; a forked child inherits it."""

    on = False
    folder: Path | None = None
    registry: CollectorRegistry | None = None
    instruments: dict[str, dict[str, Any]] | None = None
    lock = threading.Lock()


def prepare(folder: Path | None = None) -> None:
    """Turn measuring on; call it once in a parent process, before it forks.

    Args:
        folder: where the children keep their values, needed in a process that forks. It belongs
            to this process alone and is emptied of an earlier one's values.

    Raises:
        RuntimeError: the Prometheus client was imported before; it reads the folder then only.
    """
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("*.db"):
            old.unlink(missing_ok=True)
        os.environ[FOLDER_VARIABLE] = str(folder)
        from prometheus_client import values

        if not getattr(values.ValueClass, "_multiprocess", False):
            raise RuntimeError(
                "prometheus_client was imported before worker.metrics.prepare(folder); "
                "call prepare first"
            )
    _State.folder = folder
    _State.on = True
    _instruments()


def serve(port: int, address: str = "127.0.0.1") -> Server:
    """Answer scrapes of this process and its children at ``http://address:port/metrics``.

    Args:
        port: the TCP port; 0 takes a free one, which ``Server.port`` tells.
        address: where to listen; ``0.0.0.0`` lets other machines scrape.
    """
    from worker.metrics_server import start

    if not _State.on:
        prepare()
    return start(_collector(), port, address)


def scrape() -> str:
    """Return what a scrape would read now; empty before ``prepare``."""
    if not _State.on:
        return ""
    from prometheus_client import generate_latest

    return generate_latest(_collector()).decode("utf-8")


def _quietly(call: Callable[_P, None]) -> Callable[_P, None]:
    """Do nothing while measuring is off; swallow what goes wrong while it is on."""

    @wraps(call)
    def wrapped(*args: _P.args, **kwargs: _P.kwargs) -> None:
        if not _State.on:
            return
        with suppress(Exception):  # a full disk under the folder must stop no post
            call(*args, **kwargs)

    return wrapped


@_quietly
def batch(report: DrainReport, seconds: float, fresh: Sequence[tuple[str, float]] = ()) -> None:
    """Count one settled batch.

    Args:
        report: what became of its rows.
        seconds: from claim to settled.
        fresh: for each row that became searchable its lane, and the seconds since it was asked for.
    """
    for outcome in listed.ROWS.values:
        if count := getattr(report, outcome):
            _one(listed.ROWS, outcome).inc(count)
    for kind in listed.CONFLICTS.values:
        if count := getattr(report, kind):
            _one(listed.CONFLICTS, kind).inc(count)
    if report.reused:
        _one(listed.CACHE, "hit").inc(report.reused)
    if report.inferred:
        _one(listed.CACHE, "miss").inc(report.inferred)
    if report.dead:
        _one(listed.DEAD_MADE).inc(report.dead)
    if report.claimed:
        _one(listed.BATCH_ROWS).observe(report.claimed)
        _one(listed.BATCH_SECONDS).observe(seconds)
    for lane, age in fresh:
        _one(listed.FRESHNESS, lane).observe(max(age, 0.0))


@_quietly
def inference(seconds: float) -> None:
    """Note how long the model took for the texts of one batch."""
    _one(listed.INFERENCE).observe(seconds)


@_quietly
def due(lane: str, waiting: int, oldest_s: float) -> None:
    """Set how many due rows a lane has and for how long the oldest has been due (0: none)."""
    _one(listed.DUE_ROWS, lane).set(waiting)
    _one(listed.DUE_OLDEST, lane).set(max(oldest_s, 0.0))
    _one(listed.DUE_READ).set(time.time())


@_quietly
def ingested(outcome: str) -> None:
    """Count one message of the ingest queue: written, unchanged, superseded or rejected."""
    _one(listed.INGEST, outcome).inc()


@_quietly
def drift(kind: str, n: int = 1) -> None:
    """Count what reconcile found different between index and database."""
    _one(listed.DRIFT, kind).inc(n)


@_quietly
def dead_open(n: int) -> None:
    """Set how many dead letters are open."""
    _one(listed.DEAD_OPEN).set(n)


@_quietly
def ingest_waiting(n: int) -> None:
    """Set how many messages of the ingest queue wait."""
    _one(listed.INGEST_WAITING).set(n)


@_quietly
def hints(lane: str, n: int = 1) -> None:
    """Count wake-ups that the broker has confirmed."""
    _one(listed.HINTS, lane).inc(n)


@_quietly
def index_unavailable(reason: str, outage_s: float) -> None:
    """Count a try in vain, and set for how long the index has been away (above 0)."""
    _one(listed.INDEX_UNAVAILABLE, reason).inc()
    _one(listed.INDEX_OUTAGE).set(max(outage_s, 0.001))


@_quietly
def index_back() -> None:
    """Set that the index can be used."""
    _one(listed.INDEX_OUTAGE).set(0.0)


@_quietly
def slow_batch() -> None:
    """Count one batch that took longer than ``batch_deadline_s``."""
    _one(listed.SLOW_BATCHES).inc()


def _one(metric: Metric, value: str = "") -> Any:  # noqa: ANN401 - a Counter, Gauge or Histogram
    series = _instruments()[metric.name]
    found = series.get(value)
    return series[OTHER] if found is None else found


def _instruments() -> dict[str, dict[str, Any]]:
    made = _State.instruments
    if made is None:
        with _State.lock:
            made = _State.instruments = _State.instruments or _make()
    return made


def _make() -> dict[str, dict[str, Any]]:
    """Make every series at once, so that each is there, as zero, before anything happens."""
    from prometheus_client import (
        CollectorRegistry,
        Counter,
        Gauge,
        Histogram,
        disable_created_metrics,
    )

    # When a series began is known to whoever scrapes it; it would double the page.
    quiet: Any = disable_created_metrics  # carries no types
    quiet()
    registry = _State.registry = CollectorRegistry()
    result: dict[str, dict[str, Any]] = {}
    for metric in listed.METRICS:
        labels = [] if metric.label is None else [metric.label]
        common: Any = {"labelnames": labels, "registry": registry}
        made: Any
        if metric.kind is Kind.COUNTER:
            made = Counter(metric.name, metric.meaning, **common)
        elif metric.kind is Kind.HISTOGRAM:
            made = Histogram(metric.name, metric.meaning, buckets=metric.buckets, **common)
        else:
            made = Gauge(metric.name, metric.meaning, multiprocess_mode="livemostrecent", **common)
        values = (*metric.values, OTHER)
        result[metric.name] = {v: made.labels(v) for v in values} if labels else {"": made}
    return result


def _collector() -> CollectorRegistry:
    """Return what a scrape reads: this process's values, or those in the folder."""
    if _State.folder is not None:
        from worker.metrics_server import folder_registry

        return folder_registry(_State.folder)
    _instruments()
    if _State.registry is None:
        raise AssertionError("_make sets the registry")
    return _State.registry
