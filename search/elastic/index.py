"""The Elasticsearch back end of the index protocol."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from search.elastic.breaker import Breaker
from search.elastic.client import connect
from search.elastic.config import ElasticConfig
from search.elastic.reader import Reader, check_vector
from search.elastic.roles import Generation, RoleWatch, generations
from search.elastic.writer import OnTrouble, Writer
from search.index import (
    Document,
    Filters,
    IndexUnavailableError,
    Page,
    Query,
    Stamp,
    Trouble,
    VectorQuery,
    WriteOutcome,
)


class ElasticIndex:
    """The current generation behind the aliases of a prefix, or one generation by its name.

    Opened with another vector space than the index's it still serves text; vectors are refused.
    """

    def __init__(
        self,
        config: ElasticConfig,
        vector_space: str,
        *,
        generation: str | None = None,
        on_trouble: OnTrouble | None = None,
    ) -> None:
        """Keep where the cluster is; nothing is sent yet.

        Args:
            config: the cluster.
            vector_space: what the vectors mean that are written and asked for.
            generation: name of an index to be bound to; None: whatever plays the current part.
            on_trouble: told what only the standby refuses, see ``Writer``.
        """
        self._config = config
        self._space = vector_space
        self._bound = generation
        self._client = connect(config)
        self._watch = RoleWatch(self._client, config)
        self._breaker = Breaker()
        self._reader = Reader(self._client, config)
        self._writer = Writer(
            self._client, config, self._watch, self._breaker, on_trouble=on_trouble
        )

    @property
    def identity(self) -> str:
        """Another text for an index that was built anew."""
        return self._known().uuid

    @property
    def vector_space(self) -> str:
        """What the vectors in the index mean."""
        return self._known().space

    def write(self, documents: Sequence[Document]) -> list[WriteOutcome]:
        """Write whole documents under external versions; one outcome each, in order."""
        if self._bound is not None:
            return self._writer.into(self._bound, documents, self._space)
        return self._writer.write(documents, self._space)

    def get(self, ids: Sequence[str], *, match: bool = True) -> dict[str, Document]:
        """Return the stored documents (tombstones included) of those ids that exist.

        They are as they are at this moment, refreshed or not.

        Args:
            ids: in any order, each once.
            match: False leaves the sections ``match``, ``filter`` and ``debug`` out, which is
                faster.
        """
        with self._breaker.guard():
            name = self._bound or self._config.write_alias
            return self._reader.get(name, self._generation(), ids, match=match)

    def scan(self, after: str = "", limit: int = 1000) -> Iterator[Stamp]:
        """Yield stamps in the order of ids, those above ``after``, all that was written so far."""
        name = self._bound or self._config.write_alias
        with self._breaker.guard():
            self._reader.refresh(name)
            return iter(list(self._reader.scan(name, after, limit)))

    def query(
        self,
        query: Query,
        filters: Filters | None = None,
        limit: int = 10,
        cursor: str | None = None,
        *,
        documents: bool = True,
        more: bool = True,
    ) -> Page:
        """Answer from open documents only, pages of one answer from one point in time.

        Args:
            query: what to find.
            filters: hard conditions.
            limit: most hits on the page.
            cursor: the place behind which the page starts.
            documents: False leaves ``display`` and ``debug`` of the hits empty, which is faster.
            more: False gives no cursor of the next page, which is cheaper.

        Raises:
            VectorSpaceError: the query's vector is of another space or length.
            CursorError: the cursor is not one that a page gave.
            IndexUnavailableError: the cluster cannot be asked now.
        """
        with self._breaker.guard():
            generation = self._generation()
            if isinstance(query, VectorQuery):
                if generation.length is None:
                    generation = self._generation(fresh=True)
                check_vector(query, self._space, generation)
            name = self._bound or self._config.read_alias
            options = {"documents": documents, "more": more}
            page = self._reader.query(name, generation, query, filters, limit, cursor, **options)
            if isinstance(query, VectorQuery) and not page.hits:
                # The server takes a field that is not there for one without any vector: it may
                # have been switched to another space a moment ago.
                now = self._generation(fresh=True)
                if now.name != generation.name:
                    check_vector(query, self._space, now)
                    return self._reader.query(name, now, query, filters, limit, cursor, **options)
            return page

    def refresh(self) -> None:
        """Make what was written visible to queries now."""
        with self._breaker.guard():
            self._reader.refresh(self._bound or self._config.write_alias)

    def close(self) -> None:
        """Close the connections; the next call opens them again."""
        self._client.close()

    def _known(self) -> Generation:
        """Return the generation; the breaker learns only from a request that is made."""
        if self._bound is None and self._watch.age_s <= self._config.roles_ttl_s:
            return self._generation()
        with self._breaker.guard():
            return self._generation()

    def _generation(self, *, fresh: bool = False) -> Generation:
        if self._bound is None:
            return self._watch.roles(fresh=fresh).current
        for one in generations(self._client, self._config):
            if one.name == self._bound and one.space:
                return one
        raise IndexUnavailableError(
            Trouble.MISSING,
            f"there is no index {self._bound} of this version",
            "look: hirelens index list",
        )
