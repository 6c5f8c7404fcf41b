"""The requests of the writer, each under the circuit breaker and with its errors translated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from elasticsearch import Elasticsearch

from search.elastic import bulk
from search.elastic.breaker import Breaker
from search.elastic.client import check_read, translated
from search.elastic.codec import doc_id
from search.elastic.config import ElasticConfig


class Sender:
    """Sends bulk requests and reads stored versions; one object serves many threads."""

    def __init__(self, client: Elasticsearch, config: ElasticConfig, breaker: Breaker) -> None:
        """Use a client; nothing is sent yet."""
        self._client = client
        # The writer repeats, with a look at the roles in between. It is safe also after a timeout:
        # versions make a second arrival of the same document a 409.
        self._once = client.options(max_retries=0, retry_on_timeout=False)
        self._config = config
        self._breaker = breaker

    def bulk(self, alias: str, lines: Sequence[bytes]) -> list[Mapping[str, Any]]:
        """Send one request and return what the server says of each document.

        Raises:
            IndexUnavailableError: the cluster cannot be used now.
            ApiError: the request was refused as a whole.
        """
        operations: Any = lines
        with self._breaker.guard(), translated(self._config):
            answer = self._once.bulk(
                index=alias,
                operations=operations,
                # A missing alias must not become an index of that name with a guessed mapping.
                require_alias=True,
                refresh=True if self._config.immediate else None,
                # Less than the client's, so that the server can say which shard is missing.
                timeout=f"{max(1, int(self._config.timeout_s * 500))}ms",
                filter_path=bulk.ANSWER,
            )
        return [action["index"] for action in answer["items"]]

    def stored(self, index: str, ids: Sequence[str]) -> list[tuple[int, str] | None]:
        """Return version and digest of documents, also of those that no search sees yet.

        Raises:
            IndexUnavailableError: the cluster cannot be used now.
        """
        found: list[tuple[int, str] | None] = []
        for start in range(0, len(ids), self._config.bulk_documents):
            some = [doc_id(id_) for id_ in ids[start : start + self._config.bulk_documents]]
            with self._breaker.guard(), translated(self._config):
                answer = self._client.mget(index=index, ids=some, source_includes=["digest"])
            for doc in answer["docs"]:
                check_read(doc, self._config)
            found += [_head(doc) for doc in answer["docs"]]
        return found


def _head(doc: Mapping[str, Any]) -> tuple[int, str] | None:
    return (doc["_version"], doc["_source"].get("digest", "")) if doc["found"] else None
