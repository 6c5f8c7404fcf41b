"""From an answer to its record: pure, for any text; what a post says is never kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from search.channels import Channel
from search.index import Filters
from search.query import MAX_QUERY
from search.searchlog.model import (
    MAX_NOTE,
    MAX_SHOWN,
    AskedPart,
    ChannelAnswer,
    SearchRecord,
    Shown,
    Via,
)
from search.searchlog.words import clean, finite, label, opaque, plain
from search.service import Answer, AnsweredHit


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked, and by whom as far as the caller tells.

    ``session``: an opaque text that ties the searches of one visit together; a user's id does not
    belong here. ``bucket``: the arm of a comparison.
    """

    query: str
    channel: Channel = "all"
    filters: Filters | None = None
    limit: int = 10
    rewrite: bool = True
    session: str | None = None
    bucket: str = ""


def record_of(
    answer: Answer, asked: Asked, *, id_: str, at: int, seconds: float, generation: str
) -> SearchRecord:
    """Return the record of one answer.

    Args:
        answer: what the caller was given.
        asked: what the caller wanted.
        id_: of the answer, see ``model.new_id``.
        at: when it was given, milliseconds since 1970.
        seconds: what it took.
        generation: identity of the index that answered.
    """
    return SearchRecord(
        id=id_,
        at=at,
        query=clean(asked.query[:MAX_QUERY]),
        intents=tuple(_intents(answer)),
        filters=_conditions(asked.filters),
        channel=clean(asked.channel),
        rewrite=asked.rewrite,
        limit=asked.limit,
        total=answer.total,
        returned=len(answer.hits),
        shown=tuple(_shown(n, hit) for n, hit in enumerate(answer.hits[:MAX_SHOWN], start=1)),
        channels=tuple(_channels(answer, asked, seconds)),
        relaxed=tuple(dict.fromkeys(one.attribute for one in answer.understanding.relaxed)),
        notes=tuple(clean(note[:MAX_NOTE]) for note in answer.notes),
        milliseconds=round(max(seconds, 0.0) * 1000, 3),
        session=opaque(asked.session) if asked.session else None,
        bucket=label(asked.bucket),
        generation=clean(generation[:200]),
    )


def _shown(rank: int, hit: AnsweredHit) -> Shown:
    details = {one.channel: one for one in hit.found}
    found = [
        Via(channel=clean(name), rank=details[name].rank, score=finite(details[name].score))
        if name in details
        else Via(channel=clean(name))
        for name in hit.channels
    ]
    return Shown(id=clean(hit.id), rank=rank, score=finite(hit.score), channels=tuple(found))


def _channels(answer: Answer, asked: Asked, seconds: float) -> Iterable[ChannelAnswer]:
    for run in answer.runs:
        yield ChannelAnswer(
            channel=clean(run.channel),
            hits=run.hits,
            total=run.total,
            milliseconds=round(max(run.seconds, 0.0) * 1000, 3),
            trouble=None if run.trouble is None else clean(run.trouble[:MAX_NOTE]),
            left_out=None if run.left_out is None else run.left_out.value,
        )
    if not answer.runs and asked.channel != "all":
        # One channel answered alone: its time is the answer's.
        yield ChannelAnswer(
            channel=clean(asked.channel),
            hits=len(answer.hits),
            total=answer.total,
            milliseconds=round(max(seconds, 0.0) * 1000, 3),
        )


def _intents(answer: Answer) -> Iterable[AskedPart]:
    if not answer.understanding.intents:
        # Read without rewriting: its own words are all that was asked.
        for part in answer.parts:
            kind = "position" if part.asks_position else part.attribute
            yield AskedPart(
                text=clean(part.text), attribute=kind, positions=_cleaned(part.positions)
            )
        return
    for intent in answer.understanding.intents:
        yield AskedPart(
            text=clean(intent.text),
            attribute=intent.attribute,
            value=plain(intent.value),
            negated=intent.negated,
            positions=_cleaned(intent.positions),
        )


def _cleaned(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(clean(text) for text in texts)


def _conditions(filters: Filters | None) -> dict[str, Any]:
    """Return the conditions that were set, by name."""
    given: Mapping[str, Any] = {} if filters is None else _mapping(filters)
    return {name: value for name, value in given.items() if value not in (None, [], "")}


def _mapping(value: Any) -> Any:  # noqa: ANN401 - values of values
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: _mapping(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, tuple | list):
        return [_mapping(one) for one in value]
    return plain(value)
