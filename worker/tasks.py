"""The three tasks of a worker: drain one batch, take one post in, keep one refused message."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from celery.exceptions import Reject

from search.index import IndexUnavailableError
from worker import intake, log, metrics, retry
from worker.config import WorkerConfig
from worker.drain import drain
from worker.intake import Delivery
from worker.log import LogEvent, emit
from worker.messages import DRAIN, INGEST, REFUSE
from worker.recipes import RecipeMismatch
from worker.report import DrainReport
from worker.seat import Seat
from worker.timelimit import OutOfTime, interruptible

REQUEUE_PAUSE_S = 2.0
"""Before a post goes back to the broker because nothing could be stored; doubled each time."""
MAX_REQUEUE_PAUSE_S = 30.0

_logger = logging.getLogger(log.NAME)


@dataclass(slots=True)
class Requeues:
    """How long to hold a message that goes back: the broker counts, and gives up after so many."""

    pause_s: float | None = None

    def next_pause(self) -> float:
        """Return the pause of one more failure in a row."""
        last = self.pause_s
        doubled = REQUEUE_PAUSE_S if last is None else last * 2
        self.pause_s = min(doubled, MAX_REQUEUE_PAUSE_S)
        return self.pause_s

    def reset(self) -> None:
        """Begin anew after a success."""
        self.pause_s = None


def register(app: Any, config: WorkerConfig, seat: Seat) -> None:  # noqa: ANN401 - a Celery app
    """Add the tasks to an app, and to no other app of this process."""
    requeues = Requeues()  # each child has its own copy

    def drain_one(lane: str = "live") -> None:  # noqa: ARG001 - every claim takes live rows first
        drain_batch(seat, config)

    def ingest(task: Any, payload: object = None) -> None:  # noqa: ANN401 - Celery has no types
        found = _delivery(task.request)
        cap = config.delivery_limit
        with_time(lambda: intake.ingest(_engine(seat), found, payload, cap), requeues)

    def refuse(task: Any, text: str, field: str | None, error: str) -> None:  # noqa: ANN401
        found = _delivery(task.request)
        with_time(lambda: intake.keep_text(_engine(seat), found, text, field, error), requeues)

    # A failure or a killed child must never acknowledge a post: all of these, or none.
    late: dict[str, Any] = {
        "bind": True,
        "acks_late": True,
        "reject_on_worker_lost": True,
        "acks_on_failure_or_timeout": False,
        "acks_on_failure": False,
        "acks_on_timeout": False,
    }
    app.task(name=DRAIN, shared=False, acks_late=False)(drain_one)
    app.task(name=INGEST, shared=False, **late)(ingest)
    app.task(name=REFUSE, shared=False, **late)(refuse)


def drain_batch(seat: Seat, config: WorkerConfig) -> DrainReport | None:
    """Bring one batch into the index; None where it has to wait.

    What cannot be done now only waits: the rows are given back, or come back when their lease
    ends, and the relay sends another hint. While the index is left alone, hints do nothing.
    """
    if seat.outage.left_s:
        return None
    try:
        with interruptible():
            report = _drain_following(seat, config)
        if report.claimed:
            seat.outage.succeeded()
        return report
    except IndexUnavailableError as error:
        seat.outage.failed(error)
    except OutOfTime as error:
        if isinstance(error.__cause__, IndexUnavailableError):
            seat.outage.failed(error.__cause__)
        else:
            _logger.warning("a batch took longer than %g s and was given back", config.soft_limit_s)
    except RecipeMismatch as error:
        # Rows stay due for a worker that has the active recipe.
        _logger.warning("%s", error)
    except sa.exc.SQLAlchemyError as error:
        if not retry.is_transient(error):
            raise
        emit(LogEvent.CONNECTION_LOST, peer="database", role="drain", error=str(error))
    return None


def with_time(work: Callable[[], object], requeues: Requeues | None = None) -> None:
    """Do something with a post; when that cannot be done the message goes back to its queue.

    An outage of the database is waited for in the work itself, until the time limit. Any other
    fault holds the message for a growing while, within the time limit too.

    Args:
        work: what is to be done.
        requeues: this process's failures in a row.

    Raises:
        Reject: the broker is to deliver the message again.
    """
    held = requeues or Requeues()
    try:
        with interruptible():
            work()
    except OutOfTime:
        raise Reject("the database was away for the whole time limit", requeue=True) from None
    except Exception as error:
        # Not even the reject could be stored: a fault of the set-up that a person has to mend.
        _logger.exception("a message of the ingest queue goes back to its queue")
        with suppress(OutOfTime), interruptible():
            time.sleep(held.next_pause())
        raise Reject(str(error), requeue=True) from error
    held.reset()


def _drain_following(seat: Seat, config: WorkerConfig) -> DrainReport:
    try:
        return _drain_once(seat, config)
    except RecipeMismatch:
        replaced = seat.forget_enricher()
        if replaced is None:
            raise  # the provider itself cannot have the active recipe
        active = seat.enricher().recipe.digest
        emit(LogEvent.RECIPE_REPLACED, recipe=replaced, active=active)
        return _drain_once(seat, config)


def _drain_once(seat: Seat, config: WorkerConfig) -> DrainReport:
    provider, enricher = seat.provider, seat.enricher()
    began = time.monotonic()  # loading the model is no part of a batch
    report: DrainReport | None = None
    try:
        report = drain(
            provider.engine,
            enricher,
            provider.index,
            batch=config.batch,
            max_rows=config.batch,
            lease_seconds=config.lease_s,
            backoff_seconds=config.backoff_s,
            wait=False,
            reactivate=False,
            parse=provider.parse,
            documents=provider.documents,
        )
    finally:
        _tell_slow(time.monotonic() - began, report, config.batch_deadline_s)
    return report


def _tell_slow(seconds: float, report: DrainReport | None, deadline_s: float) -> None:
    """Tell of a batch that took too long, also of one that the time limit ended."""
    if seconds <= deadline_s or (report is not None and not report.claimed):
        return
    metrics.slow_batch()
    if report is None:
        emit(LogEvent.SLOW_BATCH, seconds=seconds)
    else:
        emit(LogEvent.SLOW_BATCH, seconds=seconds, claimed=report.claimed)


def _engine(seat: Seat) -> sa.Engine:
    """Return the database; waits while it cannot even be opened."""
    return intake.patiently(lambda: seat.provider.engine)


def _delivery(request: Any) -> Delivery:  # noqa: ANN401 - Celery has no types
    return Delivery.of(
        request.id, getattr(request, "trace", None), getattr(request, "delivery_info", None)
    )
