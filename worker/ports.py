"""What the worker needs from the other rooms, as protocols: no model is imported here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from enrich.post import Enrichment, Post
from search.index import Document, Index

if TYPE_CHECKING:
    from sqlalchemy import Engine


class Recipe(Protocol):
    """The digests of what reads posts."""

    @property
    def digest(self) -> str:
        """The whole, stamped in each document."""
        ...

    @property
    def reality(self) -> str:
        """The model of pass 1."""
        ...

    @property
    def vector_space(self) -> str:
        """The model of pass 2."""
        ...


class Output(Protocol):
    """What the model said of one post."""

    def to_json(self) -> str:
        """Return a text that the cache keeps."""
        ...


class Enricher(Protocol):
    """``enrich.pipeline.Enricher`` as the worker sees it."""

    @property
    def recipe(self) -> Recipe:
        """The recipe that it applies."""
        ...

    @property
    def taxonomy(self) -> Any:  # noqa: ANN401 - handed through to the document builder
        """The taxonomy that it reads with."""
        ...

    def cache_keys(self, posts: Sequence[Post]) -> list[str]:
        """Return, for each post, the digest of exactly what the model reads of it."""
        ...

    def infer(self, posts: Sequence[Post]) -> Sequence[Any]:
        """Run the model."""
        ...

    def assemble(self, posts: Sequence[Post], outputs: Sequence[Any]) -> list[Enrichment]:
        """Apply the rules to model outputs, fresh or cached."""
        ...


class Documents(Protocol):
    """``search.document`` as the worker sees it."""

    def build(self, post: Post, enrichment: Enrichment, version: int, taxonomy: Any) -> Document:  # noqa: ANN401
        """Build the whole document of an open post."""
        ...

    def tombstone(self, id: str, version: int, recipe: str) -> Document:  # noqa: A002
        """Build the document of a closed post."""
        ...


Parse = Callable[[str], Any]
"""Reads back what ``Output.to_json`` wrote."""


def default_parse(text: str) -> Any:  # noqa: ANN401 - the output is opaque here
    """Read back an output of the shipped pipeline; imports it, and with it torch, only now."""
    from enrich.pipeline import ModelOutput

    return ModelOutput.from_json(text)


class Provider(Protocol):
    """What a process that stays works with; made in that process, never before a fork."""

    @property
    def engine(self) -> Engine:
        """The database, migrated."""
        ...

    @property
    def index(self) -> Index:
        """Where documents go."""
        ...

    @property
    def parse(self) -> Parse:
        """Reads a cached model output back."""
        ...

    @property
    def documents(self) -> Documents | None:
        """Builds documents; None: ``search.document``."""
        ...

    def enricher(self, recipe: str | None) -> Enricher:
        """Return what reads posts under a recipe; loads the model when it is first asked.

        Args:
            recipe: the digest of the active recipe; None: the configured one.

        Raises:
            RecipeMismatch: this process cannot have that recipe.
        """
        ...

    def close(self) -> None:
        """Close what was opened."""
        ...


ProviderFactory = Callable[[], Provider]
