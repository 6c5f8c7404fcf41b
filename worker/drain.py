"""Claim, plan, infer, write, settle, until nothing is due: the only way into the index."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import partial
from typing import cast

import sqlalchemy as sa
from sqlalchemy import select
from sqlalchemy.orm import Session

from search.index import Index, IndexUnavailableError
from worker import lease, metrics, recipes, retry
from worker.batch import Loaded, Tools, Work, load, prepare, stored_of
from worker.checks import Timing
from worker.claim import Claim, claim
from worker.engine import reading
from worker.log import LogEvent, emit
from worker.ports import Documents, Enricher, Parse, default_parse
from worker.recipes import Activation
from worker.report import DrainReport
from worker.settle import Settled, names, settle
from worker.tables import outbox as rows
from worker.watched import Watched
from worker.write import write

Progress = Callable[[DrainReport], None]
_POLL_S = 0.1
_RENEW_AFTER = 4  # parts of a lease


def drain(
    engine: sa.Engine,
    enricher: Enricher,
    index: Index,
    *,
    batch: int = 32,
    max_rows: int | None = None,
    lease_seconds: float = 300.0,
    backoff_seconds: float = 1.0,
    wait: bool = True,
    reactivate: bool = True,
    on_progress: Progress | None = None,
    parse: Parse = default_parse,
    documents: Documents | None = None,
) -> DrainReport:
    """Bring every due post into the index; rows that another process holds are left to it.

    The defaults are those of a command that ends; a process that stays passes False for ``wait``
    and ``reactivate``.

    Args:
        engine: the database, migrated.
        enricher: reads posts; its recipe is activated when it is new.
        index: where documents go.
        batch: rows claimed together.
        max_rows: stop after so many claimed rows.
        lease_seconds: how long a claim may take before others may take its rows over.
        backoff_seconds: the first delay of a row that failed; doubled each time.
        wait: wait also for the rows that other processes hold now.
        reactivate: at the start, make the enricher's recipe active even where another has
            replaced it (a roll-back); never later, or two versions would take turns for ever.
        on_progress: called after each batch with the counts so far.
        parse: reads a cached model output back.
        documents: builds documents; ``search.document`` by default.

    Raises:
        IndexUnavailableError: the index cannot be used now; rows in hand are given back as if they
            had never been claimed.
        RecipeMismatch: another process has replaced the enricher's recipe.
        SettingsError: the timing cannot work.
    """
    timing = Timing(batch, lease_seconds, backoff_seconds)
    timing.check()
    tools = Tools(engine, enricher, documents or _shipped_documents(), parse)
    counts: Counter[str] = Counter()
    others = _Others(engine)
    if reactivate:
        retry.run(engine, lambda session: recipes.activate(session, enricher.recipe.digest))
    while max_rows is None or counts["claimed"] < max_rows:
        size = batch if max_rows is None else min(batch, max_rows - counts["claimed"])
        taken = retry.run(engine, partial(_take, tools, timing, size))
        counts["dead"] += taken.claim.buried
        stalled = None
        if taken.claim.items:
            watched = Watched(index)
            counts.update(_guarded(tools, watched, taken, timing))
            stalled = watched.stalled
        elif not taken.claim.buried and not (wait and others.are_busy()):
            break
        if on_progress is not None:
            on_progress(DrainReport.of(counts))
        if stalled is not None:
            raise stalled
    return DrainReport.of(counts)


@dataclass(frozen=True, slots=True)
class _Taken:
    """A claim with the posts that it holds, under the recipe that is active."""

    activation: Activation
    claim: Claim
    loaded: Loaded


def _take(tools: Tools, timing: Timing, size: int, session: Session) -> _Taken:
    activation = recipes.ensure(session, tools.enricher.recipe.digest)
    claimed = claim(session, batch=size, lease_seconds=timing.lease_seconds)
    loaded = load(session, claimed.items, activation) if claimed.items else Loaded()
    return _Taken(activation, claimed, loaded)


def _guarded(tools: Tools, index: Watched, taken: _Taken, timing: Timing) -> Counter[str]:
    """Process one claim; when it cannot be finished its rows are given back at once."""
    held = taken.claim
    began = time.monotonic()
    for item in held.items:
        fields = names(item)
        fields["attempts"], fields["solo"] = item.attempts, item.solo
        emit(LogEvent.CLAIMED, **fields)
    try:
        settled = _process(tools, index, taken, timing)
    except BaseException as error:
        cause = index.cause(error)
        # Where the database cannot be reached either, the lease gives the rows back.
        with suppress(sa.exc.SQLAlchemyError):
            retry.run(tools.engine, partial(_give_back, held, cause, timing), tries=2)
        if cause is not error:
            raise cause from error
        raise
    counts = settled.counts + Counter(claimed=len(held.items))
    seconds = time.monotonic() - began
    metrics.batch(DrainReport.of(counts), seconds, settled.fresh)
    settled.log()
    emit(LogEvent.BATCH, **asdict(DrainReport.of(counts)), seconds=seconds)
    return counts


def _give_back(held: Claim, error: BaseException, timing: Timing, session: Session) -> None:
    """Free the rows; where the error may be a post's own doing each is taken alone next time."""
    if isinstance(error, IndexUnavailableError):
        lease.hold_back(session, held.token, held.items, error=str(error))
        return
    if isinstance(error, _NO_POSTS_FAULT) or retry.is_transient(error):
        lease.release(session, held.token, held.items)
        return
    text = f"{type(error).__name__}: {error}"
    lease.suspect(session, held.token, held.items, error=text, backoff_s=timing.backoff_seconds)


_NO_POSTS_FAULT = (KeyboardInterrupt, SystemExit, GeneratorExit)


def _process(tools: Tools, index: Watched, taken: _Taken, timing: Timing) -> Settled:
    began = time.monotonic()
    held, loaded = taken.claim, taken.loaded
    index.check_space(tools.enricher.recipe.vector_space)
    known = index.get([item.post_id for item, _, _ in loaded.posts])
    works = [
        Work(item, post, target, stored_of(known.get(item.post_id)))
        for item, post, target in loaded.posts
    ]
    prepared = prepare(tools, works)
    if time.monotonic() - began > timing.lease_seconds / _RENEW_AFTER:
        # The model took long; the write must not race with a new claim needlessly.
        retry.run(
            tools.engine,
            lambda s: lease.renew(s, held.token, held.items, timing.lease_seconds),
        )
    results = write(tools.engine, index, prepared.planned, taken.activation)
    errors = loaded.errors + prepared.errors
    settled = retry.run(
        tools.engine,
        lambda s: settle(
            s, held.token, results, errors, timing.backoff_seconds, stalled=index.stalled
        ),
    )
    settled.counts.update(prepared.counts)
    return settled


class _Others:
    """The leases that other processes held when this one had nothing left to claim."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._tokens: set[str] | None = None

    def are_busy(self) -> bool:
        """Pause and return True while one of those leases is held; later ones do not count."""
        held = select(rows.c.lease_token).where(rows.c.lease_owner.is_not(None)).distinct()
        with reading(self._engine) as session:
            now = {token for token in session.scalars(held) if token is not None}
        self._tokens = now if self._tokens is None else self._tokens & now
        if self._tokens:
            time.sleep(_POLL_S)
        return bool(self._tokens)


def _shipped_documents() -> Documents:
    from search import document

    return cast("Documents", document)
