"""Workers for the tests: real Celery processes, a fake model, an index in a SQLite file."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from enrich.post import Post
from search.index import (
    Document,
    IndexUnavailableError,
    Outcome,
    Stamp,
    Trouble,
    WriteOutcome,
)
from tests.worker.fakes import FakeDocuments, FakeEnricher, FakeRecipe, parse
from worker import schema
from worker.config import WorkerConfig
from worker.engine import create_engine
from worker.ports import Documents, Enricher, Parse

ROOT = Path(__file__).parents[2]
FAST: dict[str, Any] = {
    "batch": 8,
    "batch_deadline_s": 8.0,
    "soft_limit_s": 9.0,
    "hard_limit_s": 10.0,
    "lease_s": 11.0,
    "visibility_timeout_s": 21.0,
    "poll_s": 0.05,
    "backoff_s": 0.1,
}


class FileIndex:
    """An index that processes share: versions, digests and display, nothing to search.

    While the file ``away`` lies beside it, it cannot be used; ``tried`` gets a line for each try.
    """

    vector_space = FakeRecipe.vector_space

    def __init__(self, path: Path) -> None:
        self._folder = path.parent
        self._db = sqlite3.connect(path, isolation_level=None, timeout=30)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS documents (id TEXT PRIMARY KEY, version INTEGER, "
            "state TEXT, recipe TEXT, digest TEXT, display TEXT)"
        )
        self._db.execute("CREATE TABLE IF NOT EXISTS writes (id TEXT, version INTEGER)")

    def write(self, documents: Sequence[Document]) -> list[WriteOutcome]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            found = [self._write(document) for document in documents]
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")
        return found

    def _write(self, new: Document) -> WriteOutcome:
        row = self._db.execute(
            "SELECT version, digest FROM documents WHERE id = ?", (new.id,)
        ).fetchone()
        if row is not None and row[0] >= new.version:
            same = Outcome.SAME if row[1] == new.digest else Outcome.CONFLICT
            return WriteOutcome(
                new.id, Outcome.SUPERSEDED if row[0] > new.version else same, row[0]
            )
        self._db.execute(
            "INSERT OR REPLACE INTO documents VALUES (?, ?, ?, ?, ?, ?)",
            (new.id, new.version, new.state, new.recipe, new.digest, json.dumps(new.display)),
        )
        self._db.execute("INSERT INTO writes VALUES (?, ?)", (new.id, new.version))
        return WriteOutcome(new.id, Outcome.OK, new.version)

    def get(self, ids: Sequence[str], *, match: bool = True) -> dict[str, Document]:
        del match  # there is no match section here
        if (self._folder / "away").exists():
            with (self._folder / "tried").open("a") as tried:
                tried.write(f"{os.getpid()}\n")
            raise IndexUnavailableError(Trouble.DOWN, "nothing answers", "start it")
        marks = ",".join("?" * len(ids))
        rows = self._db.execute(f"SELECT * FROM documents WHERE id IN ({marks})", tuple(ids))
        return {r[0]: Document(*r[:5], display=json.loads(r[5])) for r in rows}

    def scan(self, after: str = "", limit: int = 1000) -> Iterator[Stamp]:
        rows = self._db.execute(
            "SELECT id, version, state, recipe FROM documents WHERE id > ? ORDER BY id LIMIT ?",
            (after, limit),
        )
        yield from (Stamp(*row) for row in rows)

    def writes(self) -> list[tuple[str, int]]:
        return list(self._db.execute("SELECT id, version FROM writes"))

    def query(self, *_args: Any, **_more: Any) -> Any:
        raise NotImplementedError

    def close(self) -> None:
        self._db.close()


@dataclass(frozen=True)
class Setup:
    """What a child is told: where everything is and how slow or deadly its model is.

    A text that begins with ``slow`` takes ``slow_s``; a post that holds ``deadly`` kills the child
    that stores it.
    """

    config: WorkerConfig
    database: str
    folder: Path
    slow_s: float = 0.0
    recipe: str = "recipe-a"

    def engine(self) -> sa.Engine:
        return create_engine(self.database)

    def index(self) -> FileIndex:
        return FileIndex(self.folder / "index.db")

    def to_json(self) -> str:
        return json.dumps(asdict(self), default=str)

    @classmethod
    def from_json(cls, text: str) -> Setup:
        raw = json.loads(text)
        return cls(
            **{**raw, "config": WorkerConfig(**raw["config"]), "folder": Path(raw["folder"])}
        )


@dataclass
class FakeProvider:
    """Opened in a child; leaves its pid where a test can find it."""

    setup: Setup
    parse: Parse = parse
    documents: Documents | None = field(default_factory=FakeDocuments)

    def __post_init__(self) -> None:
        self.engine = self.setup.engine()
        sa.event.listen(self.engine, "before_cursor_execute", _die_of_deadly_posts)
        self.index = self.setup.index()
        mark(self.setup, f"opened-{os.getpid()}")

    def enricher(self, recipe: str | None) -> Enricher:
        del recipe
        return FakeEnricher(before=self._before)

    def _before(self, posts: Sequence[Post]) -> None:
        mark(self.setup, f"inferring-{os.getpid()}")
        if any(post.title.startswith("slow") for post in posts):
            time.sleep(self.setup.slow_s)

    def close(self) -> None:
        self.engine.dispose()
        self.index.close()


def _die_of_deadly_posts(*given: Any) -> None:
    statement, parameters = given[2], given[3]
    if statement.startswith("INSERT INTO posts") and "deadly" in str(parameters):
        os.kill(os.getpid(), signal.SIGKILL)


def mark(setup: Setup, name: str) -> None:
    (setup.folder / name).touch()


def marks(setup: Setup, kind: str) -> list[int]:
    """Return the pids of children that were seen doing something."""
    return [int(path.name.rpartition("-")[2]) for path in setup.folder.glob(f"{kind}-*")]


def prepared(setup: Setup) -> Setup:
    """Return the same setup, its database migrated."""
    engine = setup.engine()
    schema.upgrade(engine)
    engine.dispose()
    return setup


@dataclass
class Process:
    """A worker or relay."""

    popen: subprocess.Popen[bytes]
    log: Path

    def terminate(self) -> int:
        self.popen.send_signal(signal.SIGTERM)
        return self.popen.wait(30)

    def text(self) -> str:
        return self.log.read_text("utf-8", errors="replace")


@contextmanager
def started(role: str, setup: Setup) -> Iterator[Process]:
    """Run a worker or relay; killed at the end where it still runs."""
    log = setup.folder / f"{role}-{time.monotonic_ns()}.log"
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"}
    with log.open("wb") as file:
        popen = subprocess.Popen(
            [sys.executable, "-m", "tests.services.support_celery", role, setup.to_json()],
            cwd=ROOT,
            env=environment,
            stdout=file,
            stderr=file,
        )
    try:
        yield Process(popen, log)
    finally:
        if popen.poll() is None:
            popen.kill()
            popen.wait()


def until(condition: Callable[[], Any], seconds: float = 20.0, what: str = "") -> Any:
    """Wait for a condition; what it returned then."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = condition()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"not within {seconds} s: {what or condition}")


def main(role: str, setup: Setup) -> int:
    from worker import log
    from worker.app import create_app, run_worker
    from worker.relay import Relay

    log.setup(json=True, level="DEBUG")
    config = setup.config
    if role == "worker":
        app = create_app(config, partial(FakeProvider, setup))
        return run_worker(app, [config.live_queue, config.backfill_queue, config.ingest_queue])
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    Relay(config, setup.engine()).run(stop)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Setup.from_json(sys.argv[2])))
