"""An enricher that reads nothing: what is left is the machinery of the write path."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from enrich.post import Enrichment, Post, content_hash, digest
from search.index import Document, FilterSection, MatchSection


@dataclass(frozen=True)
class NullRecipe:
    """The digests of nothing."""

    digest: str = "bench-recipe"
    reality: str = "bench-reality"
    vector_space: str = "bench-space"


@dataclass(frozen=True)
class NullOutput:
    """What a model that says nothing says."""

    def to_json(self) -> str:
        """Return the cache's text."""
        return "{}"


def parse(_text: str) -> NullOutput:
    """Read an output back."""
    return NullOutput()


@dataclass
class NullEnricher:
    """Has the enricher's interface; every text is new to its cache.

    ``read_s`` is what it takes for a post, asleep: another's load does not change it.
    """

    recipe: NullRecipe = field(default_factory=NullRecipe)
    taxonomy: None = None
    read_s: float = 0.0

    def cache_keys(self, posts: Sequence[Post]) -> list[str]:
        """Digest the text, as the real one does."""
        return [digest([p.title, p.body]) for p in posts]

    def infer(self, posts: Sequence[Post]) -> list[NullOutput]:
        """Say nothing of each post."""
        time.sleep(self.read_s * len(posts))
        return [NullOutput() for _ in posts]

    def assemble(self, posts: Sequence[Post], outputs: Sequence[NullOutput]) -> list[Enrichment]:
        """Return enrichments that find nothing."""
        return [
            Enrichment(
                id=p.id,
                positions=(),
                mentions=(),
                stripped=(),
                clean_title=p.title,
                clean_body=p.body,
                offer_title=p.title,
                offer_body=p.body,
                tags={},
                rejected_tags=(),
                category=None,
                vector=(1.0, 0.0),
                recipe=self.recipe.digest,
                content_hash=content_hash(p),
            )
            for p, _ in zip(posts, outputs, strict=True)
        ]


class NullDocuments:
    """Builds whole documents without segmenting words: that is part of reading a post."""

    def build(self, post: Post, enrichment: Enrichment, version: int, taxonomy: object) -> Document:
        """Return a document with streams, filters and vector; characters stand for words."""
        del taxonomy
        chars = " ".join(enrichment.clean_title + enrichment.clean_body)
        shown = post.to_mapping()
        return Document(
            id=post.id,
            version=version,
            state="open",
            recipe=enrichment.recipe,
            digest=digest([shown, enrichment.recipe]),
            match=MatchSection(
                text_words=enrichment.clean_title,
                text_chars=chars,
                offer_words=enrichment.offer_title,
                offer_chars=chars,
                plain_chars=chars,
                title_chars=" ".join(post.title),
                positions=(),
                vector=enrichment.vector,
            ),
            filter=FilterSection(city=post.city, category=post.category, company=post.company),
            display=shown,
        )

    def tombstone(self, id: str, version: int, recipe: str) -> Document:  # noqa: A002
        """Return the document of a closed post."""
        return Document(
            id=id, version=version, state="closed", recipe=recipe, digest=digest(["closed", recipe])
        )
