"""Small deterministic twins of the enricher and the index, and builders of posts."""

from __future__ import annotations

import json
import os
import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from enrich.post import Enrichment, Post, content_hash, digest
from search.index import (
    Document,
    Filters,
    IndexUnavailableError,
    Outcome,
    Page,
    Query,
    Stamp,
    Trouble,
    WriteOutcome,
)
from worker import schema
from worker.engine import create_engine, writing
from worker.posts import WriteResult, write


def new_engine(folder: Path) -> sa.Engine:
    engine = create_engine(folder / "hirelens.db")
    schema.upgrade(engine)
    return engine


def put(engine: sa.Engine, *posts: Post, lane: Any = "live") -> list[WriteResult]:
    with writing(engine) as session:
        return [write(session, post, lane) for post in posts]


def post(id_: str = "p1", title: str = "招聘服务员", **more: Any) -> Post:
    return Post(id=id_, title=title, **more)


@dataclass(frozen=True)
class FakeOutput:
    read: str

    def to_json(self) -> str:
        return json.dumps({"read": self.read})


def parse(text: str) -> FakeOutput:
    return FakeOutput(**json.loads(text))


@dataclass(frozen=True)
class FakeRecipe:
    digest: str = "recipe-a"
    reality: str = "reality-a"
    vector_space: str = "space-a"


@dataclass
class FakeEnricher:
    """Reads title and body; ``poison`` texts raise, ``deadly`` ones kill the process."""

    recipe: FakeRecipe = field(default_factory=FakeRecipe)
    poison: frozenset[str] = frozenset()
    deadly: frozenset[str] = frozenset()
    before: Callable[[Sequence[Post]], None] | None = None
    inferred: list[str] = field(default_factory=list)
    taxonomy: Any = None

    def cache_keys(self, posts: Sequence[Post]) -> list[str]:
        return [digest([self.recipe.reality, p.title, p.body]) for p in posts]

    def infer(self, posts: Sequence[Post]) -> list[FakeOutput]:
        if self.before is not None:
            self.before(posts)
        for p in posts:
            if p.title in self.deadly:
                os._exit(9)
            if p.title in self.poison:
                raise ValueError(f"cannot read {p.title}")
        self.inferred += [p.id for p in posts]
        return [FakeOutput(f"{p.title}|{p.body}") for p in posts]

    def assemble(self, posts: Sequence[Post], outputs: Sequence[FakeOutput]) -> list[Enrichment]:
        return [
            Enrichment(
                id=p.id,
                positions=(),
                mentions=(),
                stripped=(),
                clean_title=out.read,
                clean_body="",
                offer_title="",
                offer_body="",
                tags={},
                rejected_tags=(),
                category=None,
                vector=(1.0,),
                recipe=self.recipe.digest,
                content_hash=content_hash(p),
            )
            for p, out in zip(posts, outputs, strict=True)
        ]


class FakeDocuments:
    """Builds documents without sections but display: enough for the write path."""

    def build(self, post: Post, enrichment: Enrichment, version: int, taxonomy: Any) -> Document:
        del taxonomy
        shown = post.to_mapping()
        return Document(
            id=post.id,
            version=version,
            state="open",
            recipe=enrichment.recipe,
            digest=digest([shown, enrichment.recipe, enrichment.clean_title]),
            display=shown,
        )

    def tombstone(self, id: str, version: int, recipe: str) -> Document:  # noqa: A002
        return Document(
            id=id, version=version, state="closed", recipe=recipe, digest=digest(["closed", recipe])
        )


class FakeIndex:
    """An index in memory with external versions; ``answers`` overrides outcomes by id, once.

    ``away``: what every call raises; ``trouble``: what every write answers.
    """

    vector_space = FakeRecipe.vector_space

    def __init__(self) -> None:
        self.away: IndexUnavailableError | None = None
        self.trouble: Trouble | None = None
        self.identity = uuid.uuid4().hex
        self.stored: dict[str, Document] = {}
        self.answers: dict[str, list[Outcome]] = {}
        self.writes: list[tuple[str, int]] = []
        self._lock = threading.Lock()

    def write(self, documents: Sequence[Document]) -> list[WriteOutcome]:
        if self.away is not None:
            raise self.away
        if self.trouble is not None:
            told = f"the index is {self.trouble}; wait"
            return [WriteOutcome(d.id, Outcome.RETRY, None, told, self.trouble) for d in documents]
        with self._lock:
            return [self._write(document) for document in documents]

    def _write(self, document: Document) -> WriteOutcome:
        forced = self.answers.get(document.id)
        stored = self.stored.get(document.id)
        at = stored.version if stored else None
        if forced:
            return WriteOutcome(document.id, forced.pop(0), at)
        if stored is not None and stored.version > document.version:
            return WriteOutcome(document.id, Outcome.SUPERSEDED, at)
        if stored is not None and stored.version == document.version:
            same = stored.digest == document.digest
            return WriteOutcome(document.id, Outcome.SAME if same else Outcome.CONFLICT, at)
        self.stored[document.id] = document
        self.writes.append((document.id, document.version))
        return WriteOutcome(document.id, Outcome.OK, document.version)

    def get(self, ids: Sequence[str], *, match: bool = True) -> dict[str, Document]:
        del match
        if self.away is not None:
            raise self.away
        return {id_: self.stored[id_] for id_ in ids if id_ in self.stored}

    def scan(self, after: str = "", limit: int = 1000) -> Iterator[Stamp]:
        if self.away is not None:
            raise self.away
        for id_ in [found for found in sorted(self.stored) if found > after][:limit]:
            d = self.stored[id_]
            yield Stamp(d.id, d.version, d.state, d.recipe)

    def query(
        self,
        query: Query,
        filters: Filters | None = None,
        limit: int = 10,
        cursor: str | None = None,
    ) -> Page:
        raise NotImplementedError
