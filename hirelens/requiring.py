"""What a home must hold for a verb, where its index may be missing."""

from __future__ import annotations

from pathlib import Path

from hirelens.wiring import Workplace


def require_posts(place: Workplace) -> None:
    """Refuse a home that has neither a database nor an index; a lost index can be built again.

    Raises:
        WiringError: no post was ever put here.
    """
    database = place.settings.database
    if isinstance(database, Path) and not database.is_file():
        place.require()
