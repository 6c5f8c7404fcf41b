"""Where records go: the protocol that a database's table and a folder of files both keep."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from search.searchlog.model import SearchRecord


class SinkAwayError(RuntimeError):
    """The place cannot be written now, no record is at fault; the same batch is tried again."""


class Sink(Protocol):
    """A place for records. One thread uses it, never the one that answers."""

    def write(self, records: Sequence[SearchRecord]) -> None:
        """Keep all of the records or none; one that is there already is left as it is.

        Raises:
            SinkAwayError: it cannot be written now.
        """
        ...

    def close(self) -> None:
        """Close what was opened; nothing is written afterwards."""
        ...
