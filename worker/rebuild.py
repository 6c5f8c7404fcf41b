"""Filling a generation of another recipe from the database, beside the one that serves.

Posts are read in the order of ids and enriched with the recipe to come; model outputs go through
the cache, so that a run that is repeated reads nothing twice. Only the standby is written. Live
posts of the active recipe reach it meanwhile without a vector; each round upgrades them.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from search.compare import LOOKS, Patience
from search.copying import write_patiently
from search.index import Document, Index, Outcome, document_version
from worker import cursors, recipes, reconcile, retry
from worker.batch import Tools, Work, load, prepare, stored_of
from worker.claim import Claimed
from worker.drift import ALARMS, Finding, Kind, judge
from worker.engine import reading
from worker.pages import Page, Pair, Row, read_ids, read_page
from worker.recipes import Activation
from worker.tables import dead_letters, outbox, posts

LIMIT = 500
BATCH = 32
ROUNDS = 6
CURSOR = "rebuild:"
"""How the names of its cursors begin."""
_KILLS = 2
_REFUSED = frozenset({Outcome.PERMANENT, Outcome.TOO_LARGE})

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Failure:
    """A post that cannot be brought under the recipe to come, at this revision."""

    revision: int
    error: str


@dataclass(slots=True)
class Rebuilt:
    """What a run did; ``given_up``: posts with a dead letter, which are left."""

    activation: int = 0
    seen: int = 0
    written: int = 0
    rounds: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    failed: dict[str, Failure] = field(default_factory=dict)
    given_up: set[str] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)

    def to_mapping(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "activation": self.activation,
            "seen": self.seen,
            "written": self.written,
            "rounds": self.rounds,
            "inferred": self.counts["inferred"],
            "reused": self.counts["reused"],
            "failed": {id_: asdict(failure) for id_, failure in sorted(self.failed.items())},
            "given_up": sorted(self.given_up),
            "unknown": sorted(self.unknown),
        }


@dataclass(frozen=True, slots=True)
class Figures:
    """Posts in the database by state, those that wait, and those with an open dead letter."""

    open: int
    closed: int
    waiting: int
    dead: int


def target(active: Activation | None, recipe: str) -> Activation:
    """Return the activation that a recipe gets when it becomes the next active one."""
    if active is not None and active.recipe == recipe:
        return active
    number = 1 if active is None else active.number + 1
    return Activation(number, recipe, number)


def rebuild(
    tools: Tools,
    standby: Index,
    *,
    rounds: int = ROUNDS,
    limit: int = LIMIT,
    on_progress: Progress = lambda _seen: None,
    sleep: Callable[[float], object] = time.sleep,
) -> Rebuilt:
    """Bring every post of the database into the standby under the recipe of ``tools``.

    Args:
        tools: database, enricher of the recipe to come, builder of documents.
        standby: the index of one generation.
        rounds: at most so many walks; each finds what was written during the one before.
        limit: ids of one page.
        on_progress: called with the ids of each page of the first walk.
        sleep: pauses while the standby takes nothing.

    Raises:
        StandbyError: the standby took nothing for minutes.
    """
    run = _Run(tools, standby, limit, sleep)
    while run.report.rounds < rounds:
        first = run.report.rounds == 0
        changed = run.walk(on_progress if first else lambda _seen: None)
        run.report.rounds += 1
        if not changed:
            break
    run.forget()
    return run.report


def drift(
    engine: sa.Engine,
    standby: Index,
    recipe: str | None,
    *,
    limit: int = 5_000,
    sleep: Callable[[float], object] = time.sleep,
) -> list[Finding]:
    """Compare a generation with the database, as reconcile does; posts of another recipe are fine.

    Args:
        engine: the database.
        standby: the index of one generation.
        recipe: the one that its documents are of; None: the active one.
        limit: ids of one page.
        sleep: pauses before what seems wrong is looked at again.
    """
    found: list[Finding] = []
    pause = Patience(sleep)
    after: str | None = ""
    while after is not None:
        page = read_page(engine, standby, after, limit)
        doubted = _drifted(page, recipe)
        for _ in range(LOOKS - 1):
            if not doubted or not pause():
                break
            ids = [finding.id for finding in doubted]
            doubted = [
                finding
                for part in _parts(ids, LIMIT)
                for finding in _drifted(read_ids(engine, standby, part), recipe)
            ]
        found += doubted
        after = page.end
    return found


def rows_of(engine: sa.Engine, standby: Index, ids: Sequence[str]) -> dict[str, Row]:
    """Return what the database says of those ids that it knows."""
    return {
        pair.id: pair.row
        for part in _parts(ids, LIMIT)
        for pair in read_ids(engine, standby, part).pairs
        if pair.row is not None
    }


def figures(engine: sa.Engine) -> Figures:
    """Count posts, waiting rows and open dead letters."""
    letters = select(func.count(dead_letters.c.post_id.distinct()))
    with reading(engine) as session:
        by_state = select(posts.c.deleted, func.count()).group_by(posts.c.deleted)
        deleted = {bool(row[0]): int(row[1]) for row in session.execute(by_state)}
        waiting = session.scalar(select(func.count()).select_from(outbox)) or 0
        dead = session.scalar(letters.where(dead_letters.c.state.in_(("open", "closed")))) or 0
    return Figures(deleted.get(False, 0), deleted.get(True, 0), waiting, dead)


def activate_with(engine: sa.Engine, recipe: str, swap: Callable[[], None]) -> Activation:
    """Make a recipe the active one around a swap of generations: both happen, or neither.

    Where the process dies between swap and commit, the same call finishes it.

    Args:
        engine: the database.
        recipe: the recipe's digest.
        swap: changes the roles; repeating it changes nothing. What it raises undoes the activation.
    """

    def action(session: Session) -> Activation:
        # Work under the old recipe is cut off first, and nobody claims until this commits: no
        # document of the old vector space is on its way when the roles change.
        activation = recipes.activate(session, recipe, ask=False)
        swap()
        return activation

    return retry.run(engine, action)


def ask_behind(engine: sa.Engine, index: Index, *, limit: int = 5_000) -> tuple[int, int]:
    """Ask, in the backfill, for the posts that are not under the active recipe.

    Returns:
        for how many, and how many are right under an older activation: reconcile asks for these
        by and by.
    """
    asked = renumbered = 0
    after: str | None = ""
    while after is not None:
        page = read_page(engine, index, after, limit)
        wanted = []
        for pair in page.pairs:
            kind = judge(pair.stamp, pair.row, page.activation)
            if kind is None or kind in ALARMS:
                continue
            if kind is Kind.STALE_RECIPE and _is_of(pair, page.activation):
                renumbered += 1
            else:
                wanted.append(pair.id)
        for part in _parts(wanted, LIMIT):
            asked += _ask(engine, part)
        after = page.end
    return asked, renumbered


@dataclass(slots=True)
class _Run:
    tools: Tools
    standby: Index
    limit: int
    sleep: Callable[[float], object]
    report: Rebuilt = field(default_factory=Rebuilt)
    _hand: _Hand = field(init=False)

    def __post_init__(self) -> None:
        self._hand = _Hand(self.tools.engine, CURSOR + self.standby.identity[:80])

    def walk(self, on_progress: Progress) -> bool:
        """Walk through database and standby once; tell whether anything was written."""
        written = False
        after: str | None = ""
        while after is not None:
            page = read_page(self.tools.engine, self.standby, after, self.limit)
            aim = target(page.activation, self.tools.enricher.recipe.digest)
            self.report.activation = aim.number
            todo = [pair.id for pair in page.pairs if self._needs(pair, aim)]
            for part, alone in self._hand.parts(todo):
                written |= self._bring(part, aim, alone=alone)
            if not self.report.rounds:
                self.report.seen += len(page.pairs)
                on_progress(len(page.pairs))
            after = page.end
        return written

    def forget(self) -> None:
        """Keep nothing of a run that has ended in order but what kills."""
        self._hand.close()

    def _needs(self, pair: Pair, aim: Activation) -> bool:
        if pair.row is None:
            self.report.unknown.add(pair.id)
            return False
        # Waiting rows are brought too: a backlog must not hold a generation up.
        row = replace(pair.row, waiting=False, dead=False, fresh=True)
        kind = judge(pair.stamp, row, aim)
        if kind is None or kind in ALARMS:
            return False
        if pair.row.dead:
            self.report.given_up.add(pair.id)
            return False
        failure = self.report.failed.get(pair.id)
        return failure is None or failure.revision < row.revision

    def _bring(self, ids: Sequence[str], aim: Activation, *, alone: bool) -> bool:
        items = [Claimed(id_, 0, 0, 0, alone) for id_ in ids]
        with reading(self.tools.engine) as session:
            loaded = load(session, items, aim)
        known = self.standby.get(ids, match=False)
        works = [Work(i, p, t, stored_of(known.get(i.post_id))) for i, p, t in loaded.posts]
        revisions = {work.item.post_id: work.target.revision for work in works}
        if alone and self._hand.kills(ids[0]) >= _KILLS:
            told = "processes that read it alone have died; try it: hirelens enrich"
            self._fail(ids[0], revisions.get(ids[0], 0), told)
            return False
        self._hand.take(ids, alone=alone)
        prepared = prepare(self.tools, works)
        for item, error in (*loaded.errors, *prepared.errors):
            self._fail(item.post_id, revisions.get(item.post_id, 0), error)
        self.report.counts.update(prepared.counts)
        documents = [
            plan.build(document_version(plan.work.target.revision, aim.number))
            for plan in prepared.planned
            if plan.build is not None
        ]
        return self._write(documents, revisions)

    def _write(self, documents: Sequence[Document], revisions: dict[str, int]) -> bool:
        changed = False
        for answer in write_patiently(self.standby, documents, self.sleep) if documents else ():
            self.report.written += answer.outcome is Outcome.OK
            # A repair of the active recipe has taken the number meanwhile: the next round has
            # the one behind it.
            changed |= answer.outcome in (Outcome.OK, Outcome.CONFLICT)
            if answer.outcome in _REFUSED:
                error = answer.error or answer.outcome.value
                self._fail(answer.id, revisions.get(answer.id, 0), error)
        return changed

    def _fail(self, id_: str, revision: int, error: str) -> None:
        self.report.failed[id_] = Failure(revision, error)


class _Hand:
    """What is being read, kept in the database: what a process died of is read alone next time."""

    def __init__(self, engine: sa.Engine, name: str) -> None:
        self._engine = engine
        self._name = name
        with reading(engine) as session:
            found = cursors.load(session, name) or {}
        self._kills: dict[str, int] = dict(found.get("kills", {}))
        hand = found.get("hand", ())
        self._suspects = set(hand)
        if found.get("alone"):
            self._kills[hand[0]] = self._kills.get(hand[0], 0) + 1

    def parts(self, ids: Sequence[str]) -> Iterator[tuple[Sequence[str], bool]]:
        """Yield batches, those suspected of having killed a process each alone."""
        bad = self._suspects | self._kills.keys()
        yield from ((part, False) for part in _parts([i for i in ids if i not in bad], BATCH))
        yield from (([id_], True) for id_ in ids if id_ in bad)

    def kills(self, id_: str) -> int:
        """Return how many processes have died while they read this post alone."""
        return self._kills.get(id_, 0)

    def take(self, ids: Sequence[str], *, alone: bool) -> None:
        """Note what is read now."""
        self._save({"hand": list(ids), "alone": alone, "kills": self._kills})

    def close(self) -> None:
        """Note that nothing is being read."""
        self._save({"kills": self._kills} if self._kills else None)

    def _save(self, value: dict[str, Any] | None) -> None:
        def write(session: Session) -> None:
            if value is None:
                cursors.forget(session, self._name)
            else:
                cursors.save(session, self._name, value)

        retry.run(self._engine, write)


def _ask(engine: sa.Engine, ids: Sequence[str]) -> int:
    return retry.run(engine, lambda session: reconcile.ask(session, ids))


def _drifted(page: Page, recipe: str | None) -> list[Finding]:
    active = page.activation
    aim = active if recipe is None else target(active, recipe)
    return [
        Finding(
            pair.id,
            kind,
            pair.stamp.version if pair.stamp else None,
            pair.row.revision if pair.row else None,
        )
        for pair in page.pairs
        if (kind := judge(pair.stamp, pair.row, aim)) not in (None, Kind.STALE_RECIPE)
    ]


def _is_of(pair: Pair, activation: Activation | None) -> bool:
    return (
        pair.stamp is not None
        and activation is not None
        and (pair.stamp.recipe == activation.recipe or pair.stamp.state == "closed")
    )


def _parts(items: Iterable[str], size: int) -> Iterator[list[str]]:
    found = list(items)
    for start in range(0, len(found), size):
        yield found[start : start + size]
