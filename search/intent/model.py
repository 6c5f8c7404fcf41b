"""The values that understanding a query is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from enrich.post import AttributeName

Attribute = AttributeName | Literal["generic"]
Value = str | Mapping[str, Any] | None
How = Literal["pinyin", "characters", "typed pinyin"]


@dataclass(frozen=True, slots=True)
class Repair:
    """A slip of the keyboard: what was written, the word that it is read as, and why."""

    written: str
    meant: str
    how: How


@dataclass(frozen=True, slots=True)
class Candidate:
    """One reading of ``[start, end)`` of the normalised query; the best path chooses among them.

    ``value`` of a position is the form that names it. ``weight`` is the worth of one character.
    ``negates``: it turns what stands behind it (1) or before it (-1) into what is not wanted.
    ``forms``: other names of an employer.
    """

    start: int
    end: int
    attribute: Attribute
    value: Value
    source: str
    weight: float = 1.0
    repair: Repair | None = None
    negates: Literal[-1, 0, 1] = 0
    forms: tuple[str, ...] = ()

    @property
    def length(self) -> int:
        """How many characters it explains."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Intent:
    """One part of a query.

    ``text`` stands in the query as written, without blanks. ``forms``: names of the same position,
    or of the employer where a site lists them; ``positions``: ids that the words name, ``wider``:
    ids of which they name a narrower kind. ``source``: the step that found it.
    """

    text: str
    attribute: Attribute
    value: Value
    source: str
    forms: tuple[str, ...] = ()
    positions: tuple[str, ...] = ()
    wider: tuple[str, ...] = ()
    negated: bool = False
    repair: Repair | None = None

    def to_mapping(self, *, explain: bool = False) -> dict[str, Any]:
        """Return the JSON form; ``explain`` adds what found it and what was repaired."""
        data: dict[str, Any] = {"text": self.text, "attribute": self.attribute}
        if self.value is not None:
            value = self.value
            data["value"] = value if isinstance(value, str) else dict(value)
        if self.forms:
            data["forms"] = list(self.forms)
        if self.negated:
            data["negated"] = True
        if explain:
            data["source"] = self.source
            if self.positions or self.wider:
                data["positions"], data["wider"] = list(self.positions), list(self.wider)
            if self.repair:
                data["repair"] = {
                    "from": self.repair.written,
                    "to": self.repair.meant,
                    "how": self.repair.how,
                }
        return data


@dataclass(frozen=True, slots=True)
class Understood:
    """A query with its parts in order; joined, their texts are the query without blanks."""

    query: str
    intents: tuple[Intent, ...]

    def to_mapping(self, *, explain: bool = False) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "query": self.query,
            "intents": [intent.to_mapping(explain=explain) for intent in self.intents],
        }
