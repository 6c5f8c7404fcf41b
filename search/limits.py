"""What an answer waits for: times behind which a channel is left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from search.tables import read_table

Seconds = Annotated[float, Field(gt=0, le=3600)]


class Limits(BaseModel):
    """Times in seconds; frozen."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    encode_s: Seconds = 1.0
    """What the query's vector may take."""
    load_s: Seconds = 120.0
    """What the first vector may take: the model is loaded for it."""
    channel_s: Seconds = 5.0
    """What one channel's question to the index may take."""


def read_limits(values: Mapping[str, Any]) -> Limits:
    """Return the limits of a settings table.

    Raises:
        ValueError: names the entry that is wrong, and what it may be.
    """
    return read_table(Limits, values, "entry of limits")
