"""How the channels answered one query, why one was left out, and where each found a hit."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class LeftOut(StrEnum):
    """Why a channel gave nothing; a closed list."""

    ENCODER_MISSING = "encoder_missing"  # there is no model, or it cannot be loaded
    ENCODER_FAILED = "encoder_failed"  # it met an error, or gave no usable vector
    ENCODER_SLOW = "encoder_slow"  # no vector in time
    SPACE = "space"  # the index holds vectors of another model
    INDEX_ERROR = "index_error"  # the index met an error
    TIMEOUT = "timeout"  # the index gave no answer in time


@dataclass(frozen=True, slots=True)
class FoundBy:
    """One channel's own opinion of a hit: its rank there, from 1, and the score on its scale.

    ``score`` of ``vector`` is the cosine. ``part``: what it adds to the fused score; 0 where
    nothing was fused.
    """

    channel: str
    rank: int
    score: float
    part: float = 0.0


@dataclass(frozen=True, slots=True)
class ChannelRun:
    """What one asked channel gave for one query.

    ``seconds``: from asking to its page, encoding the query included; ``hits``: how many it gave
    to the fusion; ``total``: its matches; ``trouble``: why it gave none, where it failed, in words,
    ``left_out`` as one of the list.
    """

    channel: str
    seconds: float
    hits: int
    total: int
    trouble: str | None = None
    left_out: LeftOut | None = None
