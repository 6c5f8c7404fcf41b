"""Gathering everything known of one post from the database and the index."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from hirelens.wiring import Workplace


def known_of(place: Workplace, id_: str) -> dict[str, Any] | None:
    """Return what database and index hold of a post, None where there is no such post.

    Where the index cannot be asked, ``index_trouble`` says why.
    """
    from sqlalchemy import select

    from search.index import IndexUnavailableError
    from worker import deadletters
    from worker.engine import reading
    from worker.tables import history, outbox, posts

    with reading(place.engine) as session:
        row = session.execute(select(posts).where(posts.c.id == id_)).mappings().one_or_none()
        if row is None:
            return None
        waiting = session.execute(
            select(outbox.c.revision, outbox.c.attempts, outbox.c.last_error).where(
                outbox.c.post_id == id_
            )
        ).mappings()
        events = session.execute(
            select(history.c.at, history.c.event, history.c.revision, history.c.detail)
            .where(history.c.post_id == id_)
            .order_by(history.c.id)
        ).mappings()
        found: dict[str, Any] = {
            "id": id_,
            "revision": row["revision"],
            "closed": row["deleted"],
            "written_at": row["written_at"],
            "post": _stored(row["payload"]),
            "waiting": next((dict(one) for one in waiting), None),
            "dead_letters": [asdict(x) for x in deadletters.find(session, post_id=id_)],
            "history": [dict(event) for event in events],
        }
    try:
        found |= {"index": _indexed(place, id_), "index_trouble": None}
    except IndexUnavailableError as error:
        found |= {"index": None, "index_trouble": str(error)}
    return found


def _stored(payload: object) -> dict[str, Any]:
    from enrich.post import PostError
    from worker.revisions import decode

    try:
        return dict(decode(payload))
    except PostError:
        return {"payload": payload}  # another system wrote what is no post


def _indexed(place: Workplace, id_: str) -> dict[str, Any] | None:
    document = place.index.get([id_]).get(id_)
    if document is None:
        return None
    match = document.match
    return {
        "version": document.version,
        "state": document.state,
        "recipe": document.recipe,
        "digest": document.digest,
        "positions": list(match.positions) if match else [],
        "tags": {name: list(values) for name, values in match.tags.items()} if match else {},
        "debug": document.debug,
    }
