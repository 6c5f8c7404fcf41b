"""How the answers of text, intent and vector become one; every default stands here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from search.tables import read_table

Method = Literal["rrf", "convex"]
Weight = Annotated[float, Field(ge=0, le=1000, allow_inf_nan=False)]
NEAR = "vector"
"""The channel that finds what is near; the others match."""


class Fusion(BaseModel):
    """The method, the weight of each channel, and what the first page must hold; frozen.

    ``rrf``: the sum of ``weight / (k + rank)`` (Cormack, Clarke and Buettcher 2009, weighted).
    ``convex``: the sum of ``weight x`` normalised score (Bruch, Gai and Ingber 2023). The defaults
    were chosen with ``hirelens evaluate fuse`` on judged queries of our own.

    Raises:
        ValueError: no channel has a weight, or the quotas contradict each other.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    method: Method = "rrf"
    k: Annotated[float, Field(ge=0, le=100_000, allow_inf_nan=False)] = 10
    """Reciprocal ranks: how little the first ranks count above later ones."""
    text: Weight = 0.05
    intent: Weight = 0.2
    vector: Weight = 0.75
    page: Annotated[int, Field(ge=1, le=1000)] = 10
    """Places of a first page, for the quotas."""
    vector_least: Annotated[int, Field(ge=0, le=1000)] = 1
    """Of these, at least so many that the vector alone found."""
    vector_most: Annotated[int, Field(ge=0, le=1000)] = 7
    """At most so many."""
    fold: Annotated[float, Field(ge=0, le=1)] = 0.8
    """Share of equal shingles from which two posts are the same; 0 folds nothing."""

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if not (self.text + self.intent or self.vector):
            raise ValueError("text, intent and vector are all 0; give one of them a weight")
        if self.vector_least > self.vector_most:
            raise ValueError(
                f"vector_least = {self.vector_least} is above vector_most = {self.vector_most}; "
                "lower it"
            )
        return self

    def weights(self, asked: Iterable[str]) -> dict[str, float]:
        """Return the weight of each channel that was asked.

        Words alone stay light where intent has nothing to ask: of 医院 they say little about a job.
        """
        return {name: getattr(self, name, 1.0) for name in asked}


def read_fusion(values: Mapping[str, Any]) -> Fusion:
    """Return the fusion of a settings table.

    Raises:
        ValueError: names the entry that is wrong, and what it may be.
    """
    return read_table(Fusion, values, "entry of fusion")
