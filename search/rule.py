"""What becomes of each attribute that a query names: a filter, a boost, required text, nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, cast, get_args

from pydantic import BaseModel, ConfigDict, Field

from search.intent.model import Attribute
from search.tables import read_table

Use = Literal["filter", "boost", "text", "ignore"]
TextUse = Literal["text", "boost", "ignore"]
USES: tuple[Use, ...] = get_args(Use)
Weight = Annotated[float, Field(ge=0, lt=1)]

RELAX_ORDER: tuple[Attribute, ...] = (
    "benefit",
    "experience",
    "age",
    "gender",
    "education",
    "salary",
    "job_type",
    "generic",
    "workplace",
    "company",
    "location",
)
"""What is given up, first to last, where nothing answers; a position never is."""


class Rule(BaseModel):
    """How intents become conditions; frozen.

    ``filter``: posts must fulfil it. ``boost``: those that do come first. ``text``: the words must
    stand in the post. ``ignore``: nothing is asked. What a query refuses is a refusal whatever the
    use, unless that is ``ignore``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    location: Use = "filter"
    salary: Use = "filter"
    education: Use = "filter"
    gender: Use = "filter"
    age: Use = "filter"
    experience: Use = "filter"
    job_type: Use = "filter"
    benefit: Use = "filter"
    company: Use = "filter"
    workplace: Use = "text"
    generic: TextUse = "text"
    boost: Annotated[float, Field(gt=0, le=100)] = 2.0
    """What a fulfilled boost adds to a score."""
    same: Weight = 0.9
    """Weight of other words for the same; 0 leaves them out."""
    narrower: Weight = 0.7
    """Weight of words for a narrower kind."""
    related: Weight = 0.4
    """Weight of words for something related."""
    related_from: Annotated[float, Field(ge=0, le=1)] = 0.8
    """Least score of something related that is asked: an assistant is, who is merely near not."""

    def use(self, attribute: Attribute) -> Use:
        """Return what becomes of an attribute; a position is always asked for."""
        return "text" if attribute == "position" else cast("Use", getattr(self, attribute))

    @property
    def weights(self) -> Mapping[str, float]:
        """The weight of an expansion by its kind."""
        return {"same": self.same, "narrower": self.narrower, "related": self.related}


def read_rule(values: Mapping[str, Any]) -> Rule:
    """Return the rule of a settings table.

    Raises:
        ValueError: names the entry that is wrong, and what it may be.
    """
    return read_table(Rule, values, "attribute of the rule")
