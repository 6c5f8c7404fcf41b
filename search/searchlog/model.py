"""One answered query as the log keeps it: the JSON contract of ``docs/schema/search.json``."""

from __future__ import annotations

import secrets
import time
from typing import Annotated, Any, Final, Literal

from pydantic import Field, ValidationError

from enrich.post import Frozen
from search.query import MAX_QUERY
from search.searchlog.words import MAX_LABEL

FORMAT: Final = 1
MAX_SHOWN = 200
"""Hits that are kept of one answer; nobody looks further, and ``returned`` tells how many came."""
MAX_NOTE = 500

# PostgreSQL keeps no NUL; lone surrogates are refused by every field of text.
Text = Annotated[str, Field(pattern=r"^[^\x00]*$")]
Score = Annotated[float, Field(allow_inf_nan=False)]


class RecordError(ValueError):
    """A line of a log is no record; names the field and the remedy."""


class AskedPart(Frozen):
    """One part of the query as it was understood; words of no known kind are ``generic``."""

    text: Text
    attribute: Text
    value: Text | dict[str, Any] | None = None
    negated: bool = False
    positions: tuple[Text, ...] = ()


class Via(Frozen):
    """A channel that found a hit: its rank there, from 1, and its score, where they are known."""

    channel: Text
    rank: int | None = Field(default=None, ge=1)
    score: Score | None = None


class Shown(Frozen):
    """A post that was shown: its rank in the answer, from 1, its score there, who found it."""

    id: Text
    rank: int = Field(ge=1)
    score: Score | None = None
    channels: tuple[Via, ...] = ()


class ChannelAnswer(Frozen):
    """What one channel gave: hits it handed on, its matches, its time, why it failed if it did.

    ``trouble`` says it in words, ``left_out`` is one of ``search.found.LeftOut``.
    """

    channel: Text
    hits: int = Field(ge=0)
    total: int = Field(ge=0)
    milliseconds: Score | None = Field(default=None, ge=0)
    trouble: Text | None = None
    left_out: Text | None = None


class SearchRecord(Frozen):
    """Everything that is kept of one answered query.

    ``id``: 32 hexadecimal digits that grow with time; what follows an answer (a click, a call)
    names it. ``at``: milliseconds since 1970 by the clock of the process that answered.
    ``session``: whatever the caller gave, never a user. ``bucket``: the arm of a comparison.
    ``generation``: identity of the index. ``channel``: what was asked for; ``channels``: what was
    asked. ``relaxed``: attributes that were given up since nothing fulfilled all. ``returned``:
    hits of the answer, of which the first ``MAX_SHOWN`` are in ``shown``.
    """

    format: Literal[1] = FORMAT
    id: str = Field(pattern=r"^[0-9a-f]{32}$")
    at: int = Field(ge=0)
    query: Text = Field(max_length=MAX_QUERY)
    intents: tuple[AskedPart, ...] = ()
    filters: dict[str, Any] = Field(default_factory=dict)
    channel: Text
    rewrite: bool = True
    limit: int = Field(ge=0)
    total: int = Field(ge=0)
    returned: int = Field(ge=0)
    shown: tuple[Shown, ...] = Field(default=(), max_length=MAX_SHOWN)
    channels: tuple[ChannelAnswer, ...] = ()
    relaxed: tuple[Text, ...] = ()
    notes: tuple[Text, ...] = ()
    milliseconds: Score = Field(ge=0)
    session: Text | None = Field(default=None, max_length=MAX_LABEL)
    bucket: Text = Field(default="", max_length=MAX_LABEL)
    generation: Text = Field(default="", max_length=200)

    @property
    def empty(self) -> bool:
        """Tell whether nothing was found."""
        return self.returned == 0

    def to_json(self) -> str:
        """Return one line of JSON, without its end."""
        return self.model_dump_json()

    @classmethod
    def from_json(cls, line: str | bytes) -> SearchRecord:
        """Read one line.

        Raises:
            RecordError: it is no record; names the first wrong field.
        """
        try:
            return cls.model_validate_json(line)
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(str(part) for part in first["loc"]) or "(line)"
            raise RecordError(
                f"field {field!r}: {first['msg']}; it is no line of a search log, or of a newer one"
            ) from None


def new_id(at: int) -> str:
    """Return an id for an answer of a time in milliseconds: later ones are greater."""
    return f"{min(at, 16**12 - 1):012x}{secrets.token_hex(10)}"


def now() -> int:
    """Return milliseconds since 1970 by this machine's clock."""
    return time.time_ns() // 1_000_000


def json_schema() -> dict[str, Any]:
    """Return the published JSON schema."""
    return SearchRecord.model_json_schema()
