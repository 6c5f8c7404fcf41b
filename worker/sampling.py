"""Open posts taken evenly over their ids, so that a bounded look is a fair one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import sqlalchemy as sa
from sqlalchemy import false, func, select

from enrich.post import Post
from worker.engine import reading
from worker.reenrich import Thinned, load
from worker.selection import contains
from worker.tables import posts

_PAGE = 500


def evenly(engine: sa.Engine, limit: int) -> list[Post]:
    """Return at most ``limit`` open posts."""
    opened = posts.c.deleted == false()
    place = func.row_number().over(order_by=posts.c.id)
    numbered = select(posts.c.id, place.label("place")).where(opened).subquery()
    with reading(engine) as session:
        count = session.scalar(select(func.count()).select_from(posts).where(opened)) or 0
        ids = session.scalars(
            select(numbered.c.id)
            .where((numbered.c.place - 1) * limit % max(count, limit) < limit)
            .order_by(numbered.c.id)
            .limit(limit)
        ).all()
    return _in_order(engine, ids)


def containing(
    engine: sa.Engine,
    words: Sequence[str],
    limit: int,
    on_progress: Callable[[int], None] = lambda _seen: None,
) -> list[Post]:
    """Return at most ``limit`` open posts in whose text one of the words stands."""
    chosen = Thinned(max(1, limit // 2))
    after = ""
    while True:
        with reading(engine) as session:
            query = select(posts.c.id).where(posts.c.id > after, posts.c.deleted == false())
            ids = session.scalars(query.order_by(posts.c.id).limit(_PAGE)).all()
        for post in _in_order(engine, ids):
            if contains(post, words):
                chosen.add(post.id)
        on_progress(len(ids))
        if len(ids) < _PAGE:
            return _in_order(engine, chosen.items)[:limit]
        after = ids[-1]


def _in_order(engine: sa.Engine, ids: Sequence[str]) -> list[Post]:
    found = load(engine, ids)
    return [found[id_] for id_ in ids if id_ in found]
