"""Rewrites that were made already: popular names are asked again and again."""

from __future__ import annotations

from functools import lru_cache
from typing import Protocol

from search.rewrite.model import Rewritten

MOST = 20_000
"""Names that are kept, the least used ones leave."""


class Rewrites(Protocol):
    """Tells by which other names a position may be found; always the same for a name."""

    def rewrite(self, text: str) -> Rewritten:
        """Return the expansions of a name."""
        ...


class Kept:
    """Keeps what another rewriter answered; any number of threads may ask."""

    def __init__(self, rewriter: Rewrites, most: int = MOST) -> None:
        """Ask ``rewriter`` once for each name."""
        self._rewrite = lru_cache(maxsize=most)(rewriter.rewrite)

    def rewrite(self, text: str) -> Rewritten:
        """Return the expansions of a name."""
        return self._rewrite(text)
