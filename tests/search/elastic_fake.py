"""A small stand-in for a cluster: aliases, external versions, answers as a test wants."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from elastic_transport import ApiResponseMeta, HttpHeaders, NodeConfig
from elasticsearch import ApiError

from search.elastic.config import ElasticConfig
from search.index import Document, FilterSection, MatchSection
from search.schema import mapping

CONFIG = ElasticConfig(urls=("http://127.0.0.1:9",), timeout_s=10, roles_ttl_s=5)
SPACE = "space-1"


def document(
    id_: str, version: int = 1, digest: str = "d", vector: Sequence[float] = (1.0, 0.0)
) -> Document:
    match = MatchSection(*("服 务 员",) * 6, ("p",), {}, tuple(vector))
    return Document(
        id_, version, "open", "r", digest, match, FilterSection(), {"title": "招服务员"}, {}
    )


def tombstone(id_: str, version: int) -> Document:
    return Document(id_, version, "closed", "r", "gone")


def api_error(status: int, kind: str = "x", reason: str = "", **headers: str) -> ApiError:
    meta = ApiResponseMeta(
        status, "1.1", HttpHeaders(headers), 0.0, NodeConfig("http", "127.0.0.1", 9)
    )
    return ApiError(kind, meta, {"error": {"type": kind, "reason": reason}, "status": status})


def item_error(status: int, kind: str, reason: str = "") -> dict[str, Any]:
    return {"status": status, "error": {"type": kind, "reason": reason}}


class Clock:
    """Time that passes only when somebody sleeps or a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@dataclass
class FakeIndex:
    space: str = SPACE
    length: int | None = 2
    docs: dict[str, dict[str, Any]] = field(default_factory=dict)
    deleted: dict[str, int] = field(default_factory=dict)


class _Indices:
    def __init__(self, cluster: FakeCluster) -> None:
        self._cluster = cluster

    def get(self, **_: Any) -> dict[str, Any]:
        self._cluster.looks += 1
        return {name: self._cluster.described(name) for name in self._cluster.stores}


class FakeCluster:
    """Plays the client; ``on_bulk`` runs before each request and may raise or answer for items.

    Attributes:
        sent: what each bulk request named: the alias and the ids.
        after: runs once after the next request, e.g. to move an alias.
    """

    def __init__(self, clock: Clock, config: ElasticConfig = CONFIG) -> None:
        self.clock = clock
        self.config = config
        self.stores: dict[str, FakeIndex] = {"a": FakeIndex()}
        self.indices = _Indices(self)
        self.aliases = {config.read_alias: "a", config.write_alias: "a"}
        self.sent: list[tuple[str, tuple[str, ...]]] = []
        self.sizes: list[int] = []
        self.looks = 0
        self.took_s = 0.0
        self.on_bulk: Callable[[str, list[str]], Mapping[str, dict[str, Any]] | None] | None = None
        self.after: Callable[[], None] | None = None

    def described(self, name: str) -> dict[str, Any]:
        index = self.stores[name]
        return {
            "aliases": {alias: {} for alias, to in self.aliases.items() if to == name},
            "mappings": mapping(index.space, index.length),
            "settings": {"index": {"uuid": f"uuid-{name}"}},
        }

    def options(self, **_: Any) -> FakeCluster:
        return self

    def mget(self, *, index: str, ids: Sequence[str], **_: Any) -> dict[str, Any]:
        docs = self.stores[index].docs
        return {"docs": [docs.get(id_, {"found": False}) for id_ in ids]}

    def bulk(self, *, index: str, operations: Sequence[bytes], **_: Any) -> dict[str, Any]:
        pairs = [tuple(map(json.loads, op.splitlines())) for op in operations]
        ids = [action["index"]["_id"] for action, _ in pairs]
        self.sent.append((index, tuple(ids)))
        self.sizes.append(sum(map(len, operations)))
        self.clock.now += self.took_s
        prescribed = (self.on_bulk and self.on_bulk(index, ids)) or {}
        items = [
            {"index": prescribed.get(action["index"]["_id"]) or self._put(index, action, source)}
            for action, source in pairs
        ]
        if self.after is not None:
            after, self.after = self.after, None
            after()
        return {"items": items}

    def _put(self, alias: str, action: Mapping[str, Any], source: dict[str, Any]) -> dict[str, Any]:
        name = self.aliases.get(alias)
        if name is None:
            return {"_index": alias, **item_error(404, "index_not_found_exception")}
        index, id_, version = self.stores[name], action["index"]["_id"], action["index"]["version"]
        known = {"id", *mapping(index.space)["properties"]["match"]["properties"]}
        strange = set(source.get("match", {})) - known
        if strange:
            reason = f"[1:2] dynamic introduction of [{strange.pop()}] within [match]"
            return {"_index": name, **item_error(400, "strict_dynamic_mapping_exception", reason)}
        stored = index.docs[id_]["_version"] if id_ in index.docs else index.deleted.get(id_, -1)
        if stored >= version:
            return {"_index": name, **item_error(409, "version_conflict_engine_exception")}
        index.docs[id_] = {"found": True, "_version": version, "_source": source}
        return {"_index": name, "status": 201}
