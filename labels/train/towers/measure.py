"""Measuring towers: graded posts of our own, and held-out real posts without their names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from enrich.text import normalize_query
from enrich.towers.encode import Vectors
from enrich.towers.net import Side
from labels.evaluate.bootstrap import Bootstrap, Estimate
from labels.evaluate.relevance import GradedPost, GradedQuery, figures, score
from labels.train.rewrite.kinship import Kin
from labels.train.towers.examples import Makes, Style
from labels.train.towers.posts import ReadPost
from labels.train.towers.reading import key_of

Encode = Callable[[Sequence[str], Side], Vectors]
Figures = dict[str, dict[str, Estimate | None]]
_TOP = 10


@dataclass(frozen=True, slots=True)
class Sets:
    """What towers are measured on.

    ``graded``: queries with graded posts, by the name of the set; ``read``: their posts as the
    model reads them, by ``key_of``; ``nameless``: real posts that training never saw, from which
    every name of the hired position is removed.
    """

    graded: Mapping[str, tuple[GradedQuery, ...]]
    read: Mapping[str, ReadPost]
    nameless: tuple[ReadPost, ...] = ()


def measure(sets: Sets, makes: Makes, encode: Encode) -> Figures:
    """Return the figures of every set, each with its interval."""
    found = {
        name: figures(score(queries, rankings(queries, sets.read, makes, encode)))
        for name, queries in sets.graded.items()
        if queries
    }
    if sets.nameless:
        found["nameless"] = nameless(sets.nameless, makes, encode)
    return found


def rankings(
    queries: Sequence[GradedQuery], read: Mapping[str, ReadPost], makes: Makes, encode: Encode
) -> dict[str, list[str]]:
    """Return the posts of each query's group, nearest first, by query id."""
    groups: defaultdict[str, list[GradedPost]] = defaultdict(list)
    for one in queries:
        groups[one.group] += one.posts
    asked = encode([normalize_query(one.query) for one in queries], "query")
    found: dict[str, list[str]] = {}
    for group, posts in sorted(groups.items()):
        near = Near([makes.texts(read[key_of(p.title, p.body)]) for p in posts], encode)
        for row, one in enumerate(queries):
            if one.group == group:
                order = np.argsort(-near.to(asked[row]), kind="stable")
                found[one.id] = [posts[i].id for i in order]
    return found


def nameless(posts: Sequence[ReadPost], makes: Makes, encode: Encode) -> dict[str, Estimate | None]:
    """Return how a position's name finds a post that does not say it.

    ``recall@10``: among all posts of other work; ``auc``: the share of those that are farther.
    """
    asked = encode([makes.taxonomy.position(post.hired[0]).name for post in posts], "query")
    others = Near([makes.texts(post) for post in posts], encode)
    hidden = Near([makes.texts(post, nameless=True) for post in posts], encode)
    named = [makes.post(post, Style()).positions for post in posts]
    top, farther = np.zeros(len(posts)), np.zeros(len(posts))
    for row, post in enumerate(posts):
        own = sorted(makes.rows(post.hired[:1]))
        kin = set(np.flatnonzero((makes.kinship.table[own] > Kin.NONE).any(axis=0)).tolist())
        wrong = np.array([kin.isdisjoint(rows) for rows in named])
        scores = others.to(asked[row])[wrong]
        score_of_hidden = hidden.to(asked[row])[row]
        top[row] = (scores >= score_of_hidden).sum() < _TOP
        farther[row] = (scores < score_of_hidden).mean() if len(scores) else 1.0
    drawn, one = Bootstrap(len(posts)), np.ones(len(posts))
    return {"recall@10": drawn.ratio(top, one), "auc": drawn.ratio(farther, one)}


class Near:
    """Posts by their vectors, one or more each: the nearest of them counts."""

    def __init__(self, texts: Sequence[Sequence[str]], encode: Encode) -> None:
        """Encode the texts of all posts."""
        self._vectors = encode([text for one in texts for text in one], "post")
        starts = np.cumsum([0, *(len(one) for one in texts)])[:-1]
        self._starts = starts

    def to(self, query: Vectors) -> Vectors:
        """Return the cosine of each post with a query."""
        return np.asarray(np.maximum.reduceat(self._vectors @ query, self._starts))
