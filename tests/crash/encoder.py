"""A small fast encoder with the interface of ``enrich.pipeline.Enricher``.

The vector is a function of the text alone and stands in the model's output, as does the text that
was read: a document made of another text's output cannot look right. Some texts raise, some kill
the process that reads them.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import struct
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from enrich.post import Enrichment, Post, content_hash, digest
from enrich.taxonomy import Taxonomy
from search import document
from search.index import Document
from tests.crash.history import DEADLY_MARK, POISON_MARK

LENGTH = 8
SLOW_SHARE = 0.15
SLOW_TIMES = 40


@dataclass(frozen=True, slots=True)
class CrashRecipe:
    """What the encoder is, by digest."""

    digest: str = "crash-recipe"
    reality: str = "crash-reality"
    taxonomy: str = "crash-taxonomy"
    rules: str = "crash-rules"
    vector_space: str = "crash-space"


RECIPE = CrashRecipe()


@dataclass(frozen=True, slots=True)
class CrashOutput:
    """What the encoder says of one text."""

    title: str
    body: str
    vector: tuple[float, ...]

    def to_json(self) -> str:
        return json.dumps([self.title, self.body, self.vector])


def parse(text: str) -> CrashOutput:
    """Read back what ``CrashOutput.to_json`` wrote."""
    title, body, vector = json.loads(text)
    return CrashOutput(title, body, tuple(vector))


def vector_of(title: str, body: str) -> tuple[float, ...]:
    """Return the vector of a text, exact as 32-bit floats."""
    raw = hashlib.sha256(f"{title}\n{body}".encode()).digest()[:LENGTH]
    values = [(byte - 127.5) / 127.5 for byte in raw]
    length = sum(value * value for value in values) ** 0.5
    packed = struct.pack(f"<{LENGTH}f", *(value / length for value in values))
    return struct.unpack(f"<{LENGTH}f", packed)


@lru_cache(maxsize=1)
def taxonomy() -> Taxonomy:
    """The shipped taxonomy, loaded once a process."""
    return Taxonomy.load()


def linger(seconds: float) -> None:
    """Take some time, so that a kill at a random moment falls into every part of a batch.

    Now and then take very long: the posts in hand are written and read by others meanwhile.
    """
    if seconds > 0:
        longest = seconds * (SLOW_TIMES if random.random() < SLOW_SHARE else 1)
        time.sleep(random.uniform(0, longest))


@dataclass(slots=True)
class CrashEncoder:
    """Reads title and body; ``linger_s`` is the longest pause before a batch is read.

    ``deadly``: whether deadly texts kill; the checker builds documents without dying.
    """

    linger_s: float = 0.0
    deadly: bool = True
    recipe: CrashRecipe = RECIPE
    taxonomy: Taxonomy = field(default_factory=taxonomy)
    inferred: int = 0

    def cache_keys(self, posts: Sequence[Post]) -> list[str]:
        return [digest([p.title, p.body]) for p in posts]

    def infer(self, posts: Sequence[Post]) -> list[CrashOutput]:
        linger(self.linger_s)
        for post in posts:
            if DEADLY_MARK in post.title and self.deadly:
                os.kill(os.getpid(), signal.SIGKILL)
            if POISON_MARK in post.title:
                raise ValueError(f"cannot read {post.title}")
        self.inferred += len(posts)
        return [CrashOutput(p.title, p.body, vector_of(p.title, p.body)) for p in posts]

    def assemble(self, posts: Sequence[Post], outputs: Sequence[CrashOutput]) -> list[Enrichment]:
        return [_enrichment(p, out) for p, out in zip(posts, outputs, strict=True)]


def document_of(post: Post, version: int) -> Document:
    """Return the document that a post must have, made of its own text and nothing else."""
    if post.deleted:
        return document.tombstone(post.id, version, RECIPE.digest)
    output = CrashOutput(post.title, post.body, vector_of(post.title, post.body))
    return document.build(post, _enrichment(post, output), version, taxonomy())


def warm() -> None:
    """Load taxonomy and dictionary once, so that children forked from here have them."""
    document_of(Post(id="warm", title="招聘服务员", body="包吃包住"), 0)


def _enrichment(post: Post, output: CrashOutput) -> Enrichment:
    return Enrichment(
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
        recipe=RECIPE.digest,
        content_hash=content_hash(post),
    )
