"""One claimed batch: read the posts, plan, infer what is not cached, build the documents.

An error of the model or the rules is narrowed down by halving, so that one poison post does not
take its neighbours along. Nothing is settled here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import select
from sqlalchemy.orm import Session

from enrich.post import Post, PostError, content_hash, digest
from search.index import Document
from worker import cache
from worker.claim import Claimed
from worker.engine import reading
from worker.outputs import infer, model_digest
from worker.plan import Action, Decision, Stored, Target, decide
from worker.ports import Documents, Enricher, Parse
from worker.recipes import Activation
from worker.revisions import from_row
from worker.tables import posts


@dataclass(frozen=True, slots=True)
class Tools:
    """What a batch works with."""

    engine: sa.Engine
    enricher: Enricher
    documents: Documents
    parse: Parse


@dataclass(frozen=True, slots=True)
class Work:
    """One claimed post as the database has it and as the index has it."""

    item: Claimed
    post: Post
    target: Target
    stored: Stored | None


@dataclass(frozen=True, slots=True)
class Planned:
    """A decided post; ``build`` makes its document for a version, None where nothing is written."""

    work: Work
    decision: Decision
    build: Callable[[int], Document] | None = None


@dataclass(slots=True)
class Prepared:
    """The outcome of a batch before the index is written."""

    planned: list[Planned] = field(default_factory=list)
    errors: list[tuple[Claimed, str]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class Loaded:
    """Claimed posts as stored, and the rows that are no posts any more, with the reason."""

    posts: list[tuple[Claimed, Post, Target]] = field(default_factory=list)
    errors: list[tuple[Claimed, str]] = field(default_factory=list)


def load(session: Session, items: Sequence[Claimed], activation: Activation) -> Loaded:
    """Return the claimed posts as they are now, in the transaction of the claim."""
    columns = posts.c
    found = session.execute(
        select(columns.id, columns.revision, columns.payload, columns.deleted).where(
            columns.id.in_([item.post_id for item in items])
        )
    ).all()
    rows = {row.id: row for row in found}
    loaded = Loaded()
    for item in items:
        row = rows.get(item.post_id)
        try:
            if row is None:
                raise PostError("post_id", "is in no row of posts", "write the post first")
            post = from_row(row.id, row.revision, row.payload, deleted=row.deleted)
        except PostError as error:
            # Another system may have written the row: its trouble must not become its neighbours'.
            loaded.errors.append((item, f"PostError: {error}"))
            continue
        target = Target(
            row.revision,
            row.deleted,
            content_hash(post),
            activation.number,
            activation.since,
            activation.recipe,
        )
        loaded.posts.append((item, post, target))
    return loaded


def stored_of(document: Document | None) -> Stored | None:
    """Return what the plan needs to know of an indexed document."""
    if document is None:
        return None
    content = None
    if document.display is not None:
        # The display section is the post as given: its digest is the post's content hash.
        content = digest({k: v for k, v in document.display.items() if k != "revision"})
    return Stored(document.version, document.state, document.recipe, content)


def prepare(tools: Tools, works: Sequence[Work]) -> Prepared:
    """Plan and build all posts of a batch; those that fail alone are reported as errors."""
    result = Prepared()
    _prepare(tools, works, result)
    return result


def _prepare(tools: Tools, works: Sequence[Work], result: Prepared) -> None:
    if not works:
        return
    try:
        planned, counts = _attempt(tools, works)
    except sa.exc.SQLAlchemyError:
        raise  # the database's trouble is no post's fault
    except Exception as error:  # noqa: BLE001 - whatever the model or the rules raise
        if len(works) == 1:
            result.errors.append((works[0].item, f"{type(error).__name__}: {error}"))
            return
        middle = len(works) // 2
        _prepare(tools, works[:middle], result)
        _prepare(tools, works[middle:], result)
    else:
        result.planned.extend(planned)
        result.counts.update(counts)


def _attempt(tools: Tools, works: Sequence[Work]) -> tuple[list[Planned], Counter[str]]:
    """Decide without the cache first: most posts need no key once they are known to be current."""
    first = [(work, decide(work.target, work.stored, cached=False)) for work in works]
    planned = [_ready(tools, w, d) for w, d in first if d.action is not Action.INFER]
    readable = [work for work, decision in first if decision.action is Action.INFER]
    if not readable:
        return planned, Counter()
    keys = tools.enricher.cache_keys([work.post for work in readable])
    with reading(tools.engine) as session:
        known = cache.load(session, model_digest(tools.enricher.recipe), keys)
    missing = {k: work.post for k, work in zip(keys, readable, strict=True) if k not in known}
    fresh = infer(tools.engine, tools.enricher, missing)
    texts = {**fresh, **known}
    # Outputs are read back from the cache's text even when fresh: a batch that is repeated after
    # a crash builds the same documents, to the last bit of every float.
    outputs = [tools.parse(texts[key]) for key in keys]
    enrichments = tools.enricher.assemble([work.post for work in readable], outputs)
    for work, key, enrichment in zip(readable, keys, enrichments, strict=True):
        build = _builder(tools, work.post, enrichment)
        decision = decide(work.target, work.stored, cached=key in known)
        build(decision.version)  # a post whose document cannot be built fails here, by itself
        planned.append(Planned(work, decision, build))
    reused = sum(key in known for key in keys)
    return planned, Counter(inferred=len(fresh), reused=reused)


def _ready(tools: Tools, work: Work, decision: Decision) -> Planned:
    if decision.action is not Action.CLOSE:
        return Planned(work, decision)
    recipe = work.target.recipe

    def build(version: int) -> Document:
        return tools.documents.tombstone(work.post.id, version, recipe)

    return Planned(work, decision, build)


def _builder(tools: Tools, post: Post, enrichment: Any) -> Callable[[int], Document]:  # noqa: ANN401
    taxonomy = tools.enricher.taxonomy

    @lru_cache(maxsize=1)  # it is built once to see that it can be, and then written
    def build(version: int) -> Document:
        return tools.documents.build(post, enrichment, version, taxonomy)

    return build
