"""How an Elasticsearch cluster is reached and used."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class ElasticConfig:
    """Where the cluster is and how it is used; times in seconds.

    Attributes:
        urls: of the nodes, ``http(s)://host:port``.
        prefix: what names of aliases and indices begin with.
        api_key: encoded key; None where the cluster asks for none.
        ca: certificate of the authority that signed the nodes'; None: the system's.
        timeout_s: for one request.
        retries: of a request that met a broken connection or a busy node.
        shards: of a new generation.
        replicas: of a new generation.
        bulk_documents: most documents of one bulk request.
        bulk_bytes: most bytes of one bulk request.
        document_bytes: most bytes of one document; a larger one is refused alone.
        immediate: make every write visible at once; for tests.
        roles_ttl_s: how long what aliases lead to is believed.
    """

    urls: tuple[str, ...]
    prefix: str = "hirelens"
    api_key: str | None = None
    ca: Path | None = None
    timeout_s: float = 10.0
    retries: int = 3
    shards: int = 1
    replicas: int = 1
    bulk_documents: int = 500
    bulk_bytes: int = 10_000_000
    document_bytes: int = 50_000_000
    immediate: bool = False
    roles_ttl_s: float = 5.0

    @property
    def shown(self) -> str:
        """The nodes as a person may read them: without a password that stands in the URL."""
        return ", ".join(
            f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)
            for parts in map(urlsplit, self.urls)
        )

    @property
    def read_alias(self) -> str:
        """What searches read."""
        return f"{self.prefix}-posts"

    @property
    def write_alias(self) -> str:
        """What writers write: exactly one index."""
        return f"{self.prefix}-posts-write"

    @property
    def standby_alias(self) -> str:
        """What writers write beside it: the generation being built, or the one before."""
        return f"{self.prefix}-posts-standby"

    @property
    def pattern(self) -> str:
        """All generations of this prefix."""
        return f"{self.prefix}-posts-*"
