"""An Elasticsearch node for tests, and a pair of them."""

import json
import os
import signal
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from services import elastic_build
from services.base import START_TIMEOUT, Server
from services.elastic_build import Build

SHARED_BY_ALL = {
    "network.host": "127.0.0.1",
    "cluster.routing.allocation.disk.threshold_enabled": "false",  # a full disk is not our subject
    "cluster.max_shards_per_node": "20000",
}
FAST = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")


class Elasticsearch(Server):
    """One node; without security, licence, scripts and ingest, whose modules are not published.

    `fast` starts sooner and compiles less: for functional tests. Without it vector instructions
    are used: for measuring. `settings` are the node's own, e.g. `{"indices.fielddata...": "..."}`,
    and win over those given here.
    """

    name = "elasticsearch"

    def __init__(
        self,
        *,
        heap: str = "384m",
        fast: bool = True,
        cluster: str | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self.heap = heap
        self.fast = fast
        self.cluster = cluster
        self.settings = dict(settings or {})
        super().__init__()

    def locate(self) -> None:
        self._build = elastic_build.ensure()

    def prepare(self) -> None:
        for name in ("tmp", "repo"):
            (self.folder / name).mkdir()

    def environment(self) -> Mapping[str, str]:
        return {k: v for k, v in os.environ.items() if k != "JDK_JAVA_OPTIONS"}

    def machine_options(self) -> list[str]:
        """Those of the virtual machine on which fast and measuring mode differ."""
        if not self.fast:
            return [
                "-XX:+UseG1GC",
                "--add-modules=jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
            ]
        archived = f"-XX:SharedArchiveFile={archive(self._build)}"
        return [*FAST, archived, "-Xshare:auto"]

    def command(self) -> Sequence[str]:
        settings = {
            "path.home": self._build.home,
            "path.data": self.data,
            "path.logs": self.folder / "logs",
            "path.repo": self.folder / "repo",
            "cluster.name": self.cluster or f"hirelens{self.port}",
            "node.name": f"node{self.port}",
            "http.port": self.port,
            "transport.port": self.reserve("transport"),
            **SHARED_BY_ALL,
            **({} if self.cluster else {"discovery.type": "single-node"}),
            **self.settings,
        }
        return [
            str(self._build.jdk / "bin" / "java"),
            f"-Xms{self.heap}",
            f"-Xmx{self.heap}",
            *self.machine_options(),
            "-XX:+ExitOnOutOfMemoryError",
            "-XX:-UsePerfData",  # no file that outlives a killed node
            f"-Des.nativelibs.path={self._build.natives}",
            "-Dorg.elasticsearch.nativeaccess.enableVectorLibrary=false",  # not published
            f"-Djava.io.tmpdir={self.folder / 'tmp'}",
            "-Djava.awt.headless=true",
            "-Dio.netty.noUnsafe=true",
            "-Dio.netty.noKeySetOptimization=true",
            "-Dio.netty.recycler.maxCapacityPerThread=0",
            "-Dlog4j.shutdownHookEnabled=false",
            "-Dlog4j2.disable.jmx=true",
            "-cp",
            self._build.class_path,
            "testnode.Main",
            *(f"{name}={value}" for name, value in settings.items()),
        ]

    def check(self) -> None:
        self.request("GET", "/_cluster/health?wait_for_status=yellow&timeout=2s&master_timeout=2s")

    def wait_for(self, status: str, *, nodes: int = 1, timeout: float = START_TIMEOUT) -> None:
        """Return once the cluster is green or yellow, as asked, and has exactly so many nodes."""
        wait = f"wait_for_status={status}&wait_for_nodes={nodes}&timeout={timeout:g}s"
        self.request("GET", f"/_cluster/health?{wait}", timeout=timeout + 10)

    def request(self, method: str, path: str, body: Any = None, timeout: float = 30.0) -> Any:
        """One request without a client; raises `urllib.error.HTTPError` for a refusal."""
        request = urllib.request.Request(
            self.url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def transport(self) -> str:
        """Where other nodes find this one."""
        return f"127.0.0.1:{self.reserve('transport')}"

    def fresh_prefix(self) -> str:
        """A beginning for index names that no other test of this node has."""
        return f"fresh{next(self.numbers)}"

    def fresh_database(self) -> str:
        """The fresh prefix: there are no databases here, and one node serves all tests."""
        return self.fresh_prefix()

    def remove(self, prefix: str) -> None:
        """Remove all indices of a prefix, with their aliases."""
        pattern = f"/{prefix}-*"
        found = self.request("GET", f"{pattern}/_settings?flat_settings=true&expand_wildcards=all")
        for name in found:
            self.request("DELETE", f"/{name}")


class _Training(Elasticsearch):
    """A node that writes the classes it has loaded into an archive as it ends."""

    def __init__(self, target: Path) -> None:
        self._target = target
        super().__init__()

    def machine_options(self) -> list[str]:
        return [*FAST, f"-XX:ArchiveClassesAtExit={self._target}"]

    def run(self) -> None:
        """Use what the tests use, then end in order."""
        mapping = {
            "word": {"type": "keyword"},
            "text": {"type": "text"},
            "number": {"type": "long"},
            "vector": {"type": "dense_vector", "dims": 2, "index": True, "similarity": "cosine"},
        }
        document = {"word": "a", "text": "a b", "number": 1, "vector": [0.6, 0.8]}
        knn = {"field": "vector", "query_vector": [0.6, 0.8], "k": 1, "num_candidates": 5}
        self.request("PUT", "/trained", {"mappings": {"properties": mapping}})
        self.request("PUT", "/trained/_doc/1?refresh=true", document)
        self.request("POST", "/trained/_search", {"query": {"match": {"text": "a"}}})
        self.request("POST", "/trained/_search", {"knn": knn})
        self.request("DELETE", "/trained")
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(START_TIMEOUT)
        if not self._target.exists():
            raise self._failure("wrote no archive of classes")


def built() -> Build:
    """The node with its archive, made if they are not there."""
    build = elastic_build.ensure()
    archive(build)
    return build


def archive(build: Build) -> Path:
    """The archive of loaded classes for this build and JDK, made at the first call (10 s)."""
    version = elastic_build.java_version(build.jdk)
    path = build.folder / f"classes-{version}.jsa"
    if not path.exists():
        with elastic_build.locked(build.folder.name):
            if not path.exists():
                part = path.with_suffix(".part")
                part.unlink(missing_ok=True)
                with _Training(part) as node:
                    node.run()
                part.rename(path)
    return path


@contextmanager
def elasticsearch_pair(**options: Any) -> Iterator[tuple[Elasticsearch, Elasticsearch]]:
    """Two nodes of one cluster, green; `options` are those of `Elasticsearch`.

    The first is the master and the only node that can be: without it the second answers reads but
    takes no writes, while the first goes on without the second.
    """
    given = dict(options.pop("settings", None) or {})
    first = Elasticsearch(**options)
    try:
        cluster = f"hirelens{first.port}"
        second = Elasticsearch(**options)
        for node, own in (
            (first, {"cluster.initial_master_nodes": f"node{first.port}"}),
            (second, {"node.roles": "data"}),
        ):
            node.cluster = cluster
            node.settings = {"discovery.seed_hosts": first.transport, **own, **given}
        with first, second:
            first.wait_for("green", nodes=2)
            yield first, second
    finally:
        first.stop()
