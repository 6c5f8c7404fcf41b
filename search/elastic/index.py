"""The Elasticsearch back end of the index protocol."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from elasticsearch import Elasticsearch

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


@dataclass(frozen=True, slots=True)
class _Opened:
    """What one process uses: a forked child must not share its parent's connections."""

    pid: int
    client: Elasticsearch
    watch: RoleWatch
    reader: Reader
    writer: Writer


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
        self._on_trouble = on_trouble
        self._breaker = Breaker()
        self._lock = threading.Lock()
        self._opened: _Opened | None = None

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
        writer = self._open().writer
        if self._bound is not None:
            return writer.into(self._bound, documents, self._space)
        return writer.write(documents, self._space)

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
            return self._open().reader.get(name, self._generation(), ids, match=match)

    def scan(self, after: str = "", limit: int = 1000) -> Iterator[Stamp]:
        """Yield stamps in the order of ids, those above ``after``, all that was written so far."""
        name = self._bound or self._config.write_alias
        with self._breaker.guard():
            reader = self._open().reader
            reader.refresh(name)
            return iter(list(reader.scan(name, after, limit)))

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
            reader = self._open().reader
            page = reader.query(name, generation, query, filters, limit, cursor, **options)
            if isinstance(query, VectorQuery) and not page.hits:
                # The server takes a field that is not there for one without any vector: it may
                # have been switched to another space a moment ago.
                now = self._generation(fresh=True)
                if now.name != generation.name:
                    check_vector(query, self._space, now)
                    return reader.query(name, now, query, filters, limit, cursor, **options)
            return page

    def refresh(self) -> None:
        """Make what was written visible to queries now."""
        with self._breaker.guard():
            self._open().reader.refresh(self._bound or self._config.write_alias)

    def close(self) -> None:
        """Close the connections; the next call opens them again."""
        with self._lock:
            opened, self._opened = self._opened, None
        if opened is not None and opened.pid == os.getpid():
            opened.client.close()

    def _known(self) -> Generation:
        """Return the generation; the breaker learns only from a request that is made."""
        if self._bound is None and self._open().watch.age_s <= self._config.roles_ttl_s:
            return self._generation()
        with self._breaker.guard():
            return self._generation()

    def _generation(self, *, fresh: bool = False) -> Generation:
        opened = self._open()
        if self._bound is None:
            return opened.watch.roles(fresh=fresh).current
        for one in generations(opened.client, self._config):
            if one.name == self._bound and one.space:
                return one
        raise IndexUnavailableError(
            Trouble.MISSING,
            f"there is no index {self._bound} of this version",
            "look: hirelens index list",
        )

    def _open(self) -> _Opened:
        with self._lock:
            if self._opened is None or self._opened.pid != os.getpid():
                client = connect(self._config)
                watch = RoleWatch(client, self._config)
                reader = Reader(client, self._config)
                writer = Writer(
                    client, self._config, watch, self._breaker, on_trouble=self._on_trouble
                )
                self._opened = _Opened(os.getpid(), client, watch, reader, writer)
            return self._opened
