"""What a drain did, counted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class DrainReport:
    """Counts of rows; a row that failed and was tried again is counted each time."""

    claimed: int = 0
    indexed: int = 0  # a whole document was written
    closed: int = 0  # a tombstone was written
    unchanged: int = 0  # the index had it already
    superseded: int = 0  # the index had something newer
    retried: int = 0  # given back: the index was not ready
    failed: int = 0  # given back with a strike
    dead: int = 0  # became dead letters
    repaired: int = 0  # equal version with other content, overwritten
    overtaken: int = 0  # written anew, or claimed by another, while being processed
    inferred: int = 0  # read by the model
    reused: int = 0  # served from the cache

    @property
    def done(self) -> int:
        """Rows that need no more work."""
        return self.indexed + self.closed + self.unchanged + self.superseded + self.dead

    @classmethod
    def of(cls, counts: Counter[str]) -> DrainReport:
        """Build a report from counts by field name."""
        return cls(**{field.name: counts[field.name] for field in fields(cls)})
