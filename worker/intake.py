"""One message of the ingest queue: written as a post, or kept as a reject; never lost."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from enrich.post import PostError
from worker import deliveries, messages, metrics, posts, rejects, retry, timelimit
from worker.engine import writing
from worker.log import LogEvent, emit
from worker.log_events import Fields
from worker.trace import new_trace

T = TypeVar("T")
Run = Callable[[sa.Engine, Callable[[Session], bool]], bool]
FIRST_PAUSE_S = 0.5
MAX_PAUSE_S = 5.0
_DRIVERS = frozenset({"psycopg", "pymysql", "sqlite3"})


@dataclass(frozen=True, slots=True)
class Delivery:
    """What is known of a message besides its payload."""

    task_id: str
    trace: str
    redelivered: bool = False

    @classmethod
    def of(cls, task_id: str, trace: object, info: object) -> Delivery:
        """Build it from a task's request; ``info`` is the broker's delivery information."""
        known = info if isinstance(info, dict) else {}
        given = trace if isinstance(trace, str) else task_id.replace("-", "")
        return cls(task_id, new_trace(given), bool(known.get("redelivered")))


def ingest(engine: sa.Engine, delivery: Delivery, payload: object, cap: int) -> str:
    """Write one post, in one transaction; returns what became of it.

    Waits while the database is away. A payload that is no post, that contradicts the stored one
    or that was delivered again more than ``cap`` times is kept in ``ingest_rejects``.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: the database is at fault; the message must come again.
    """
    try:
        if delivery.redelivered:
            times = persist(engine, lambda s: deliveries.count(s, delivery.task_id))
            if times > cap:
                problem = f"was delivered {times} times more without success; replay or close it"
                return keep(engine, delivery, payload, "(message)", problem)
        post = messages.read_post(payload)
        result = persist(engine, lambda s: posts.write(s, post, trace=delivery.trace))
    except PostError as error:
        return keep(engine, delivery, payload, error.field, str(error))
    except posts.RevisionConflict as error:
        return keep(engine, delivery, payload, error.field, str(error))
    except Exception as error:
        # Whatever it is, the payload is not tried for ever; but it must be the payload's fault.
        if timelimit.is_over():
            raise
        if _is_the_databases(error):
            _uncount(engine, delivery)
            raise
        return keep(engine, delivery, payload, None, f"{type(error).__name__}: {error}")
    if delivery.redelivered:
        persist(engine, lambda s: deliveries.forget(s, delivery.task_id))
    metrics.ingested(result.outcome)
    emit(
        LogEvent.INGESTED,
        post=result.id,
        revision=result.revision,
        trace=delivery.trace,
        lane="live",
        outcome=result.outcome,
        task=delivery.task_id,
    )
    return result.outcome


def _uncount(engine: sa.Engine, delivery: Delivery) -> None:
    """Count only the deliveries that may be the payload's fault; tried once, the error matters."""
    if delivery.redelivered:
        with suppress(sa.exc.SQLAlchemyError), writing(engine) as session:
            deliveries.forget(session, delivery.task_id)


def _is_the_databases(error: Exception) -> bool:
    """Tell whether an error comes from the database and is none of a value in the payload."""
    if type(error).__module__.partition(".")[0] in _DRIVERS:
        return True  # raised where SQLAlchemy does not look, while it tidies a connection up
    if type(error) is sa.exc.StatementError or isinstance(error, sa.exc.DataError):
        return False
    return isinstance(error, sa.exc.SQLAlchemyError)


def keep(
    engine: sa.Engine, delivery: Delivery, payload: object, field: str | None, error: str
) -> str:
    """Keep a payload that was refused."""
    post_id = messages.post_id_of(payload)
    keep_text(engine, delivery, messages.to_text(payload), field, error, post_id)
    return "rejected"


def keep_text(
    engine: sa.Engine,
    delivery: Delivery,
    text: str,
    field: str | None,
    error: str,
    post_id: str | None = None,
    run: Run | None = None,
) -> None:
    """Keep what arrived, as text, with the reason; ``run`` is ``persist`` when None."""

    def store(session: Session) -> bool:
        deliveries.forget(session, delivery.task_id)
        return rejects.store(
            session,
            task_id=delivery.task_id,
            payload=text,
            error=error,
            field=field,
            post_id=post_id,
        )

    if not (run or persist)(engine, store):
        return
    metrics.ingested("rejected")
    told: Fields = {
        "task": delivery.task_id,
        "field": field,
        "error": error,
        "trace": delivery.trace,
    }
    if post_id is not None:
        told["post"] = post_id
    emit(LogEvent.REJECTED, **told)


def persist(engine: sa.Engine, action: Callable[[Session], T]) -> T:
    """Run one write transaction, again for as long as the database is away."""
    return patiently(lambda: retry.run(engine, action))


def patiently(work: Callable[[], T]) -> T:
    """Do something, again for as long as the database is away.

    Ends only by success, by an error that is not on the list, or by the caller's time limit.
    """
    pause = FIRST_PAUSE_S
    lost_at: float | None = None
    while True:
        try:
            result = work()
        except sa.exc.SQLAlchemyError as error:
            if not retry.is_transient(error):
                raise
            lost_at = time.monotonic() if lost_at is None else lost_at
            emit(
                LogEvent.CONNECTION_LOST,
                peer="database",
                role="ingest",
                error=str(error),
                wait_s=pause,
            )
            time.sleep(pause)
            pause = min(pause * 2, MAX_PAUSE_S)
        else:
            if lost_at is not None:
                seconds = time.monotonic() - lost_at
                emit(LogEvent.CONNECTION_BACK, peer="database", role="ingest", seconds=seconds)
            return result
