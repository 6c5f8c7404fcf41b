"""The Elasticsearch node for tests: two in a cluster, prefixes, and the build in the cache."""

import subprocess
import sys
import urllib.error
from collections.abc import Callable
from pathlib import Path

import pytest

from services import Elasticsearch, Missing, elastic_build, elasticsearch_pair
from services.fixtures import fresh, obtain


def indices(node: Elasticsearch, prefix: str) -> list[str]:
    found = node.request("GET", f"/{prefix}-*/_settings?expand_wildcards=all")
    return sorted(found)


@pytest.mark.service
def test_a_pair_goes_on_without_the_second_and_heals() -> None:
    obtain(Elasticsearch).stop()  # skipped where it is absent
    with elasticsearch_pair() as (first, second):
        assert (
            first.request("GET", "/")["cluster_uuid"] == second.request("GET", "/")["cluster_uuid"]
        )
        first.request("PUT", "/kept", {"settings": {"number_of_replicas": 1}})
        first.wait_for("green", nodes=2)
        second.request("PUT", "/kept/_doc/1?refresh=true", {"word": "before"})

        second.kill9()
        first.request("PUT", "/kept/_doc/2?refresh=true", {"word": "between"})
        first.wait_for("yellow", nodes=1)
        second.start()
        first.wait_for("green", nodes=2)

        first.kill9()
        assert second.request("GET", "/kept/_count")["count"] == 2
        with pytest.raises(urllib.error.HTTPError, match="503"):
            second.request("PUT", "/kept/_doc/3?timeout=1s", {"word": "nobody decides"})
        first.start()
        first.wait_for("green", nodes=2)
        assert first.request("GET", "/kept/_count")["count"] == 2
    assert not first.folder.exists()
    assert not second.folder.exists()


def test_each_prefix_is_empty_and_can_be_removed(
    elasticsearch: Elasticsearch, fresh_prefix: Callable[[], str]
) -> None:
    one, other = fresh_prefix(), fresh_prefix()
    assert indices(elasticsearch, one) == indices(elasticsearch, other) == []
    for prefix in (one, other):
        elasticsearch.request("PUT", f"/{prefix}-posts-1", {"aliases": {f"{prefix}-posts": {}}})
    elasticsearch.remove(one)
    assert indices(elasticsearch, one) == []
    assert indices(elasticsearch, other) == [f"{other}-posts-1"]


def test_settings_reach_the_node(elasticsearch: Elasticsearch) -> None:
    with Elasticsearch(heap="300m", settings={"http.max_content_length": "1mb"}) as node:
        assert node.port != elasticsearch.port
        info = node.request("GET", "/_nodes/_local/jvm,settings?flat_settings=true")
        (found,) = info["nodes"].values()
        assert found["settings"]["http.max_content_length"] == "1mb"
        assert "-Xmx300m" in found["jvm"]["input_arguments"]
        assert "-XX:TieredStopAtLevel=1" in found["jvm"]["input_arguments"]


def test_a_node_for_measuring_uses_vector_instructions(elasticsearch: Elasticsearch) -> None:
    refusal = "Java vector incubator module is not readable"
    assert refusal in elasticsearch.log.read_text()
    with Elasticsearch(fast=False) as node:
        assert refusal not in node.log.read_text()
        assert "Java vector incubator API enabled" in node.log.read_text()


def test_a_node_that_a_test_left_paused_comes_back(elasticsearch: Elasticsearch) -> None:
    elasticsearch.pause()
    assert fresh(elasticsearch) != fresh(elasticsearch)
    elasticsearch.check()


def jdk(folder: Path, version: str) -> Path:
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "javac").touch(mode=0o755)
    (folder / "release").write_text(f'IMPLEMENTOR="x"\nJAVA_VERSION="{version}"\n')
    return folder


def test_the_newest_jdk_is_taken_and_an_old_one_never(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(elastic_build, "JDKS", tmp_path / "jvm")
    monkeypatch.setenv("PATH", str(jdk(tmp_path / "path", "17.0.15") / "bin"))
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "path"))
    jdk(tmp_path / "jvm" / "eight", "1.8.0")
    with pytest.raises(Missing, match="no JDK 21 or newer"):
        elastic_build.find_jdk()
    jdk(tmp_path / "jvm" / "a", "21.0.2")
    newest = jdk(tmp_path / "jvm" / "b", "25.0.3")
    jdk(tmp_path / "jvm" / "runtime", "26").joinpath("bin", "javac").unlink()
    assert elastic_build.find_jdk() == newest
    asked = jdk(tmp_path / "asked", "21.0.9")
    monkeypatch.setenv("JAVA_HOME", str(asked))
    assert elastic_build.find_jdk() == asked


MAVEN = """#!/bin/sh
echo called >> {calls}
sleep 0.3
{then}
mkdir -p target/node/lib && touch target/node/lib/one.jar
"""


@pytest.fixture
def maven(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], Path]:
    """Puts a program in Maven's place; what it gives is the file of its calls."""
    monkeypatch.setenv("JAVA_HOME", str(jdk(tmp_path / "jdk", "25.0.3")))
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def install(then: str = "") -> Path:
        (tmp_path / "bin").mkdir()
        program = tmp_path / "bin" / "mvn"
        program.write_text(MAVEN.format(calls=tmp_path / "calls", then=then))
        program.chmod(0o755)
        return tmp_path / "calls"

    return install


def test_builds_at_the_same_time_call_maven_once(maven: Callable[[str], Path]) -> None:
    calls = maven("")
    code = "from services import elastic_build; print(elastic_build.ensure().folder)"
    command = [sys.executable, "-c", code]
    folder = Path(__file__).parents[1]
    running = [subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE) for _ in range(4)]
    printed = {process.communicate(timeout=60)[0] for process in running}
    assert printed == {f"{elastic_build.ensure().folder}\n".encode()}
    assert calls.read_text() == "called\n"
    assert [jar.name for jar in elastic_build.ensure().home.rglob("*.jar")] == ["one.jar"]


def test_a_failed_build_says_why_and_leaves_nothing(maven: Callable[[str], Path]) -> None:
    maven("echo no such artifact; exit 3")
    with pytest.raises(Missing, match=r"ended with 3:\nno such artifact"):
        elastic_build.ensure()
    assert [path.suffix for path in elastic_build.cache().iterdir()] == [".lock"]


def test_the_digest_follows_the_sources(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(elastic_build, "SOURCES", tmp_path)
    (tmp_path / "src").mkdir()
    (tmp_path / "pom.xml").write_text("one")
    (tmp_path / "README.md").write_text("one")
    before = elastic_build.digest()
    (tmp_path / "README.md").write_text("two")
    assert elastic_build.digest() == before
    (tmp_path / "src" / "Main.java").write_text("one")
    assert elastic_build.digest() != before
