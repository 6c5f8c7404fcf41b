"""Model outputs by model and text: unchanged text is never inferred again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from worker import upsert
from worker.tables import model_cache

_CHUNK = 500


def load(session: Session, model: str, keys: Iterable[str]) -> dict[str, str]:
    """Return the kept outputs of those keys that are known."""
    wanted = sorted(set(keys))
    found: dict[str, str] = {}
    for start in range(0, len(wanted), _CHUNK):
        rows = session.execute(
            select(model_cache.c.text_digest, model_cache.c.output).where(
                model_cache.c.model_digest == model,
                model_cache.c.text_digest.in_(wanted[start : start + _CHUNK]),
            )
        )
        found.update((key, output) for key, output in rows)
    return found


def save(session: Session, model: str, outputs: Mapping[str, str]) -> None:
    """Keep outputs; one that is there already stays, so that every writer reads the same."""
    known = load(session, model, outputs)
    # In the order of keys: two processes that read the same texts must not deadlock.
    new = [
        {"model_digest": model, "text_digest": key, "output": outputs[key]}
        for key in sorted(outputs)
        if key not in known
    ]
    if new:
        session.execute(upsert.ignoring(session, model_cache), new)
