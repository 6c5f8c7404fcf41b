"""What the parts share: posts with texts of their own, a migrated database, providers."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from itertools import cycle, islice
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import func, select

from enrich.post import Post
from search.embedded import EmbeddedIndex
from worker import schema
from worker.engine import create_engine, reading, writing
from worker.outbox import Lane
from worker.posts import write_many
from worker.tables import outbox as rows

if TYPE_CHECKING:
    from worker.ports import Documents, Enricher, Parse

WRITE_BATCH = 500


def demo_posts(count: int, tag: str, *, bodies: int = 1) -> list[Post]:
    """Return posts of the demo under new ids, each with a number that makes its text new.

    Args:
        count: how many.
        tag: begins the ids.
        bodies: how many bodies are joined in one post. The demo's posts are short (some 60
            characters); five of them are as long as a post of a job site (some 340).
    """
    lines = (Path(__file__).parents[1] / "hirelens/demo/posts.jsonl").read_text("utf-8")
    posts = [Post.from_json(line) for line in lines.splitlines()]
    made = []
    for n, post in enumerate(islice(cycle(posts), count)):
        body = "\n".join(posts[(n + more) % len(posts)].body for more in range(bodies))
        more = {"id": f"{tag}-{n:07d}", "body": f"{body} 工号{tag}{n}。"}
        made.append(post.model_copy(update=more))
    return made


def changed(posts: Sequence[Post], tag: str) -> list[Post]:
    """Return the posts with texts that nothing has read yet."""
    return [p.model_copy(update={"body": f"{p.body} 编号{tag}。"}) for p in posts]


def put(engine: sa.Engine, posts: Sequence[Post], lane: Lane = "live") -> None:
    """Write posts as ``hirelens put`` does."""
    for start in range(0, len(posts), WRITE_BATCH):
        with writing(engine) as session:
            write_many(session, posts[start : start + WRITE_BATCH], lane)


def waiting(engine: sa.Engine) -> int:
    """Count the rows that are not settled."""
    with reading(engine) as session:
        return session.scalar(select(func.count()).select_from(rows)) or 0


@contextmanager
def database(url: str) -> Iterator[sa.Engine]:
    """Open and migrate an empty database."""
    engine = create_engine(url)
    try:
        schema.upgrade(engine)
        yield engine
    finally:
        engine.dispose()


@contextmanager
def folder() -> Iterator[Path]:
    """Make a folder for an index."""
    with tempfile.TemporaryDirectory(prefix="hirelens-bench-") as made:
        yield Path(made)


class BenchProvider:
    """What a child process works with: the null enricher, or the shipped one."""

    def __init__(
        self, url: str, index: Path, *, real: bool, threads: int, read_s: float = 0.0
    ) -> None:
        """Keep where things are; each is opened when first used.

        Args:
            url: the database.
            index: the file of the index.
            real: use the shipped enricher, not the null one.
            threads: of the model.
            read_s: what the null enricher takes for a post.
        """
        self._url = url
        self._path = index
        self._real = real
        self._threads = threads
        self._read_s = read_s

    @cached_property
    def engine(self) -> sa.Engine:
        """The database."""
        return create_engine(self._url)

    @cached_property
    def index(self) -> EmbeddedIndex:
        """The embedded index."""
        return EmbeddedIndex(self._path, self._enricher.recipe.vector_space)

    @property
    def parse(self) -> Parse:
        """Reads outputs back."""
        from bench import worker_null
        from worker.ports import default_parse

        return default_parse if self._real else worker_null.parse

    @property
    def documents(self) -> Documents | None:
        """Builds documents."""
        from bench.worker_null import NullDocuments

        return None if self._real else NullDocuments()

    def enricher(self, recipe: str | None) -> Enricher:
        """Return the one enricher that there is."""
        del recipe
        return self._enricher

    def close(self) -> None:
        """Close what was opened."""
        if "engine" in self.__dict__:
            self.engine.dispose()
        if "index" in self.__dict__:
            self.index.close()

    @cached_property
    def _enricher(self) -> Enricher:
        if not self._real:
            from bench.worker_null import NullEnricher

            return NullEnricher(read_s=self._read_s)
        import torch

        from enrich.pipeline import Enricher

        torch.set_num_threads(self._threads)
        return Enricher.load()
