"""What rewrites queries in a home: the sources that its settings name, each opened when asked."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from search.rewrite.model import Sources

if TYPE_CHECKING:
    from hirelens.wiring import Workplace
    from search.rewrite.clicks import ClickTable
    from search.rewrite.nearness import NearNames
    from search.rewrite.rewriter import PositionRewriter

SWITCHES = tuple(field.name for field in fields(Sources))
"""The sources that can be switched off."""


def rewriter_of(place: Workplace, sources: Sources | None = None) -> PositionRewriter:
    """Return the rewriter of a home, with its site's rules as they are now.

    Args:
        place: the home; its taxonomy is the one that documents were read with.
        sources: which sources are asked; all of them if left out.

    Raises:
        search.rewrite.clicks.ClickTableError: the table of co-clicks is malformed.
    """
    from search.rewrite.rewriter import PositionRewriter

    encoder, notes = near_of(place)
    rewriter = PositionRewriter(
        place.query_taxonomy,
        encoder=encoder,
        clicks=clicks_of(place),
        sources=sources,
        notes=notes,
    )
    return rewriter.with_site(place.site.current())


def near_of(place: Workplace) -> tuple[NearNames | None, tuple[str, ...]]:
    """Return the encoder with its table, and what is amiss with them for a home's taxonomy."""
    from search.rewrite.nearness import open_near

    return open_near(place.query_taxonomy.digest)


def clicks_of(place: Workplace) -> ClickTable | None:
    """Return the table of co-clicks that the settings name, None where they name none.

    Raises:
        search.rewrite.clicks.ClickTableError: it is malformed.
    """
    path = place.settings.clicks
    if path is None:
        return None
    from search.rewrite.clicks import load

    return load(path)
