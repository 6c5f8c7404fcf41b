"""Looking at a cluster for ``hirelens doctor``: asks, and hands the answers to those who judge."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from elasticsearch import ApiError, Elasticsearch

from search.elastic import findings, index_findings
from search.elastic.client import connect, translated
from search.elastic.config import ElasticConfig
from search.elastic.findings import Diagnosis
from search.elastic.generations import Described, Generations
from search.elastic.watermarks import Disk, watermarks
from search.index import IndexUnavailableError, Trouble

_HEADERS = {"accept": "application/json", "content-type": "application/json"}


def diagnose(
    client: Elasticsearch, config: ElasticConfig, vector_space: str
) -> tuple[Diagnosis, ...]:
    """Look at everything that the index depends on; changes nothing and never raises for it.

    Args:
        client: of the cluster.
        config: how it is used.
        vector_space: of the configured or active model.
    """
    return tuple(_Look(client, config, vector_space).all())


def look(config: ElasticConfig, vector_space: str) -> tuple[Diagnosis, ...]:
    """Connect, and diagnose."""
    with connect(config) as client:
        return diagnose(client, config, vector_space)


class _Look:
    """One look at a cluster; each question is asked once."""

    def __init__(self, client: Elasticsearch, config: ElasticConfig, space: str) -> None:
        self._client = client
        self._config = config
        self._space = space
        # Less than ours, so that a node without a master says so before we give up.
        self._patience = f"{max(1, int(config.timeout_s * 500))}ms"

    def all(self) -> Iterator[Diagnosis]:
        """Yield every finding; the others are left out where nothing answers."""
        first = list(self._reached())
        yield from first
        if any(one.kind == "reachable" and one.level == "error" for one in first):
            return
        yield from self._guarded("privileges", self._privileges)
        try:
            described = Generations(self._client, self._config).all()
        except IndexUnavailableError as error:
            yield findings.unavailable("roles", error)
            return
        yield index_findings.roles(described, self._config)
        serving = [one for one in described if one.role != "none"]
        yield from self._of_indices(serving)
        yield from self._guarded("disk", self._disks)
        if serving:
            yield from self._guarded("health", lambda: self._health(serving))

    def _of_indices(self, serving: Sequence[Described]) -> Iterator[Diagnosis]:
        currents = [one for one in serving if one.role == "current"]
        standby = next((one for one in serving if one.role == "standby"), None)
        yield from map(index_findings.mapping, serving)
        if len(currents) == 1 and currents[0].space:  # one that is not ours has none
            yield index_findings.space(currents[0], standby, self._space)
        names = [one.name for one in serving]
        yield from self._guarded("settings", lambda: self._settings(names))
        if standby is not None:
            yield index_findings.standby(standby, int(time.time() * 1000))

    def _reached(self) -> Iterator[Diagnosis]:
        began = time.monotonic()
        try:
            with translated(self._config):
                number = str(self._client.info()["version"]["number"])
        except IndexUnavailableError as error:
            # A key may be forbidden to ask for the version and still be allowed the rest.
            cause = error.__cause__
            if isinstance(cause, ApiError) and cause.status_code == 403:
                yield findings.reachable(self._config.shown, time.monotonic() - began)
                yield _unseen("version")
                return
            yield findings.unavailable("reachable", error)
            return
        yield findings.reachable(self._config.shown, time.monotonic() - began)
        yield findings.version(number)

    def _guarded(self, kind: str, look: Callable[[], Iterator[Diagnosis]]) -> Iterator[Diagnosis]:
        """Yield what a look finds; what the key may not ask for is no fault of the cluster."""
        try:
            yield from list(look())
        except IndexUnavailableError as error:
            if error.reason is Trouble.REFUSED:
                yield _unseen(kind)
            else:
                yield findings.unavailable(kind, error)

    def _privileges(self) -> Iterator[Diagnosis]:
        names = [self._config.read_alias, self._config.pattern]
        asked = {"index": [{"names": names, "privileges": list(findings.PRIVILEGES)}]}
        try:
            answer = self._ask("POST", "/_security/user/_has_privileges", body=asked)
        except ApiError:
            # The server has no such question where security is off.
            yield Diagnosis("privileges", "ok", "security is off: everybody may do everything")
            return
        yield findings.privileges(answer)

    def _settings(self, names: Sequence[str]) -> Iterator[Diagnosis]:
        found: dict[str, Mapping[str, Any]] = {}
        if names:
            answer = self._ask("GET", f"/{','.join(names)}/_settings")
            found = {name: answer[name]["settings"]["index"] for name in names}
        for name, stated in found.items():
            yield index_findings.stated(name, stated, self._config)
        blocks = {name: stated.get("blocks", {}) for name, stated in found.items()}
        yield from self._guarded("blocks", lambda: self._blocks(blocks))

    def _blocks(self, indices: Mapping[str, Mapping[str, Any]]) -> Iterator[Diagnosis]:
        cluster: Mapping[str, Any] = {}
        try:
            cluster = self._cluster_settings().get("blocks", {})
        except IndexUnavailableError as error:
            if error.reason is not Trouble.REFUSED:
                raise
        yield findings.blocks(cluster, indices)

    def _disks(self) -> Iterator[Diagnosis]:
        disk = self._cluster_settings().get("routing", {}).get("allocation", {}).get("disk", {})
        path = "nodes.*.name,nodes.*.fs.total"
        nodes = self._ask("GET", "/_nodes/stats/fs", {"filter_path": path}).get("nodes", {})
        known = [
            Disk(node["name"], total["total_in_bytes"], total["available_in_bytes"])
            for node in nodes.values()
            if (total := node.get("fs", {}).get("total"))
        ]
        yield findings.disks(known, watermarks(disk))

    def _health(self, serving: Sequence[Described]) -> Iterator[Diagnosis]:
        names = ",".join(one.name for one in serving)
        params = {"level": "shards", "master_timeout": self._patience, "timeout": self._patience}
        told = self._ask("GET", f"/_cluster/health/{names}", params)
        reason = ""
        if told["status"] != "green":
            reason = self._why(told.get("indices", {}))
        yield findings.health(
            told["status"],
            told["unassigned_shards"],
            reason or "the server does not say why",
            told["number_of_data_nodes"],
            self._config.replicas,
        )

    def _why(self, indices: Mapping[str, Any]) -> str:
        """Return why the first shard that lacks a copy lacks it."""
        lacking = [
            (name, int(number), not shard["primary_active"])
            for name, index in indices.items()
            for number, shard in index.get("shards", {}).items()
            if shard["unassigned_shards"]
        ]
        for name, number, primary in sorted(lacking, key=lambda shard: not shard[2])[:1]:
            asked = {"index": name, "shard": number, "primary": primary}
            try:
                answer = self._ask("POST", "/_cluster/allocation/explain", body=asked)
            except (ApiError, IndexUnavailableError):
                return ""
            return explained(answer)
        return ""

    def _cluster_settings(self) -> Mapping[str, Any]:
        """Return the cluster's own settings, what was set over what is the default."""
        params = {
            "include_defaults": "true",
            "filter_path": "*.cluster.routing.allocation.disk,*.cluster.blocks",
            "master_timeout": self._patience,
        }
        answer = self._ask("GET", "/_cluster/settings", params)
        found: dict[str, Any] = {}
        for layer in ("defaults", "persistent", "transient"):
            found = merged(found, answer.get(layer, {}).get("cluster", {}))
        return found

    def _ask(
        self,
        method: str,
        path: str,
        params: Mapping[str, str] | None = None,
        body: Any = None,  # noqa: ANN401
    ) -> Mapping[str, Any]:
        with translated(self._config):
            answer = self._client.perform_request(
                method, path, params=params, headers=_HEADERS, body=body
            ).body
        return answer if isinstance(answer, Mapping) else {}


def merged(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Return nested settings with others laid over them."""
    result = dict(under)
    for name, value in over.items():
        below = result.get(name)
        if isinstance(below, Mapping) and isinstance(value, Mapping):
            result[name] = merged(below, value)
        else:
            result[name] = value
    return result


def explained(answer: Mapping[str, Any]) -> str:
    """Return the first reason of an allocation explanation that a person can act upon."""
    for node in answer.get("node_allocation_decisions", ()):
        for decider in node.get("deciders", ()):
            if decider.get("decision") == "NO":
                told = str(decider["explanation"]).partition(" [[")[0]
                return f"{decider['decider']}: {told[:160]}"
    info = answer.get("unassigned_info", {})
    return str(info.get("details") or info.get("reason") or "")[:200]


def _unseen(kind: str) -> Diagnosis:
    return Diagnosis(kind, "ok", "not looked at: the key lacks the cluster privilege monitor")
