"""Queries and posts as training meets them, and what may be a wrong answer to what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from enrich.lexicon import Lexicon
from enrich.taxonomy import Taxonomy
from enrich.text import normalize_query
from enrich.towers.text import vector_text
from labels.train.rewrite.kinship import Kin, Kinship, kinship
from labels.train.towers.config import FormConfig
from labels.train.towers.posts import ReadPost, without_names

MOST_VECTORS = 4
"""Vectors of one post, where each hired position has its own."""

Mask = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True, slots=True)
class Item:
    """A query or a post: its text, the positions that it names (rows of the kinship), its origin.

    ``origin``: the block or post that it stems from; two items of one origin were judged together
    or are the same.
    """

    text: str
    positions: frozenset[int]
    origin: str


@dataclass(frozen=True, slots=True)
class Example:
    """A query, a post that answers it, and posts that do not.

    ``log_q``: logarithm of the chance with which the right post is drawn as one.
    """

    query: Item
    right: Item
    wrong: tuple[Item, ...]
    log_q: float


@dataclass(frozen=True, slots=True)
class Style:
    """How a post's text is made: as it came, without its positions' names, for which position."""

    raw: bool = False
    nameless: bool = False
    position: str | None = None


class Makes:
    """Makes items under one form of vector."""

    def __init__(self, taxonomy: Taxonomy, form: FormConfig) -> None:
        """Use a taxonomy for the positions that texts name."""
        self.taxonomy = taxonomy
        self.form = form
        self.kinship: Kinship = kinship(taxonomy)
        self._place = self.kinship.place
        self._lexicon = Lexicon(taxonomy)

    def query(self, text: str, origin: str) -> Item:
        """Return a query."""
        clean = normalize_query(text)
        return Item(clean, self._named(clean), origin)

    def post(self, post: ReadPost, style: Style, origin: str | None = None) -> Item:
        """Return a post; what its raw text names counts as what it may hire for."""
        text = self._text(post, style)
        if self.form.positions and not style.nameless:
            name = style.position or (post.hired[0] if post.hired else None)
            if name is not None:
                text = f"{self.taxonomy.position(name).name}:{text}"
        named = self._named(f"{post.raw_title}\n{post.raw_body}") | self.rows(post.hired)
        return Item(text, named, origin or post.id)

    def texts(self, post: ReadPost, *, nameless: bool = False) -> list[str]:
        """Return the texts of a post's vectors, as the product would make them."""
        style = Style(raw=self.form.texts == "raw", nameless=nameless)
        if not self.form.positions or nameless or not post.hired:
            return [self._text(post, style)]
        return [
            self.post(post, replace(style, position=id_)).text for id_ in post.hired[:MOST_VECTORS]
        ]

    def _text(self, post: ReadPost, style: Style) -> str:
        parts = (post.raw_title, post.raw_body) if style.raw else (post.title, post.body)
        if style.nameless:
            parts = (
                without_names(parts[0], post.hired, self.taxonomy),
                without_names(parts[1], post.hired, self.taxonomy),
            )
        hired = [form for id_ in post.hired for form in self.taxonomy.forms_of(id_)]
        return vector_text(*parts, self.form.reads, hired)

    def rows(self, ids: Sequence[str]) -> frozenset[int]:
        """Return the rows of positions in the kinship's table."""
        return frozenset(self._place[id_] for id_ in ids if id_ in self._place)

    def _named(self, text: str) -> frozenset[int]:
        return self.rows(
            [
                sense.position
                for match in self._lexicon.find(text)
                for sense in self.taxonomy.senses(match.form)
            ]
        )


def refused(queries: Sequence[Item], posts: Sequence[Item], kin: Kinship) -> Mask:
    """Return which posts may count as wrong for which queries though nobody judged them.

    Left open are posts that name a kin of the query's position, or hold the query's words, and
    whatever has the query's own origin.
    """
    found = np.ones((len(queries), len(posts)), dtype=np.bool_)
    for row, query in enumerate(queries):
        wanted = sorted(query.positions)
        near = set(np.flatnonzero((kin.table[wanted] > Kin.NONE).any(axis=0)).tolist())
        for column, post in enumerate(posts):
            if (
                query.origin == post.origin
                or query.text in post.text
                or not near.isdisjoint(post.positions)
            ):
                found[row, column] = False
    return found
