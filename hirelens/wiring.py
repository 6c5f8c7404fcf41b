"""Opens what a command needs of a home, and nothing that it does not: every part is lazy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from hirelens.errors import ForeseenError
from hirelens.settings import Settings
from hirelens.threads import keep_to_threads

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from enrich.pipeline import Enricher
    from enrich.taxonomy import Taxonomy
    from enrich.towers.bundle import Towers
    from hirelens.knowledge import KnowledgeOf
    from search.index import Index
    from search.intent.reader import IntentReader
    from search.searchlog.log import SearchLog
    from search.searchlog.logged import LoggedSearcher
    from search.service import Knows, Searcher
    from search.site.watch import Following, SiteWatch
    from worker.ports import ProviderFactory
    from worker.report import DrainReport


class WiringError(ForeseenError):
    """A home is not what a command needs; says the remedy."""


class Workplace:
    """One home with its parts, each opened when it is first used."""

    def __init__(self, settings: Settings) -> None:
        """Keep the settings; nothing is opened yet."""
        self.settings = settings
        self._others: dict[str, Enricher] = {}
        self._indices: dict[str, Index] = {}

    @cached_property
    def engine(self) -> Engine:
        """The database, brought to the current schema."""
        from worker.engine import create_engine
        from worker.schema import upgrade

        self.settings.home.mkdir(parents=True, exist_ok=True)
        engine = create_engine(self.settings.database)
        upgrade(engine)
        return engine

    @cached_property
    def enricher(self) -> Enricher:
        """The loaded model; takes a second or two."""
        from enrich.pipeline import Enricher

        keep_to_threads(self.settings)
        return Enricher.load(self.settings.model, self.taxonomy, self.settings.towers)

    @cached_property
    def taxonomy(self) -> Taxonomy:
        """The taxonomy, without the model."""
        from enrich.taxonomy import Taxonomy

        return Taxonomy.load(self.settings.taxonomy)

    @cached_property
    def vector_space(self) -> str:
        """What vectors mean under the pinned or the configured towers; nothing is loaded."""
        if self._has_database():
            from hirelens.recipe_loading import pinned

            row = pinned(self)
            if row is not None:
                return row.vector_space
        from enrich.towers.bundle import SHIPPED, towers_digest

        return towers_digest(self.settings.towers or SHIPPED)

    @property
    def index(self) -> Index:
        """The index under the pinned or the configured model's vector space."""
        return self.index_of(self.vector_space)

    def index_of(self, space: str) -> Index:
        """Return the index as a user of one vector space sees it.

        The embedded one is made where it is missing; of the other nothing is asked yet.
        """
        if space not in self._indices:
            self._indices[space] = self._open_index(space)
        return self._indices[space]

    def _open_index(self, space: str) -> Index:
        if not self.settings.embedded:
            from search.elastic.index import ElasticIndex
            from worker.outage import tell_standby

            config = self.settings.elastic_config()
            return ElasticIndex(config, space, on_trouble=tell_standby)
        from search.embedded import EmbeddedIndex

        self.settings.home.mkdir(parents=True, exist_ok=True)
        return EmbeddedIndex(self.settings.index_file, space)

    def ensure_index(self) -> None:
        """Make the index where there is none yet; for commands that index by themselves."""
        if not self.settings.embedded:
            from hirelens.generations import ensure_first

            ensure_first(self)

    @property
    def has_index(self) -> bool:
        """Tell whether there is an index, as far as can be known without asking a server."""
        return not self.settings.embedded or self.settings.index_file.is_file()

    @cached_property
    def searcher(self) -> Searcher:
        """Search over the index; the model is loaded by the first query that needs it."""
        return self.searcher_by(self.knowledge)

    @cached_property
    def logged(self) -> LoggedSearcher:
        """The same, and every answer leaves a record where the search log is on."""
        from search.searchlog.logged import LoggedSearcher

        return LoggedSearcher(self.searcher, self._searched[0], self.search_log)

    @cached_property
    def search_log(self) -> SearchLog | None:
        """What keeps the records; None where it is off. ``close`` waits a moment for its last."""
        from hirelens.searchlogging import open_log

        return open_log(self.settings)

    @cached_property
    def knowledge(self) -> KnowledgeOf:
        """What queries are understood by: reader and rewriter under the site's rules."""
        from hirelens.knowledge import KnowledgeOf

        return KnowledgeOf(self)

    def searcher_by(self, knowledge: Knows) -> Searcher:
        """Return search over the index that understands queries by something else."""
        from search.service import Searcher

        index, space = self._searched
        return Searcher(
            *(index, self.query_taxonomy, self._encode, space),
            rule=self.settings.rule,
            knowledge=knowledge,
            floor=lambda: self._query_towers.floor,
            names=self._called,
            fusion=self.settings.fusion_rule,
            limits=self.settings.limits_rule,
            rank=self.settings.rank_rule,
        )

    def _called(self, position: str) -> tuple[float, ...] | None:
        """Return the vector of what a position is called; the towers are loaded by then."""
        return self._query_towers.names.of(position)

    @cached_property
    def _searched(self) -> tuple[Index, str]:
        """The index as searches see it, and the vectors' space; without towers text answers."""
        from enrich.bundle import BundleError

        try:
            return self.index, self.vector_space
        except BundleError:
            return self.index_of(""), ""

    @property
    def query_taxonomy(self) -> Taxonomy:
        """The taxonomy that the documents were read with: that of a pinned recipe, if any."""
        if not self._has_database():
            return self.taxonomy
        from hirelens.recipe_loading import pinned_taxonomy

        return pinned_taxonomy(self) or self.taxonomy

    @cached_property
    def site(self) -> SiteWatch:
        """A site's own rules, read again when their files change."""
        from search.site.watch import SiteWatch

        named, own = self.settings.site, self.settings.own_site
        return SiteWatch(named or own, self.query_taxonomy, optional=named is None)

    @property
    def site_notes(self) -> tuple[str, ...]:
        """What is wrong with the site's rules: nothing, or one sentence."""
        return self.site.state.notes

    @cached_property
    def intent_reader(self) -> Following[IntentReader]:
        """Reads queries, with the site's rules as they are when it is asked for."""
        from search.intent.reader import reader_of
        from search.site.watch import Following

        return Following(self.site, reader_of(self.query_taxonomy).with_site)

    def require(self) -> None:
        """Refuse a home that holds nothing yet.

        Raises:
            WiringError: no post was ever put here.
        """
        if not self.has_index:
            raise WiringError(
                f"{self.settings.home} holds no posts yet; put some: hirelens put FILE"
            )

    @property
    def provider_factory(self) -> ProviderFactory:
        """Makes, in a worker process, what it works with."""
        from functools import partial

        from hirelens.provider import HomeProvider

        return partial(HomeProvider, self.settings)

    def enricher_of(self, recipe: str | None) -> Enricher:
        """Return what reads posts under a recipe by digest; None: the configured one.

        Raises:
            RecipeMismatch: it is neither configured nor registered, or not this version's.
        """
        if recipe is None or recipe == self.enricher.recipe.digest:
            return self.enricher
        if recipe not in self._others:
            from hirelens.recipe_loading import load_recipe

            self._others = {recipe: load_recipe(self, recipe)}  # one beside the configured one
        return self._others[recipe]

    def active_enricher(self) -> tuple[Enricher, bool]:
        """Return what a command indexes with, and whether it may make its recipe the active one.

        A recipe that a command has made active stays; else the configured one is used.
        """
        from worker import recipes
        from worker.engine import reading

        with reading(self.engine) as session:
            active = recipes.active(session)
        if active is None or not active.pinned:
            return self.enricher, True
        return self.enricher_of(active.recipe), False

    def waiting(self) -> int:
        """Return how many posts wait to be indexed."""
        from sqlalchemy import func, select

        from worker.engine import reading
        from worker.tables import outbox

        with reading(self.engine) as session:
            return session.scalar(select(func.count()).select_from(outbox)) or 0

    def drain(self, on_progress: Callable[[DrainReport], None]) -> DrainReport:
        """Index whatever waits.

        Raises:
            WiringError: the index holds vectors of another model.
        """
        from hirelens.recipe_loading import check_space, register_configured
        from worker.drain import drain

        enricher, reactivate = self.active_enricher()
        if reactivate:
            # Known also where it is refused: a generation is made for it by its digest.
            register_configured(self)
        check_space(self, enricher)
        report = drain(
            self.engine,
            enricher,
            self.index,
            batch=self.settings.batch,
            lease_seconds=self.settings.lease_s,
            backoff_seconds=self.settings.backoff_s,
            reactivate=reactivate,
            on_progress=on_progress,
        )
        self.index.refresh()  # what a command has written can be found when it ends
        return report

    def close(self) -> None:
        """Close what was opened."""
        log = self.__dict__.get("search_log")
        if log is not None:
            from hirelens import searchlogging

            log.close(searchlogging.CLOSE_S)
        if "searcher" in self.__dict__:
            self.searcher.close()
        if "engine" in self.__dict__:
            self.engine.dispose()
        for index in self._indices.values():
            index.close()

    def _has_database(self) -> bool:
        target = self.settings.database
        return isinstance(target, str) or target.is_file()

    def _encode(self, text: str) -> Sequence[float]:
        from enrich.bundle import BundleError
        from search.query_vectors import EncoderMissingError

        try:
            return self._query_towers.query(text)
        except BundleError as error:
            raise EncoderMissingError(str(error)) from error

    @cached_property
    def _query_towers(self) -> Towers:
        """What queries are encoded with; the model that reads posts is not loaded for it."""
        if "enricher" in self.__dict__ and self.enricher.recipe.vector_space == self.vector_space:
            return self.enricher.towers
        from hirelens.recipe_loading import load_query_towers, pinned

        return load_query_towers(self.settings, pinned(self) if self._has_database() else None)
