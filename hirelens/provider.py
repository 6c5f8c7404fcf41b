"""What the worker processes work with, opened in the process that uses it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hirelens.settings import Settings
from hirelens.wiring import Workplace

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from search.index import Index
    from worker.ports import Documents, Enricher, Parse


class HomeProvider:
    """``worker.ports.Provider`` over a home: its database, its index, the active recipe's model."""

    def __init__(self, settings: Settings) -> None:
        """Keep the settings; nothing is opened yet."""
        self._place = Workplace(settings)
        self._space: str | None = None

    @property
    def engine(self) -> Engine:
        """The database, migrated."""
        return self._place.engine

    @property
    def index(self) -> Index:
        """The index of the home, as the recipe in use sees it."""
        return self._place.index_of(self._space or self._place.vector_space)

    @property
    def parse(self) -> Parse:
        """Reads a cached output of the shipped pipeline back."""
        from worker.ports import default_parse

        return default_parse

    @property
    def documents(self) -> Documents | None:
        """Documents are built as ``search.document`` does."""
        return None

    def enricher(self, recipe: str | None) -> Enricher:
        """Return what reads posts under a recipe; the model is loaded when it is first asked.

        Raises:
            RecipeMismatch: this process cannot have that recipe.
        """
        enricher = self._place.enricher_of(recipe)
        self._space = enricher.recipe.vector_space
        if recipe is None:
            # The very first recipe: a later roll-back must find it.
            from hirelens.recipe_loading import register_configured

            register_configured(self._place)
        return enricher

    def close(self) -> None:
        """Close what was opened."""
        self._place.close()
