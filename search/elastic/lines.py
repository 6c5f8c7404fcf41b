"""The documents of a batch as they are sent to the generation that is being served."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from search.elastic import bulk
from search.elastic.codec import doc_id, to_source
from search.elastic.config import ElasticConfig
from search.elastic.delivery import Delivery
from search.elastic.roles import Generation
from search.index import Outcome


class Lines:
    """Makes each document's lines once a generation; what cannot be sent is noted in the batch."""

    def __init__(self, batch: Delivery, space: str, config: ElasticConfig) -> None:
        """Begin.

        Args:
            batch: the documents.
            space: of their vectors.
            config: for the size of a document.
        """
        self._batch = batch
        self._space = space
        self._config = config
        self._generation: str | None = None
        self._made: dict[int, bytes] = {}

    def __getitem__(self, place: int) -> bytes:
        return self._made[place]

    def size(self, places: Iterable[int]) -> int:
        """Return the bytes of a request."""
        return sum(len(self._made[place]) for place in places)

    def turn_to(self, generation: Generation) -> bool:
        """Serve a generation; False: it is the one that was served before."""
        if generation.uuid == self._generation:
            return False
        self._generation = generation.uuid
        self._made.clear()
        return True

    def ready(self, places: Iterable[int], generation: Generation) -> list[int]:
        """Return those of the places that can be sent."""
        return [place for place in places if place in self._made or self._make(place, generation)]

    def _make(self, place: int, generation: Generation) -> bool:
        document = self._batch[place]
        match = document.match if generation.space != self._space else None
        if match is not None:
            # A standby of another space waits for the vectors of its own model.
            document = replace(document, match=replace(match, vector=()))
        try:
            source = to_source(document, generation)
            if match is not None:
                # Only this generation has the field: where the alias has moved meanwhile, the
                # index of the writer's own space must not take a document without its vector.
                source["match"][generation.field.removeprefix("match.")] = None
            made = bulk.line(doc_id(document.id), document.version, source)
        except ValueError as error:
            told = f"the document cannot be sent as JSON ({error}); mend the post at its source"
            self._batch.finish(place, Outcome.PERMANENT, told)
            return False
        most = self._config.document_bytes
        if len(made) > most:
            self._batch.record(place, generation.name, bulk.too_large(len(made), most))
            return False
        self._made[place] = made
        return True
