"""How the channels answered one query, and where each of them found a hit."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FoundBy:
    """One channel's own opinion of a hit: its rank there, from 1, and the score on its scale."""

    channel: str
    rank: int
    score: float


@dataclass(frozen=True, slots=True)
class ChannelRun:
    """What one asked channel gave for one query.

    ``seconds``: from asking to its page, encoding the query included; ``hits``: how many it gave
    to the fusion; ``total``: its matches; ``trouble``: why it gave none, where it failed.
    """

    channel: str
    seconds: float
    hits: int
    total: int
    trouble: str | None = None
