"""A crash run without servers: one process plays writers and workers whose work overlaps.

While one "worker" reads its batch, writers write on and another "worker" drains; a "writer" may
die between two statements. What overlaps is drawn from a seed, so that a run can be repeated.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from enrich.post import Post
from search.index import IndexUnavailableError
from tests.crash import plainsql
from tests.crash.checker import Report, check
from tests.crash.encoder import CrashEncoder, CrashOutput, parse
from tests.crash.history import Write, plan
from tests.crash.indexes import Where, embedded
from tests.crash.readback import read_back
from worker import outbox, schema
from worker.drain import drain
from worker.engine import create_engine, reading, writing
from worker.posts import write

NESTED = 0.5
"""How often something happens while a batch is read."""
ROUNDS = 60


class WriterDied(Exception):  # noqa: N818
    """A writer is killed here; what it has not committed is gone."""


@dataclass
class _Overlapping(CrashEncoder):
    """Lets other things happen while it reads."""

    meanwhile: Callable[[Sequence[Post]], None] = lambda _posts: None

    def infer(self, posts: Sequence[Post]) -> list[CrashOutput]:
        self.meanwhile(posts)
        return CrashEncoder.infer(self, posts)


@dataclass
class Rig:
    """One database, one index, a history; ``death``: how often a writer dies where it may."""

    folder: Path
    seed: int = 1
    writes: int = 400
    death: float = 0.1
    where: Where | None = None
    history: list[Write] = field(default_factory=list)
    acknowledged: set[int] = field(default_factory=set)
    depth: int = 0

    def __post_init__(self) -> None:
        # Nothing can kill "itself" here, and nothing refuses a message.
        planned = plan(self.seed, self.writes, writers=3)
        self.history = [
            replace(w, fate=None) if w.fate == "lost" else w for w in planned if w.kind != "refused"
        ]
        self.chance = random.Random(f"rig {self.seed}")
        self.engine = create_engine(self.folder / "posts.db")
        schema.upgrade(self.engine)
        self.where = self.where or embedded(self.folder / "index.db")
        self.where.prepare()
        self.index = self.where.open()
        self.encoder = _Overlapping(deadly=False, meanwhile=self._meanwhile)
        self.queues = [[w for w in self.history if w.writer == n] for n in range(3)]

    def run(self) -> Report:
        """Write everything and drain until nothing is left, then check."""
        while any(self.queues):
            self._write_some()
            self.upset()
            if self.chance.random() < 0.6:
                self._drain(self.chance.randrange(1, 9))
        self.calm()
        for _ in range(ROUNDS):
            self._drain(50)
            with reading(self.engine) as session:
                if not outbox.waiting(session)["waiting"]:
                    break
        return self.report()

    def report(self) -> Report:
        """Check what is there now."""
        seen = read_back(self.engine, self.index, standby=self.standby())
        return check(self.history, self.acknowledged, seen)

    def upset(self) -> None:
        """Do something to the index; an embedded one has nothing that could happen to it."""

    def calm(self) -> None:
        """Undo that; nothing more happens to the index."""

    def standby(self) -> list[str]:
        """Tell how another generation differs from the one that serves."""
        return []

    def close(self) -> None:
        self.index.close()
        self.engine.dispose()

    def may_die(self) -> None:
        """A place at which a writer is killed now and then."""
        if self.chance.random() < self.death:
            raise WriterDied

    def _meanwhile(self, posts: Sequence[Post]) -> None:
        if self.depth >= 2 or self.chance.random() > NESTED:
            return
        self.depth += 1
        for post in posts:
            # The very posts that are being read are written anew: the revision decides.
            following = [w for queue in self.queues for w in queue if w.id == post.id]
            if following and self.chance.random() < 0.5:
                self._write_one(following[0])
        self.upset()
        if self.chance.random() < 0.7:
            self._drain(4)
        self.depth -= 1

    def _write_some(self) -> None:
        for _ in range(self.chance.randrange(1, 6)):
            queue = self.chance.choice(self.queues)
            if queue:
                self._write_one(queue[0])

    def _write_one(self, one: Write) -> None:
        try:
            self._write(one)
        except WriterDied:
            return  # it is started again, and repeats what was not acknowledged
        self.queues[one.writer].remove(one)
        self.acknowledged.add(one.number)

    def _write(self, one: Write) -> None:
        if one.way == "sql":
            with self.engine.begin() as connection:
                plainsql.write(connection, one)
                self.may_die()
        else:
            with writing(self.engine) as session:
                write(session, Post.from_mapping(one.payload()), one.lane)
                self.may_die()
        if one.late is not None:
            with writing(self.engine) as session:
                write(session, Post.from_mapping(self._by_number(one.late).payload()))
        self.may_die()

    def _by_number(self, number: int) -> Write:
        return next(w for w in self.history if w.number == number)

    def _drain(self, rows: int) -> None:
        with suppress(IndexUnavailableError):  # a worker leaves it alone for a while
            drain(
                self.engine,
                self.encoder,
                self.index,
                batch=8,
                max_rows=rows,
                backoff_seconds=0.0,
                wait=False,
                parse=parse,
            )
