"""The process that the crash tests kill: writes posts and drains, over and over, by itself.

Usage: ``python -m tests.crash.writer HOME FIRST COUNT``: writes revision after revision of COUNT
posts, beginning with FIRST; after each committed batch it appends what it committed to a log.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import sqlalchemy as sa

from enrich.post import Post
from enrich.taxonomy import Taxonomy
from search.embedded import EmbeddedIndex
from search.index import Document, WriteOutcome
from tests.worker.fakes import FakeEnricher, parse
from worker import schema
from worker.drain import drain
from worker.engine import create_engine, writing
from worker.posts import write
from worker.report import DrainReport

SPACE = "space-a"
ROUND = 8


class SlowIndex(EmbeddedIndex):
    """Lingers before and after each write, so that a kill at a random time lands there too."""

    def write(self, documents: Sequence[Document]) -> list[WriteOutcome]:
        time.sleep(random.uniform(0, 0.04))
        outcomes = super().write(documents)
        time.sleep(random.uniform(0, 0.04))
        return outcomes


def body(number: int, revision: int) -> str:
    return f"第{number}号 修订{revision}版"


def open_home(home: Path) -> tuple[sa.Engine, EmbeddedIndex, FakeEnricher]:
    engine = create_engine(home / "posts.db")
    schema.upgrade(engine)
    enricher = FakeEnricher(taxonomy=Taxonomy.load())
    return engine, EmbeddedIndex(home / "index.db", SPACE), enricher


def drain_home(engine: sa.Engine, index: EmbeddedIndex, enricher: FakeEnricher) -> DrainReport:
    return drain(engine, enricher, index, batch=5, backoff_seconds=0.0, wait=True, parse=parse)


def main(home: Path, first: int, count: int) -> None:
    engine, _, enricher = open_home(home)
    index = SlowIndex(home / "index.db", SPACE)
    enricher.before = lambda _batch: time.sleep(random.uniform(0, 0.04))
    log = os.open(home / "committed.jsonl", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    while True:
        for start in range(first, first + count, ROUND):
            committed = {}
            with writing(engine) as session:
                for number in range(start, min(start + ROUND, first + count)):
                    known = session.execute(
                        sa.text("SELECT revision FROM posts WHERE id = :id"), {"id": f"p{number}"}
                    ).scalar()
                    revision = (known or 0) + 1
                    post = Post(
                        id=f"p{number}",
                        title="招聘服务员",
                        body=body(number, revision),
                        revision=revision,
                        deleted=revision % 7 == 0,
                    )
                    committed[post.id] = write(session, post).revision
            os.write(log, json.dumps(committed).encode() + b"\n")
            drain_home(engine, index, enricher)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
