"""Writing whole documents to the current generation and to the standby.

The promise that building a generation rests on: when ``roles_ttl_s`` + ``timeout_s`` have passed
since a generation joined as standby, every write that is acknowledged has reached it, or had
reached the current one before (so that a copy that starts then finds it there). It holds because

- roles are looked at before every single request, never older than ``roles_ttl_s``; a request
  is answered or given up within ``timeout_s``, and the transport repeats none by itself;
- roles are looked at again after the last answer, and a generation that is new then gets the
  documents before they are acknowledged;
- writes go through aliases, and the answer names the index where each document has landed: where
  the aliases were swapped in between, the generation that was missed is served next;
- the standby is written before the current one, see ``Delivery.next``.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from elasticsearch import Elasticsearch

from search.elastic.breaker import Breaker
from search.elastic.bulk import waves
from search.elastic.config import ElasticConfig
from search.elastic.delivery import Delivery
from search.elastic.pace import Pace, Pauses
from search.elastic.roles import Roles
from search.elastic.round import Round, Tools
from search.elastic.sender import Sender
from search.index import Document, IndexUnavailableError, Trouble, WriteOutcome

OnTrouble = Callable[[str, Mapping[str, Any]], None]


class Watch(Protocol):
    """Tells the roles, as ``RoleWatch`` does."""

    @property
    def age_s(self) -> float:
        """Seconds since the roles were asked for."""
        ...

    def roles(self, *, fresh: bool = False) -> Roles:
        """Return the roles, at most ``roles_ttl_s`` old."""
        ...


class Writer:
    """Writes documents; one object serves the threads of a process."""

    def __init__(
        self,
        client: Elasticsearch,
        config: ElasticConfig,
        watch: Watch,
        breaker: Breaker | None = None,
        *,
        on_trouble: OnTrouble | None = None,
        pauses: Callable[[], Pauses] = Pauses,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Use a client; nothing is sent yet.

        Args:
            client: of the cluster.
            config: sizes, times and names.
            watch: which generations there are.
            breaker: that of the reader; its own where None.
            on_trouble: told ``standby_refused`` with ``index``, ``count``, ``post`` and ``error``:
                the standby alone will never take these documents.
            pauses: makes the pauses of one batch.
            sleep: waits so many seconds.
        """
        self._config = config
        self._watch = watch
        self._breaker = breaker or Breaker()
        self._on_trouble = on_trouble
        pace = Pace(config.bulk_documents, config.bulk_bytes)
        self._tools = Tools(
            config, Sender(client, config, self._breaker), pace, pauses, sleep, self._roles
        )

    def write(self, documents: Sequence[Document], space: str) -> list[WriteOutcome]:
        """Write to the current generation and the standby; one outcome each, in order.

        Args:
            documents: whole documents, in the order in which they are to arrive.
            space: of their vectors.

        Raises:
            IndexUnavailableError: the index cannot be used now, and nothing was written.
        """
        return self._write(documents, space, None)

    def into(
        self, generation: str, documents: Sequence[Document], space: str
    ) -> list[WriteOutcome]:
        """Write to one generation only, which must be the current one or the standby.

        Args:
            generation: name of the index.
            documents: as for ``write``.
            space: of their vectors.

        Raises:
            IndexUnavailableError: as for ``write``, and where the generation has no part now.
        """
        return self._write(documents, space, generation)

    def _write(
        self, documents: Sequence[Document], space: str, only: str | None
    ) -> list[WriteOutcome]:
        outcomes: dict[int, WriteOutcome] = {}
        for places in waves([document.id for document in documents]):
            batch = Delivery([documents[place] for place in places])
            self._deliver(batch, space, only, first=not outcomes)
            outcomes.update(zip(places, batch.outcomes(), strict=True))
        return [outcomes[place] for place in range(len(documents))]

    def _deliver(self, batch: Delivery, space: str, only: str | None, *, first: bool) -> None:
        round_ = Round(self._tools, batch, space, only)
        try:
            roles = round_.run()
        except IndexUnavailableError as error:
            if first and not batch.answered:
                raise
            batch.give_up(error)
            return
        if roles.standby is not None and self._on_trouble is not None:
            refused = batch.refused_by(roles.standby.name)
            if refused:
                document, item = refused[0]
                told = {"count": len(refused), "post": document.id, "error": item.error}
                self._on_trouble("standby_refused", {"index": roles.standby.name, **told})

    def _roles(self, only: str | None, *, fresh: bool) -> Roles:
        if fresh or self._watch.age_s > self._config.roles_ttl_s:
            with self._breaker.guard():
                roles = self._watch.roles(fresh=fresh)
        else:
            roles = self._watch.roles()
        if only is None:
            return roles
        for generation in roles.all:
            if generation.name == only:
                return Roles(generation)
        raise IndexUnavailableError(
            Trouble.MISSING,
            f"index {only} is neither the current generation nor the standby",
            "look: hirelens index list",
        )
