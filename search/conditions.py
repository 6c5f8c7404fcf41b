"""Conditions on a post as values, of which filters, boosts and refusals are made."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, get_args

from enrich.post import AttributeName

Stream = Literal["text", "offer", "plain", "title"]
Number = Literal["pay", "salary_min", "age_min", "age_max", "education", "experience"]
"""What can be compared. ``pay``: the upper end of the salary, the lower one where there is none."""

WORD_FIELDS = frozenset({"city", "category", "company", "gender"})
"""Fields of the filter section that hold one word."""
LIST_FIELDS = frozenset({"job_type", "benefit", "position", "named", "denied"})
"""Fields that hold several; ``position``: ids of the positions hired for, with their ancestors;
``named``: ids of those that are named but not hired for; ``denied``: 包住, 学徒."""
ID = "id"
"""The post's own id: asks which of known posts are found."""
NUMBERS: frozenset[str] = frozenset(get_args(Number))
TAGS = frozenset(f"tag:{name}" for name in get_args(AttributeName))
"""What the post states of an attribute, as values."""


@dataclass(frozen=True, slots=True)
class Held:
    """The post holds one of the values under a field.

    Raises:
        ValueError: there is no such field.
    """

    field: str
    values: tuple[str, ...]

    def __post_init__(self) -> None:
        """Refuse what no back end has."""
        if self.field not in {ID} | WORD_FIELDS | LIST_FIELDS | TAGS:
            raise ValueError(f"field {self.field!r} holds no words; use one of the index's fields")


@dataclass(frozen=True, slots=True)
class Bound:
    """The post states a number within these ends; one that states none does not fulfil it.

    Raises:
        ValueError: there is no such field, or an end is no finite number.
    """

    field: Number
    at_least: float | None = None
    at_most: float | None = None

    def __post_init__(self) -> None:
        """Refuse what no back end can compare."""
        if self.field not in NUMBERS:
            raise ValueError(f"field {self.field!r} holds no number; use one of {sorted(NUMBERS)}")
        for end in (self.at_least, self.at_most):
            if end is not None and not math.isfinite(end):
                raise ValueError(f"{self.field}: {end} is no finite number; leave the end open")


@dataclass(frozen=True, slots=True)
class Unstated:
    """The post holds nothing under a field.

    Raises:
        ValueError: there is no such field.
    """

    field: str

    def __post_init__(self) -> None:
        """Refuse what no back end has."""
        if self.field not in WORD_FIELDS | LIST_FIELDS | TAGS | NUMBERS:
            raise ValueError(f"there is no field {self.field!r}; use one of the index's fields")


@dataclass(frozen=True, slots=True)
class Says:
    """The post's stream holds these character tokens one behind the other."""

    tokens: tuple[str, ...]
    stream: Stream = "text"


Condition = Held | Bound | Unstated | Says
AnyOf = tuple[Condition, ...]
"""Fulfilled where one of them is; by none where there is none."""


@dataclass(frozen=True, slots=True)
class Boost:
    """Adds ``weight`` to the score of posts that fulfil one of the conditions."""

    any_of: AnyOf
    weight: float
