"""Filling a generation of another recipe from the database, beside the one that serves.

Posts are read in the order of ids and enriched with the recipe to come; model outputs go through
the cache, so that a run that is repeated reads nothing twice. Only the standby is written. Live
posts of the active recipe reach it meanwhile without a vector; each round upgrades them.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from search.copying import write_patiently
from search.index import Document, Index, Outcome, document_version
from worker.batch import Tools, Work, load, prepare, stored_of
from worker.claim import Claimed
from worker.drift import ALARMS, judge
from worker.engine import reading
from worker.in_hand import Hand
from worker.pages import Pair, read_page
from worker.recipes import Activation
from worker.standby import target

LIMIT = 500
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


@dataclass(slots=True)
class _Run:
    tools: Tools
    standby: Index
    limit: int
    sleep: Callable[[float], object]
    report: Rebuilt = field(default_factory=Rebuilt)
    _hand: Hand = field(init=False)

    def __post_init__(self) -> None:
        self._hand = Hand(self.tools.engine, CURSOR + self.standby.identity[:80])

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
