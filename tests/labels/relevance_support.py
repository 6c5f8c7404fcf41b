"""Generated graded queries and rankings."""

from __future__ import annotations

import random

from labels.evaluate.relevance import GradedPost, GradedQuery


def generated(seed: int, queries: int = 12) -> list[GradedQuery]:
    """Return graded queries of three groups; some posts are graded for a neighbour too."""
    rng = random.Random(seed)
    found = []
    for number in range(queries):
        id_, group = f"q{number}", f"g{number % 3}"
        grades = [2, 2, 0, *(rng.choice([0, 0, 1, 2]) for _ in range(rng.randint(3, 9)))]
        posts = tuple(
            GradedPost(f"{id_}-p{n}", "招聘", "", grade, rng.random() < 0.5)
            for n, grade in enumerate(grades)
        )
        neighbour = f"q{(number + 3) % queries}"
        also = ((neighbour, posts[0].id, 1),) if rng.random() < 0.5 else ()
        found.append(GradedQuery(id_, group, f"短期 工{number}", posts, also))
    return found


def ranked(queries: list[GradedQuery], seed: int, noise: float) -> dict[str, list[str]]:
    """Return rankings that follow the grades as far as the noise lets them; some posts miss."""
    rng = random.Random(seed)
    found = {}
    for one in queries:
        posts = [
            (other.id == one.id and post.grade, post.id)
            for other in queries
            for post in other.posts
        ]
        scored = [(grade + noise * rng.gauss(0, 1), id_) for grade, id_ in posts]
        kept = [pair for pair in scored if rng.random() < 0.8]
        found[one.id] = [id_ for _, id_ in sorted(kept, reverse=True)]
    found[queries[0].id] = []
    return found
