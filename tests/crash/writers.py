"""A writer process: makes its part of the history happen by three ways in.

Usage: ``python -m tests.crash.writers SETUP.json NUMBER``. Killed and started again, it goes on
from its journal: what it had not noted it does again, which must change nothing.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import amqp
import sqlalchemy as sa
from sqlalchemy.orm import Session

from enrich.post import Post
from tests.crash import defects, journal, plainsql
from tests.crash.history import Write, of_writer, plan
from tests.crash.producer import Producer
from tests.crash.setup import Setup
from worker.engine import create_engine
from worker.posts import write

TOGETHER = 3
"""Most writes of one transaction."""
PAUSE_S = 0.3
ERRORS = (sa.exc.DBAPIError, amqp.AMQPError, OSError)
"""What a writer waits for and tries again: the servers are being killed."""


class Writer:
    """One writer's connections and what it still has to write."""

    def __init__(self, setup: Setup, number: int) -> None:
        self.history = plan(setup.seed, setup.writes, setup.writers)
        known = journal.acknowledged([setup.journal(number)])
        self.queue = [w for w in of_writer(self.history, number) if w.number not in known]
        self.journal = journal.Journal(setup.journal(number))
        self.engine = create_engine(setup.database_url)
        self.producer = Producer(setup.broker_url)
        self.pace_s = setup.pace_s
        self.chance = random.Random(f"writer {setup.seed} {number} {len(known)}")
        self.split = None
        if setup.defect == "two_transactions":
            self.split = defects.TwoTransactions(setattr)

    def run(self) -> None:
        """Write all that is left."""
        owed = 0
        before = None
        for group in self._groups():
            if group[0].id != before:  # a burst of writes of one post is not torn apart
                time.sleep(self.chance.uniform(0, 2 * self.pace_s * owed))
                owed = 0
            self._until_done(group)
            self.journal.note([one.number for one in group])
            owed += len(group)
            before = group[-1].id

    def _groups(self) -> Iterator[list[Write]]:
        """Yield what is written together: neighbours of the same way in."""
        left = list(self.queue)
        while left:
            size = self.chance.randrange(1, TOGETHER + 1)
            group = [left.pop(0)]
            while left and len(group) < size and left[0].way == group[0].way == "transaction":
                group.append(left.pop(0))
            yield group

    def _until_done(self, group: Sequence[Write]) -> None:
        ways: dict[str, Callable[[Sequence[Write]], None]] = {
            "transaction": self._transaction,
            "sql": self._sql,
            "ingest": self._ingest,
        }
        while True:
            try:
                ways[group[0].way](group)
            except ERRORS as error:
                sys.stderr.write(f"{group[0].number} again: {type(error).__name__}\n")
                time.sleep(self.chance.uniform(0, PAUSE_S))
            else:
                return

    def _transaction(self, group: Sequence[Write]) -> None:
        with Session(self.engine) as session, session.begin():
            for one in self._with_late(group):
                write(session, Post.from_mapping(one.payload()), one.lane)
        if self.split is not None:
            time.sleep(self.chance.uniform(0, self.pace_s))
            with Session(self.engine) as session, session.begin():
                self.split.second(session)

    def _sql(self, group: Sequence[Write]) -> None:
        with self.engine.begin() as connection:
            for one in self._with_late(group):
                plainsql.write(connection, one)

    def _ingest(self, group: Sequence[Write]) -> None:
        for one in self._with_late(group):
            for _ in range(1 + one.doubled):
                self.producer.send(one)

    def _with_late(self, group: Sequence[Write]) -> Iterator[Write]:
        for one in group:
            yield one
            if one.late is not None:
                yield self.history[one.late]


def main(arguments: Sequence[str]) -> Any:
    """Write until nothing is left."""
    Writer(Setup.load(arguments[0]), int(arguments[1])).run()


if __name__ == "__main__":
    main(sys.argv[1:])
