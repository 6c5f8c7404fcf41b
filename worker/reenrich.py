"""Reading posts again under the active recipe: what it will cost, then asking in bounded steps.

A step asks for the posts of one page and moves the cursor in one transaction: a killed run goes on
where it stopped, and then walks once more from the start, for what has become old since. Posts that
are current already, that wait, or that are dead letters are left.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy import select
from sqlalchemy.orm import Session

from enrich.post import Post, PostError, digest
from search.index import Index
from search.parts import parts_of
from worker import cursors, log, outputs, reconcile, retry
from worker.drift import ALARMS, judge
from worker.engine import reading
from worker.pages import Page, Pair, read_page
from worker.ports import Enricher, Parse
from worker.recipes import Activation, RecipeMismatch, active
from worker.revisions import from_row
from worker.selection import Selection
from worker.tables import posts

LIMIT = 500
SAMPLE = 2_000
MEASURED = 16
COUNTED = 100_000
COUNT_LIMIT = 5_000
_CHUNK = 100
CURSOR = "reenrich:"
"""How the names of its cursors begin."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What reading the selected posts again will cost.

    ``texts``: different texts of open posts; ``cached`` of them need no model, ``uncached`` do.
    ``seconds``: of one process on this machine, from ``measured`` texts read now. Where ``sampled``
    is below ``posts``, all but ``posts`` are extrapolated from so many of them.
    """

    posts: int
    closed: int
    texts: int
    cached: int
    uncached: int
    seconds: float
    sampled: int
    measured: int

    def to_mapping(self) -> dict[str, Any]:
        """Return the JSON form."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Chunk:
    """The selected ids of one page; ``seen``: all its ids; ``end``: None at the end of all."""

    ids: tuple[str, ...]
    seen: int
    end: str | None
    activation: Activation | None


@dataclass(frozen=True, slots=True)
class Report:
    """What a run asked for.

    ``seen``: ids looked at, twice where it went on behind the id ``resumed_after``.
    """

    asked: int
    seen: int
    resumed_after: str | None
    seconds: float


def chunk_after(
    engine: sa.Engine, index: Index, selection: Selection, after: str, limit: int = LIMIT
) -> Chunk:
    """Return the selected posts of the next page that are not current."""
    page = read_page(engine, index, after, limit)
    ids = [
        pair.id
        for pair in page.pairs
        if _needs_work(pair, page) and selection.takes_id(pair.id, pair.stamp)
    ]
    if selection.reads_posts:
        known = load(engine, ids)
        ids = [i for i in ids if i in known and selection.takes_post(known[i])]
    return Chunk(tuple(ids), len(page.pairs), page.end, page.activation)


def count_stale(engine: sa.Engine, index: Index, most: int = COUNTED) -> int:
    """Count the posts that are not current under the active recipe; stops behind ``most``."""
    found = 0
    after: str | None = ""
    while after is not None and found < most:
        chunk = chunk_after(engine, index, Selection(), after, COUNT_LIMIT)
        found += len(chunk.ids)
        after = chunk.end
    return found


def estimate(
    engine: sa.Engine,
    index: Index,
    enricher: Enricher,
    parse: Parse,
    selection: Selection,
    *,
    sample: int = SAMPLE,
    on_progress: Callable[[int], None] = lambda _seen: None,
) -> Estimate:
    """Count what is selected, look into the cache, and measure the pace on a few posts now."""
    chosen = Thinned(sample)
    after: str | None = ""
    while after is not None:
        chunk = chunk_after(engine, index, selection, after)
        for id_ in chunk.ids:
            chosen.add(id_)
        on_progress(chunk.seen)
        after = chunk.end
    return _estimate(engine, enricher, parse, chosen)


def reenrich(
    engine: sa.Engine,
    index: Index,
    selection: Selection,
    *,
    limit: int = LIMIT,
    wait: Callable[[], object] = lambda: None,
    on_progress: Callable[[int], None] = lambda _asked: None,
    on_resume: Callable[[str], None] = lambda _after: None,
) -> Report:
    """Ask for every selected post that is not current, in the backfill.

    Args:
        engine: the database.
        index: says which documents are current.
        selection: which posts.
        limit: ids of one step.
        wait: called before each step; returns when there is room for more work.
        on_progress: called with the posts asked for after each step.
        on_resume: called with the id behind which it goes on where a run was killed.

    Raises:
        RecipeMismatch: none is active, or another one was activated meanwhile.
    """
    began = time.monotonic()
    activation = _active(engine)
    # An index that was built anew needs what the old one had before the cursor.
    bound = [selection.digest, activation.recipe, activation.since, index.identity]
    name = CURSOR + digest(bound)
    with reading(engine) as session:
        state = cursors.load(session, name) or {}
    resumed: str | None = state.get("after")
    if resumed is not None:
        on_resume(resumed)
    starts = iter([""] if resumed is None else [resumed, ""])
    after: str | None = next(starts)
    asked = seen = 0
    while after is not None:
        wait()
        chunk = chunk_after(engine, index, selection, after, limit)
        if chunk.activation is None or chunk.activation.recipe != activation.recipe:
            raise RecipeMismatch("another recipe was activated meanwhile; run this again for it")
        retry.run(engine, partial(_ask, name=name, chunk=chunk))
        asked += len(chunk.ids)
        seen += chunk.seen
        on_progress(len(chunk.ids))
        after = next(starts, None) if chunk.end is None else chunk.end
    seconds = time.monotonic() - began
    log.emit(log.LogEvent.REENRICHED, asked=asked, seconds=seconds)
    return Report(asked, seen, resumed, seconds)


def load(engine: sa.Engine, ids: Sequence[str]) -> dict[str, Post]:
    """Return the stored posts of those ids whose rows are posts."""
    columns = (posts.c.id, posts.c.revision, posts.c.payload, posts.c.deleted)
    found: dict[str, Post] = {}
    with reading(engine) as session:
        for part in parts_of(ids, LIMIT):
            for row in session.execute(select(*columns).where(posts.c.id.in_(part))):
                try:
                    post = from_row(row.id, row.revision, row.payload, deleted=row.deleted)
                except PostError:
                    continue
                found[row.id] = post
    return found


class Thinned:
    """Keeps about ``size`` of many items, evenly over their order, however many come."""

    def __init__(self, size: int) -> None:
        """Keep between ``size`` and twice as many."""
        self._size = size
        self._every = 1
        self.count = 0
        self.items: list[str] = []

    def add(self, item: str) -> None:
        """Count an item, and keep it when it is its turn."""
        if self.count % self._every == 0:
            self.items.append(item)
            if len(self.items) > 2 * self._size:
                self.items = self.items[::2]
                self._every *= 2
        self.count += 1


def _estimate(engine: sa.Engine, enricher: Enricher, parse: Parse, chosen: Thinned) -> Estimate:
    known = load(engine, chosen.items)
    opened = [post for post in known.values() if not post.deleted]
    keys: dict[str, Post] = {}
    for part in parts_of(opened, _CHUNK):
        keys.update(zip(enricher.cache_keys(part), part, strict=True))
    cached = outputs.cached(engine, enricher, list(keys))
    missing = [post for key, post in keys.items() if key not in cached]
    present = [post for key, post in keys.items() if key in cached]
    pace = outputs.measure(engine, enricher, parse, _some(missing), _some(present))
    scale = chosen.count / max(len(chosen.items), 1)
    texts, uncached = round(len(keys) * scale), round(len(missing) * scale)
    return Estimate(
        posts=chosen.count,
        closed=round((len(known) - len(opened)) * scale),
        texts=texts,
        cached=texts - uncached,
        uncached=uncached,
        seconds=uncached * pace.text_s + len(opened) * scale * pace.post_s,
        sampled=len(chosen.items),
        measured=pace.texts,
    )


def _some(items: Sequence[Post]) -> Sequence[Post]:
    """Return ``MEASURED`` items at most, evenly taken."""
    return items[:: max(1, len(items) // MEASURED)][:MEASURED]


def _active(engine: sa.Engine) -> Activation:
    with reading(engine) as session:
        activation = active(session)
    if activation is None:
        raise RecipeMismatch(
            "no recipe is active yet; put posts, or run 'hirelens recipe activate'"
        )
    return activation


def _ask(session: Session, *, name: str, chunk: Chunk) -> None:
    reconcile.ask(session, chunk.ids)
    if chunk.end is None:
        cursors.forget(session, name)
    else:
        cursors.save(session, name, {"after": chunk.end})


def _needs_work(pair: Pair, page: Page) -> bool:
    kind = judge(pair.stamp, pair.row, page.activation)
    return kind is not None and kind not in ALARMS
