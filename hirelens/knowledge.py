"""What queries are understood by in a home: its reader and rewriter under a site's rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hirelens.wiring import Workplace
    from search.interpreter import Knowledge
    from search.rewrite.rewriter import PositionRewriter
    from search.site.model import SiteRules


class KnowledgeOf:
    """Gives what is known now; the site's rules are followed as their files change."""

    def __init__(self, place: Workplace) -> None:
        """Use a home; its parts are opened by the first query."""
        self._place = place

    def __call__(self) -> Knowledge:
        """Return what the next query is understood by."""
        found = self._current()
        notes = self._place.site_notes
        return replace(found, notes=(*found.notes, *notes)) if notes else found

    def under(self, rules: SiteRules) -> Knowledge:
        """Return what queries would be understood by under some rules: milliseconds."""
        from search.intent.reader import reader_of
        from search.interpreter import Knowledge
        from search.rewrite.kept import Kept

        reader = reader_of(self._place.query_taxonomy).with_site(rules)
        return Knowledge(reader, Kept(self._rewriter.with_site(rules)), rules)

    @cached_property
    def _current(self) -> Callable[[], Knowledge]:
        from search.site.watch import Following

        return Following(self._place.site, self.under).get

    @cached_property
    def _rewriter(self) -> PositionRewriter:
        from hirelens.rewriting import rewriter_of

        return rewriter_of(self._place)
