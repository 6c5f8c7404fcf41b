"""A home with two recipes of two vector spaces on a real node, and live traffic over it."""

from __future__ import annotations

import contextlib
import hashlib
import json
import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Self, cast

import sqlalchemy as sa
from sqlalchemy import select

from enrich.post import Enrichment, Post, content_hash, digest
from enrich.taxonomy import Taxonomy
from hirelens.generations import Stage
from hirelens.wiring import Workplace
from search import document
from search.elastic.config import ElasticConfig
from search.elastic.described import Described
from search.elastic.index import ElasticIndex
from search.index import Document, IndexUnavailableError
from tests.crash.encoder import CrashOutput, parse, taxonomy
from worker import outbox, recipes, registry, retry
from worker.drain import drain
from worker.engine import reading
from worker.posts import write
from worker.recipes import RecipeMismatch
from worker.tables import outbox as rows
from worker.tables import posts

POISON = "毒"


@dataclass(frozen=True)
class Recipe:
    digest: str
    reality: str
    vector_space: str
    taxonomy: str = "taxonomy"
    rules: str = "rules"


@dataclass
class Encoder:
    """Its vectors are a function of text and space, of a length that only this space has."""

    recipe: Recipe
    length: int
    poison: bool = False
    inferred: list[str] = field(default_factory=list)

    @property
    def taxonomy(self) -> Taxonomy:
        return taxonomy()

    def cache_keys(self, given: Sequence[Post]) -> list[str]:
        return [digest([self.recipe.reality, p.title, p.body]) for p in given]

    def infer(self, given: Sequence[Post]) -> list[CrashOutput]:
        for post in given:
            if self.poison and POISON in post.title:
                raise ValueError(f"cannot read {post.title}")
        self.inferred += [post.id for post in given]
        return [CrashOutput(p.title, p.body, self.vector_of(p)) for p in given]

    def assemble(self, given: Sequence[Post], outputs: Sequence[CrashOutput]) -> list[Enrichment]:
        return [
            Enrichment(
                id=post.id,
                positions=(),
                mentions=(),
                stripped=(),
                clean_title=output.title,
                clean_body=output.body,
                offer_title=output.title,
                offer_body=output.body,
                tags={},
                rejected_tags=(),
                category=None,
                vector=output.vector,
                recipe=self.recipe.digest,
                content_hash=content_hash(post),
            )
            for post, output in zip(given, outputs, strict=True)
        ]

    def vector_of(self, post: Post) -> tuple[float, ...]:
        raw = hashlib.sha256(f"{self.recipe.vector_space}\n{post.title}\n{post.body}".encode())
        values = [(byte - 127.5) / 127.5 for byte in raw.digest()[: self.length]]
        norm = sum(value * value for value in values) ** 0.5
        return tuple(value / norm for value in values)

    def document_of(self, post: Post, version: int) -> Document:
        if post.deleted:
            return document.tombstone(post.id, version, self.recipe.digest)
        output = CrashOutput(post.title, post.body, self.vector_of(post))
        return document.build(post, self.assemble([post], [output])[0], version, self.taxonomy)


def first() -> Encoder:
    return Encoder(Recipe("recipe-one", "reality-one", "space-one"), 8)


def second() -> Encoder:
    return Encoder(Recipe("recipe-two", "reality-two", "space-two"), 12)


class Home:
    """What ``Stage`` needs of a home, and the tests of both."""

    def __init__(self, engine: sa.Engine, config: ElasticConfig, *encoders: Encoder) -> None:
        self.engine = engine
        self.config = config
        self.encoders = {one.recipe.digest: one for one in encoders}
        self.vector_space = encoders[0].recipe.vector_space
        nowhere = Path("/nowhere")
        self.settings = SimpleNamespace(
            elastic_config=lambda: config, model=nowhere, towers=nowhere
        )
        for one in encoders:
            retry.run(
                engine,
                lambda s, r=one.recipe: registry.register(s, r, str(nowhere), None, str(nowhere)),
            )

    def enricher_of(self, recipe: str) -> Encoder:
        return self.encoders[recipe]

    def stage(self, *, patient: bool = False) -> Stage:
        """Where nothing else writes there is nothing to wait for."""
        sleep = time.sleep if patient else lambda _seconds: None
        return Stage(cast(Workplace, self), parse=parse, sleep=sleep)

    def put(self, *given: Post) -> None:
        def action(session: Any) -> None:
            for post in given:
                write(session, post, "live")

        retry.run(self.engine, action)

    def stored(self) -> dict[str, Post]:
        columns = (posts.c.id, posts.c.revision, posts.c.payload, posts.c.deleted)
        with reading(self.engine) as session:
            return {
                row.id: Post.from_mapping(
                    {
                        **json.loads(row.payload),
                        "id": row.id,
                        "revision": row.revision,
                        "deleted": bool(row.deleted),
                    }
                )
                for row in session.execute(select(*columns))
            }

    def waiting(self) -> int:
        with reading(self.engine) as session:
            return outbox.waiting(session)["waiting"]

    def active(self) -> str | None:
        with reading(self.engine) as session:
            found = recipes.active(session)
        return None if found is None else found.recipe

    def drain(self, index: ElasticIndex, encoder: Encoder) -> Any:
        return drain(
            self.engine,
            encoder,
            index,
            wait=False,
            reactivate=False,
            backoff_seconds=0.1,
            parse=parse,
        )

    def index(self, encoder: Encoder) -> ElasticIndex:
        return ElasticIndex(self.config, encoder.recipe.vector_space)

    def drain_all(self, seconds: float = 60) -> None:
        """Work until nothing waits, with whatever recipe is active."""
        until = time.monotonic() + seconds
        while self.waiting():
            encoder = self.encoders[self.active() or next(iter(self.encoders))]
            self.drain(self.index(encoder), encoder)
            assert time.monotonic() < until, "posts wait for ever"
            with reading(self.engine) as session:
                if session.execute(select(rows.c.post_id)).first():
                    time.sleep(0.1)

    def verify(self, one: Described, encoder: Encoder) -> None:
        """Insist that a generation holds exactly the database's posts as a recipe reads them."""
        index = self.stage().index(one)
        index.refresh()
        wanted = self.stored()
        stamps = {stamp.id: stamp for stamp in index.scan(limit=100_000)}
        assert stamps.keys() == wanted.keys()
        held = index.get(sorted(wanted))
        for id_, post in wanted.items():
            found = held[id_]
            due = encoder.document_of(post, found.version)
            assert found.version // 4096 == post.revision, id_
            assert found.state == due.state, id_
            if post.deleted:  # there is nothing that another recipe would read otherwise
                continue
            assert found.recipe == encoder.recipe.digest, id_
            assert (found.digest, found.display) == (due.digest, due.display), id_
            if due.match is not None:
                assert found.match is not None
                near = zip(found.match.vector, due.match.vector, strict=True)
                assert all(abs(a - b) < 1e-5 for a, b in near), id_


class Traffic:
    """Writers and workers that go on until they are stopped; what fails in them fails the test."""

    def __init__(self, home: Home, *, seed: int = 1, ids: int = 120) -> None:
        self._home = home
        self._random = random.Random(seed)
        self._ids = ids
        self._stop = threading.Event()
        self.errors: list[BaseException] = []
        self.written = 0
        self._threads = [
            threading.Thread(target=self._guarded, args=(work,))
            for work in (self._write, self._work, self._work)
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()
        if self.errors and error[0] is None:
            raise self.errors[0]

    def pass_by(self, posts: int, seconds: float = 60) -> None:
        """Return when so many more posts were written."""
        until = time.monotonic() + seconds
        goal = self.written + posts
        while self.written < goal and not self.errors:
            assert time.monotonic() < until, "nothing is written any more"
            time.sleep(0.02)

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - the test raises it
            self.errors.append(error)

    def _write(self) -> None:
        while not self._stop.is_set():
            number = self._random.randrange(self._ids)
            id_ = f"live{number}"
            closed = self._random.random() < 0.2
            title = f"招聘服务员{self.written}"
            self._home.put(Post(id=id_, title=title, body="包吃包住", deleted=closed))
            self.written += 1
            time.sleep(0.01)

    def _work(self) -> None:
        """Work as a child of a worker does: follows the active recipe, its own index object."""
        encoder = next(iter(self._home.encoders.values()))
        index = self._home.index(encoder)
        while not self._stop.is_set():
            with contextlib.suppress(IndexUnavailableError):
                try:
                    self._home.drain(index, encoder)
                except RecipeMismatch:
                    encoder = self._home.encoders[self._home.active() or ""]
                    index = self._home.index(encoder)
            time.sleep(0.02)
