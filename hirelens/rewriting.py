"""What rewrites queries in a home: the sources that its settings name, each opened when asked."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from search.rewrite.model import Sources

if TYPE_CHECKING:
    from hirelens.wiring import Workplace
    from search.rewrite.clicks import ClickTable
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
    from search.rewrite.nearness import open_near
    from search.rewrite.rewriter import PositionRewriter

    taxonomy = place.query_taxonomy
    encoder, notes = open_near(taxonomy.digest)
    rewriter = PositionRewriter(
        taxonomy, encoder=encoder, clicks=_clicks(place), sources=sources, notes=notes
    )
    return rewriter.with_site(place.site.current())


def _clicks(place: Workplace) -> ClickTable | None:
    path = place.settings.clicks
    if path is None:
        return None
    from search.rewrite.clicks import load

    return load(path)
