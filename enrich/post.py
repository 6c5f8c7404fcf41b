"""The two JSON contracts of enrichment: the post that comes in and what was read in it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

MAX_TITLE = 500
MAX_BODY = 50_000
MAX_TAGS = 100
MAX_REVISION = 2**51 - 1
MAX_DEPTH = 50
_SURROGATE = re.compile("[\ud800-\udfff]")

FieldName = Literal["title", "body"]
MentionLabel = Literal["H", "N", "X"]
Polarity = Literal["+", "-", "prefer"]
AttributeName = Literal[
    "position",
    "company",
    "workplace",
    "location",
    "salary",
    "age",
    "gender",
    "education",
    "experience",
    "job_type",
    "benefit",
]


class PostError(ValueError):
    """A post was refused: names the field, the problem and the remedy."""

    def __init__(self, field: str, problem: str, remedy: str) -> None:
        """Keep the three parts apart, so that programs can read them."""
        super().__init__(f"field {field!r}: {problem}; {remedy}")
        self.field = field
        self.problem = problem
        self.remedy = remedy


class Frozen(BaseModel):
    """Base of every value that crosses a boundary: immutable, unknown fields refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Post(Frozen):
    """One job post as its source wrote it; offsets elsewhere count its Unicode code points."""

    id: str = Field(min_length=1, max_length=200)
    title: str = Field(default="", max_length=MAX_TITLE)
    body: str = Field(default="", max_length=MAX_BODY)
    category: str | None = Field(default=None, max_length=500)
    tags: tuple[str, ...] = Field(default=(), max_length=MAX_TAGS)
    company: str | None = Field(default=None, max_length=500)
    city: str | None = Field(default=None, max_length=500)
    salary: str | None = Field(default=None, max_length=500)
    revision: int | None = Field(default=None, ge=0, le=MAX_REVISION)
    deleted: bool = False
    updated_at: datetime | None = None
    extra: dict[str, Any] = Field(default_factory=dict)

    @field_validator("id")
    @classmethod
    def _printable_id(cls, value: str) -> str:
        if any(char.isspace() or not char.isprintable() for char in value):
            raise ValueError("holds white space or unprintable characters")
        return value

    @classmethod
    def from_mapping(cls, raw: object) -> Post:
        """Validate one decoded JSON value; unknown fields go to ``extra``.

        Raises:
            PostError: the value is no post; names the first wrong field and the remedy.
        """
        if not isinstance(raw, Mapping):
            raise PostError(
                "(line)", f"is a JSON {_json_kind(raw)}", "write one JSON object a line"
            )
        _refuse_unstorable(raw)
        known = {name: raw[name] for name in cls.model_fields if name != "extra" and name in raw}
        # A field that is itself named "extra" is one more unknown field, never opened.
        extra = {name: value for name, value in raw.items() if name not in known}
        if isinstance(known.get("tags"), list):
            known["tags"] = tuple(known["tags"])
        if known.get("tags", ()) is None:
            del known["tags"]
        if isinstance(known.get("updated_at"), str):
            known["updated_at"] = _parse_time(known["updated_at"])
        try:
            post = cls(**known, extra=extra)
        except ValidationError as error:
            raise _post_error(error) from None
        if not post.deleted and not post.title.strip() and not post.body.strip():
            raise PostError("title", "title and body are both empty", "write at least one of them")
        return post

    @classmethod
    def from_json(cls, line: str) -> Post:
        """Parse one JSON line.

        Raises:
            PostError: no JSON, or no post.
        """
        try:
            raw = json.loads(line, parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as error:
            detail = str(error) if isinstance(error, ValueError) else "nested too deeply"
            raise PostError(
                "(line)", f"is not JSON ({detail})", "write one JSON object a line"
            ) from None
        return cls.from_mapping(raw)

    def to_mapping(self) -> dict[str, Any]:
        """Return the JSON form, unknown fields back at the top level, absent ones left out."""
        data = self.model_dump(mode="json", exclude_none=True, exclude={"extra"})
        return {**self.extra, **data}


class Span(Frozen):
    """A piece of the original title or body: code points ``[start, end)`` and their text."""

    field: FieldName
    start: int = Field(ge=0)
    end: int = Field(gt=0)
    text: str


class Mention(Span):
    """A position word that stands in the post, with the model's verdict.

    ``label``: H hired, N named but not hired (``reason`` says which kind), X not a position here.
    ``score``: probability that a seeker of this word is served by the post, 0 to 1.
    """

    position: str
    label: MentionLabel
    reason: str | None = None
    score: float = Field(ge=0, le=1)


class HiredPosition(Frozen):
    """A position that the post really hires for, with the mentions that say so."""

    id: str
    name: str
    score: float = Field(ge=0, le=1)
    evidence: tuple[Span, ...] = ()


class Stripped(Span):
    """Text that was removed from what search reads; ``reason`` is the mention's (``N:compare``)."""

    reason: str
    score: float = Field(ge=0, le=1)


class Mark(Span):
    """One statement of an attribute; ``value`` is normalised as the annotation guide defines it."""

    polarity: Polarity = "+"
    value: str | dict[str, Any] | None = None


class RejectedTag(Frozen):
    """A tag or category that the poster chose and the post does not bear out."""

    tag: str
    reason: str


class Enrichment(Frozen):
    """Everything that was read in one post under one recipe."""

    id: str
    positions: tuple[HiredPosition, ...]
    mentions: tuple[Mention, ...]
    stripped: tuple[Stripped, ...]
    clean_title: str
    clean_body: str
    offer_title: str
    offer_body: str
    tags: dict[AttributeName, tuple[Mark, ...]]
    rejected_tags: tuple[RejectedTag, ...]
    category: str | None
    vector: tuple[float, ...]
    recipe: str
    content_hash: str
    truncated: bool = False

    def to_mapping(self) -> dict[str, Any]:
        """Return the JSON form."""
        return self.model_dump(mode="json")


def content_hash(post: Post) -> str:
    """Return the digest of everything in a post that is indexed or shown, revision excepted."""
    data = post.to_mapping()
    data.pop("revision", None)
    return digest(data)


def digest(value: object) -> str:
    """Return a short stable digest (16 hex digits) of a JSON-like value."""
    data = json.dumps(value, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(data.encode()).hexdigest()[:16]


def json_schema() -> dict[str, Any]:
    """Return the published JSON schema of both contracts."""
    return {"post": Post.model_json_schema(), "enrichment": Enrichment.model_json_schema()}


_REMEDIES = {
    "missing": "add it",
    "string_type": "write a JSON string",
    "string_too_short": "write at least one character",
    "string_too_long": "shorten it",
    "tuple_type": "write a JSON list of strings",
    "too_long": "drop some entries",
    "int_type": "write a JSON integer",
    "bool_type": "write true or false",
    "greater_than_equal": "write an integer from 0 to 2251799813685247",
    "less_than_equal": "write an integer from 0 to 2251799813685247",
    "value_error": "use visible characters without blanks",
}


def _post_error(error: ValidationError) -> PostError:
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"]) or "(line)"
    problem = first["msg"].removeprefix("Value error, ")
    return PostError(field, problem, _REMEDIES.get(first["type"], "correct it"))


def _json_kind(raw: object) -> str:
    kinds = {list: "list", str: "string", bool: "boolean", int: "number", float: "number"}
    return "null" if raw is None else kinds.get(type(raw), type(raw).__name__)


def _parse_time(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise PostError(
            "updated_at", f"{text[:40]!r} is no ISO 8601 time", "write 2026-01-31T08:00:00Z"
        ) from None
    offset = found.utcoffset() or timedelta()
    # What an index takes for a time zone; no place on earth is further away.
    if abs(offset) > timedelta(hours=18) or offset % timedelta(minutes=1):
        raise PostError("updated_at", f"{text[:40]!r} is of no time zone", "write it in UTC")
    return found


def _refuse_unstorable(raw: Mapping[Any, Any]) -> None:
    """Refuse what no database or index could hold.

    That is lone surrogates, NUL, endless nesting and numbers that are not finite.
    """
    for name, value in raw.items():
        if isinstance(value, dict | list) and _is_deep(value):
            raise PostError(_shown(name), f"is nested deeper than {MAX_DEPTH}", "flatten it")
        text = value if isinstance(value, str) else _dumped(name, value)
        for part in (str(name), text):
            if _SURROGATE.search(part):
                raise PostError(
                    _shown(name), "holds a lone surrogate", "encode the source as valid UTF-8"
                )
            if "\x00" in part or ("\\u0000" in part and not isinstance(value, str)):
                raise PostError(_shown(name), "holds a NUL character", "remove binary data")


def _dumped(name: object, value: object) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    except ValueError:
        raise PostError(
            _shown(name), "holds a number that is not finite", "write null or a smaller number"
        ) from None


def _is_deep(value: object) -> bool:
    level = [value]
    for _ in range(MAX_DEPTH):
        if not level:
            return False
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
    return bool(level)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")


def _shown(name: object) -> str:
    return str(name).encode("utf-8", "replace").decode()
