"""Reading an index: documents by id, stamps in order, pages of answers from a point in time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, Self

from elasticsearch import ApiError, Elasticsearch

from search.cursors import check_limit, decode, encode
from search.elastic.client import check_read, kind_of, translated
from search.elastic.codec import doc_id, from_source
from search.elastic.config import ElasticConfig
from search.elastic.queries import SORT, body_of, cosine
from search.elastic.roles import Generation
from search.index import (
    Document,
    Filters,
    Hit,
    Page,
    Query,
    Stamp,
    VectorQuery,
    VectorSpaceError,
)
from search.validity import check_depth, vector_problem

WINDOW = 10_000
"""Most hits of one request; longer answers are read in several from one point in time."""
KEEP_ALIVE = "2m"
"""How long a point in time waits for the next page; behind it a new one is opened."""
HEAD = ("id", "version", "state", "recipe", "digest", "display")

_Raw = Mapping[str, Any]


class Reader:
    """Answers from one index or alias, given with each call."""

    def __init__(self, client: Elasticsearch, config: ElasticConfig) -> None:
        """Use a client; nothing is read yet."""
        self._client = client
        self._config = config

    def get(
        self, name: str, generation: Generation, ids: Sequence[str], *, match: bool
    ) -> dict[str, Document]:
        """Return the stored documents of those ids that exist, as they are at this moment."""
        asked = [doc_id(id_) for id_ in ids if id_]
        if not asked:
            return {}
        # Vectors are left out of the source unless they are asked for.
        params = {"_source_exclude_vectors": "false"} if match else {"_source": ",".join(HEAD)}
        with translated(self._config):
            answer = self._client.perform_request(
                "POST",
                f"/{name}/_mget",
                params=params,
                headers={"accept": "application/json", "content-type": "application/json"},
                body={"ids": asked},
            ).body
        for doc in answer["docs"]:
            check_read(doc, self._config)
        found = (from_source(d["_source"], generation) for d in answer["docs"] if d["found"])
        return {document.id: document for document in found}

    def scan(self, name: str, after: str, limit: int) -> Iterator[Stamp]:
        """Yield up to ``limit`` stamps in the order of ids."""
        left = limit
        while left > 0:
            size = min(left, WINDOW)
            request: dict[str, Any] = {
                "size": size,
                "sort": [{"id": "asc"}],
                "_source": False,
                "docvalue_fields": ["version", "state", "recipe"],
                "track_total_hits": False,
            }
            if after:
                request["search_after"] = [after]
            with translated(self._config):
                hits = self._client.search(
                    index=name, body=request, allow_partial_search_results=False
                )["hits"]["hits"]
            for hit in hits:
                fields = hit["fields"]
                yield Stamp(
                    hit["sort"][0], fields["version"][0], fields["state"][0], fields["recipe"][0]
                )
            if len(hits) < size:
                return
            left, after = left - size, hits[-1]["sort"][0]

    def refresh(self, name: str) -> None:
        """Make what was written visible to searches."""
        with translated(self._config):
            self._client.indices.refresh(index=name)

    def query(
        self,
        name: str,
        generation: Generation,
        query: Query,
        filters: Filters | None,
        limit: int,
        cursor: str | None,
        *,
        documents: bool,
        more: bool,
    ) -> Page:
        """Return one page of an answer; see ``search.index.Index.query``."""
        check_limit(limit)
        place, snapshot = None, None
        if cursor is not None:
            score, id_, snapshot = decode(cursor)
            place = [score, id_]
        body = dict(body_of(query, filters, generation.field))
        # One more than asked for tells whether there is a next page.
        wanted = limit + 1 if more else limit
        with _Snapshot(self._client, self._config, name, snapshot) as source:
            if more or wanted > WINDOW:
                source.hold()
            hits, total = self._hits(source, body, wanted, place, documents=documents)
            following = None
            if more and len(hits) > limit:
                last = hits[limit - 1]
                following = encode(float(last["sort"][0]), last["sort"][1], source.keep())
        found = tuple(_hit(query, hit) for hit in hits[:limit])
        return Page(found, total, following)

    def _hits(
        self,
        source: _Snapshot,
        body: _Raw,
        wanted: int,
        place: list[Any] | None,
        *,
        documents: bool,
    ) -> tuple[list[_Raw], int]:
        hits: list[_Raw] = []
        total = 0
        while len(hits) < wanted:
            size = min(wanted - len(hits), WINDOW)
            request = {
                **body,
                "size": size,
                "sort": list(SORT),
                "_source": ["display", "debug"] if documents else False,
                "track_total_hits": True,
            }
            if place is not None:
                request["search_after"] = place
            answer = source.search(request)["hits"]
            total = answer["total"]["value"]
            hits += answer["hits"]
            if len(answer["hits"]) < size:
                break
            place = hits[-1]["sort"][:2]
        return hits, total


class _Snapshot:
    """Where the pages of one answer are read from: an index, or a point in time of it."""

    def __init__(
        self, client: Elasticsearch, config: ElasticConfig, name: str, snapshot: str | None
    ) -> None:
        self._client = client
        self._config = config
        self._name = name
        self._id = snapshot
        self._doubted = snapshot is not None  # what a cursor brought may be made up
        self._kept = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if not self._kept:
            self._end()

    def hold(self) -> None:
        """Open a point in time unless there is one."""
        if self._id is None:
            with translated(self._config):
                opened = self._client.open_point_in_time(index=self._name, keep_alive=KEEP_ALIVE)
            self._id, self._doubted = opened["id"], False

    def keep(self) -> str | None:
        """Leave the point in time open for the next page."""
        self._kept = True
        return self._id

    def search(self, request: dict[str, Any]) -> Any:  # noqa: ANN401 - the server's answer
        """Ask; in place of a point in time that cannot be read a new one is opened.

        Raises:
            VectorSpaceError: the query's vector does not fit what is asked now.
        """
        with translated(self._config):
            try:
                return self._ask_again(request)
            except ApiError as error:
                if error.status_code == 400 and "knn" in request:
                    raise VectorSpaceError(
                        f"query vector: does not fit the index ({kind_of(error.body)}); its model "
                        "has changed a moment ago, ask again"
                    ) from error
                raise

    def _ask_again(self, request: dict[str, Any]) -> Any:  # noqa: ANN401
        try:
            return self._ask(request)
        except ApiError as error:
            # The server says 400, 404 or 500 of an identifier that is made up, and 404 of one that
            # has ended, with its index too.
            if self._id is None or not (self._doubted or error.status_code == 404):
                raise
        self._end()
        self.hold()
        return self._ask(request)

    def _ask(self, request: dict[str, Any]) -> Any:  # noqa: ANN401
        if self._id is None:
            return self._client.search(
                index=self._name, body=request, allow_partial_search_results=False
            ).body
        pit = {"id": self._id, "keep_alive": KEEP_ALIVE}
        answer = self._client.search(
            body={**request, "pit": pit}, allow_partial_search_results=False
        ).body
        self._id, self._doubted = answer.get("pit_id", self._id), False
        return answer

    def _end(self) -> None:
        if self._id is not None:
            with suppress(Exception):  # it ends by itself too, and the answer is at hand
                self._client.close_point_in_time(id=self._id)
        self._id = None


def check_vector(query: VectorQuery, space: str, generation: Generation) -> None:
    """Refuse a vector that does not belong to the index.

    Raises:
        VectorSpaceError: it is of another space or length; names the remedy.
        ValueError: the depth is out of range.
    """
    if query.space != generation.space or space != generation.space:
        raise VectorSpaceError(
            f"query vector: is of space {query.space!r}, the index was opened with {space!r} and "
            f"holds {generation.space!r}; build a new index, or ask by text"
        )
    wrong = vector_problem(query.vector, generation.length)
    if wrong:
        raise VectorSpaceError(f"query vector: {wrong}; encode the query again")
    check_depth(query.depth)


def _score(query: Query, hit: _Raw) -> float:
    score = float(hit["sort"][0])
    return cosine(score) if isinstance(query, VectorQuery) else score


def _hit(query: Query, hit: _Raw) -> Hit:
    source = hit.get("_source", {})
    return Hit(
        hit["sort"][1], _score(query, hit), source.get("display", {}), source.get("debug", {})
    )
