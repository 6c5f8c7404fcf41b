"""Rankings against graded posts: the figures of ``score_relevance.py``, a row for each query.

A group is one author's queries: its posts are the judged corpus of each of them. A post of another
query of the group is wrong unless ``also`` says otherwise; posts outside the group are passed over.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from labels.evaluate.bootstrap import Array, Bootstrap, Estimate

DEPTH = 10
RIGHT = 2


class RelevanceError(ValueError):
    """A file of graded posts is malformed; names file, line and remedy."""


@dataclass(frozen=True, slots=True)
class GradedPost:
    """A post of a query: ``grade`` 2 right, 1 acceptable, 0 wrong; ``has_word``: the query's."""

    id: str
    title: str
    body: str
    grade: int
    has_word: bool
    city: str | None = None
    salary: str | None = None


@dataclass(frozen=True, slots=True)
class GradedQuery:
    """A query with its posts; ``also``: grades of its posts for other queries, by query id."""

    id: str
    group: str
    query: str
    posts: tuple[GradedPost, ...]
    also: tuple[tuple[str, str, int], ...] = ()
    half: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """What one query got; recalls and pairs as counts (part, whole).

    ``bait``: pairs of a right post and a wrong one with the query's words in which the wrong one
    ranks higher; both not returned: half.
    """

    query: str
    ndcg: float
    average_precision: float
    recall_without: tuple[float, float]
    recall_with: tuple[float, float]
    bait: tuple[float, float]

    @property
    def recall(self) -> tuple[float, float]:
        """Right posts among the first ten, and all right posts."""
        (a, b), (c, d) = self.recall_without, self.recall_with
        return a + c, b + d


def read_graded(path: Path) -> list[GradedQuery]:
    """Read a JSONL file of queries with graded posts.

    Raises:
        RelevanceError: the file is missing, or a line is none.
    """
    if not path.is_file():
        raise RelevanceError(f"{path} does not exist; name a JSONL file of graded posts")
    found = []
    for number, line in enumerate(path.read_text("utf-8").split("\n"), 1):
        if not line.strip():
            continue
        try:
            found.append(_query(json.loads(line)))
        except (KeyError, TypeError, ValueError) as error:
            raise RelevanceError(
                f"{path}:{number}: no query with graded posts ({error!r}); "
                "give id, group, query and posts with id, title, body, grade, has_word"
            ) from None
    return found


def _query(row: dict[str, Any]) -> GradedQuery:
    posts = tuple(
        GradedPost(
            str(p["id"]),
            str(p["title"]),
            str(p["body"]),
            int(p["grade"]),
            bool(p["has_word"]),
            p.get("city"),
            p.get("salary"),
        )
        for p in row["posts"]
    )
    also = tuple((str(o["query"]), str(o["post"]), int(o["grade"])) for o in row.get("also") or ())
    return GradedQuery(
        *(str(row["id"]), str(row["group"]), str(row["query"])), posts, also, row.get("half", "")
    )


def score(queries: Sequence[GradedQuery], rankings: Mapping[str, Sequence[str]]) -> list[Row]:
    """Return a row for each query; ``rankings``: ids of posts, best first, by query id."""
    corpus, grades = judged(queries)
    return [
        _row(one, [p for p in rankings.get(one.id, ()) if p in corpus[one.group]], grades[one.id])
        for one in queries
    ]


def judged(queries: Sequence[GradedQuery]) -> tuple[dict[str, set[str]], dict[str, dict[str, int]]]:
    """Return the posts of each group, and the grades of each query by post."""
    corpus: dict[str, set[str]] = {}
    grades: dict[str, dict[str, int]] = {one.id: {} for one in queries}
    for one in queries:
        corpus.setdefault(one.group, set()).update(post.id for post in one.posts)
        grades[one.id].update((post.id, post.grade) for post in one.posts)
    for one in queries:
        for query, post, grade in one.also:
            grades.setdefault(query, {}).setdefault(post, grade)
    return corpus, grades


def _row(one: GradedQuery, found: Sequence[str], grade: Mapping[str, int]) -> Row:
    top = set(found[:DEPTH])
    rank = {post: place for place, post in enumerate(found)}
    right = [post for post in one.posts if post.grade == RIGHT]
    without = [p.id in top for p in right if not p.has_word]
    with_word = [p.id in top for p in right if p.has_word]
    baits = [p.id for p in one.posts if p.grade == 0 and p.has_word]
    above = [
        _above(rank.get(post.id, len(found)), rank.get(bait, len(found)))
        for post in right
        for bait in baits
    ]
    best = _gain(sorted(grade.values(), reverse=True)[:DEPTH])
    return Row(
        one.query,
        _gain([grade.get(post, 0) for post in found[:DEPTH]]) / best if best else 0.0,
        _average_precision([grade.get(post, 0) == RIGHT for post in found], grade),
        (float(sum(without)), float(len(without))),
        (float(sum(with_word)), float(len(with_word))),
        (sum(above), float(len(above))),
    )


def _above(right: int, bait: int) -> float:
    return 0.5 if right == bait else float(bait < right)


def _gain(grades: Sequence[int]) -> float:
    return math.fsum((2.0**grade - 1) / math.log2(p + 2) for p, grade in enumerate(grades))


def _average_precision(hits: Sequence[bool], grade: Mapping[str, int]) -> float:
    total = sum(value == RIGHT for value in grade.values())
    found = [place for place, hit in enumerate(hits, 1) if hit]
    return sum(n / place for n, place in enumerate(found, 1)) / total if total else 0.0


def counts(rows: Sequence[Row]) -> dict[str, Array]:
    """Return what each figure is made of, (part, whole) by query: shape (queries, 2)."""
    made = {
        "ndcg@10": [(row.ndcg, 1.0) for row in rows],
        "map": [(row.average_precision, 1.0) for row in rows],
        "recall": [row.recall for row in rows],
        "recall_without": [row.recall_without for row in rows],
        "recall_with": [row.recall_with for row in rows],
        "bait": [row.bait for row in rows],
    }
    return {name: np.array(some, dtype=float).reshape(-1, 2) for name, some in made.items()}


def figures(rows: Sequence[Row]) -> dict[str, Estimate | None]:
    """Return the figures over all queries, with intervals from drawing queries."""
    return estimates(counts(rows))


def estimates(made: Mapping[str, Array]) -> dict[str, Estimate | None]:
    """Return figures with intervals, from (part, whole) by item: shape (items, 2) each."""
    drawn = Bootstrap(max((len(some) for some in made.values()), default=0))
    return {name: drawn.ratio(some[:, 0], some[:, 1]) for name, some in made.items()}


def reached(
    queries: Sequence[GradedQuery], rankings: Mapping[str, Sequence[str]], depth: int
) -> dict[str, Array]:
    """Return how many right posts stand in the first places, whatever stands beside them.

    Unlike ``score`` this counts the places that posts of other groups, or of nobody, take. Given
    are (part, whole) by query, for all right posts and for those without the query's words.
    """
    found: dict[str, list[tuple[float, float]]] = {"all": [], "without": []}
    for one in queries:
        top = set(rankings.get(one.id, ())[:depth])
        right = [post for post in one.posts if post.grade == RIGHT]
        for name, some in (("all", right), ("without", [p for p in right if not p.has_word])):
            found[name].append((float(sum(p.id in top for p in some)), float(len(some))))
    return {name: np.array(some).reshape(-1, 2) for name, some in found.items()}
