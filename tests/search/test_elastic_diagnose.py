"""What doctor says of a cluster, from answers as servers of several kinds give them."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import MappingProxyType
from typing import Any

import pytest

from search.elastic import findings, index_findings
from search.elastic.client import connect
from search.elastic.config import ElasticConfig
from search.elastic.diagnose import diagnose, explained, merged
from search.elastic.findings import Diagnosis
from search.elastic.generations import Described
from search.elastic.roles import generation_of
from search.elastic.watermarks import Disk, watermarks
from search.schema import META, mapping, settings

GB = 1 << 30
CONFIG = ElasticConfig(("http://name:secret@127.0.0.1:9",), "site", replicas=0)
NAME = "site-posts-2026.11.30-1"
READ, WRITE, STANDBY = CONFIG.read_alias, CONFIG.write_alias, CONFIG.standby_alias


def answer(*aliases: str, space: str = "space-a", found: Any = None) -> dict[str, Any]:
    """One index as ``GET index`` describes it."""
    index = {"uuid": "u", "creation_date": "1000", **settings(1, 0)["index"]}
    return {
        "aliases": {alias: {} for alias in aliases},
        "mappings": found or mapping(space, 8),
        "settings": {"index": index},
    }


def described(
    name: str, *aliases: str, space: str = "space-a", served: bool = True, found: Any = None
) -> Described:
    given = answer(*aliases, space=space, found=found)
    generation = generation_of(name, given)
    role: Any = "none"
    if WRITE in aliases:
        role = "current"
    elif STANDBY in aliases:
        role = "standby"
    ours = given["mappings"].get("_meta", {}).get(META, {})
    return Described(generation, role, None, served, ours.get("format"), 0, given["mappings"])


@pytest.mark.parametrize(
    ("number", "level"),
    [
        ("8.19.2", "error"),
        ("9.2.9", "error"),
        ("9.3.0", "ok"),
        ("10.1.0", "ok"),
        ("?", "warning"),
    ],
)
def test_versions(number: str, level: str) -> None:
    assert findings.version(number).level == level


def test_a_slow_answer_is_a_warning() -> None:
    assert findings.reachable("host:9200", 0.004) == Diagnosis(
        "reachable", "ok", "host:9200 answers in 4 ms"
    )
    assert findings.reachable("host:9200", 2.0).level == "warning"


def test_privileges_that_lack_are_named() -> None:
    given = {"index": {"a": {"read": True, "write": False}, "b": {"read": True, "write": True}}}
    one = findings.privileges(given)
    assert (one.level, "write" in one.text, "read" in one.text) == ("error", True, False)
    assert findings.privileges({"index": {"a": {"read": True}}}).level == "ok"


DEFAULTS = {
    "threshold_enabled": "true",
    "watermark": {
        "low": "85%",
        "high": "90%",
        "flood_stage": "95%",
        "low.max_headroom": "200GB",
        "high.max_headroom": "150GB",
        "flood_stage.max_headroom": "100GB",
    },
}


@pytest.mark.parametrize(
    ("total", "free", "level", "text"),
    [
        (100, 50, "ok", "GB are free"),
        (100, 16, "warning", "close to the low"),
        (100, 14, "warning", "over the low"),
        (100, 9, "error", "over the high"),
        (100, 4, "error", "over the flood stage"),
        # Large disks: the headroom, not the share, is what must stay free.
        (10_000, 250, "ok", "GB are free"),
        (10_000, 190, "warning", "over the low"),
        (10_000, 140, "error", "over the high"),
        (10_000, 90, "error", "over the flood stage"),
    ],
)
def test_disks_against_the_defaults(total: int, free: int, level: str, text: str) -> None:
    nodes = [Disk("empty", 10_000 * GB, 9_000 * GB), Disk("full", total * GB, free * GB)]
    one = findings.disks(nodes, watermarks(DEFAULTS))
    assert (one.level, text in one.text) == (level, True), one
    assert one.text.startswith("full: ")


def test_the_fullest_node_is_named() -> None:
    nodes = [Disk("a", 100 * GB, 60 * GB), Disk("b", 100 * GB, 20 * GB)]
    assert findings.disks(nodes, watermarks(DEFAULTS)).text.startswith("b: 21.5 GB of 107.4 GB")
    assert findings.disks([], watermarks(DEFAULTS)).level == "ok"


def test_watermarks_as_sizes_and_ratios_and_switched_off() -> None:
    sizes = {"watermark": {"low": "30gb", "high": "20gb", "flood_stage": "0.99"}}
    marks = watermarks(sizes)
    assert marks.low.free_needed(1000 * GB) == 30 * GB
    assert marks.flood.free_needed(1000 * GB) == pytest.approx(10 * GB)
    assert findings.disks([Disk("a", 100 * GB, 25 * GB)], marks).level == "warning"
    off = watermarks({"threshold_enabled": "false", **sizes})
    assert findings.disks([Disk("a", 100 * GB, 2 * GB)], off).level == "ok"
    full = findings.disks([Disk("a", 100 * GB, 1)], off)
    assert (full.level, "it is full" in full.text) == ("error", True)


def test_blocks_name_the_setting_that_lifts_them() -> None:
    assert findings.blocks({"read_only": "false"}, {"i": {"write": "false"}}).level == "ok"
    whole = findings.blocks({"read_only": "true"}, {})
    assert '"cluster.blocks.read_only":null' in whole.remedy
    flooded = findings.blocks({}, {"i": {"read_only_allow_delete": "true"}})
    assert "flood stage" in flooded.text
    assert "by itself" in flooded.remedy
    one = findings.blocks({}, {"i": {}, "j": {"write": "true"}})
    assert one.remedy == 'lift it: PUT /j/_settings {"index.blocks.write":false}'


def test_health_says_why_and_what_helps() -> None:
    assert findings.health("green", 0, "", 1, 0).level == "ok"
    assert "HIRELENS_INDEX_REPLICAS=1" in findings.health("yellow", 1, "x", 1, 1).remedy
    assert "heals by itself" in findings.health("yellow", 1, "x", 3, 1).remedy
    red = findings.health("red", 1, "no node has it", 2, 1)
    assert (red.level, "no node has it" in red.text) == ("error", True)


def test_an_allocation_is_explained_by_the_decider_that_refuses() -> None:
    deciders = [
        {"decider": "filter", "decision": "YES", "explanation": "fine"},
        {"decider": "same_shard", "decision": "NO", "explanation": "a copy is here [[x][0], long]"},
    ]
    told = explained({"node_allocation_decisions": [{"deciders": deciders}]})
    assert told == "same_shard: a copy is here"
    assert explained({"unassigned_info": {"reason": "NODE_LEFT"}}) == "NODE_LEFT"


def test_settings_of_three_layers_are_merged() -> None:
    under = {"a": {"b": 1, "c": 2}, "d": 3}
    assert merged(under, {"a": {"b": 5}, "e": 4}) == {"a": {"b": 5, "c": 2}, "d": 3, "e": 4}


def test_roles_as_they_should_be() -> None:
    one = index_findings.roles([described(NAME, READ, WRITE)], CONFIG)
    assert one == Diagnosis("roles", "ok", f"current {NAME}, no standby")
    pair = [described(NAME, READ, WRITE), described("site-posts-b", STANDBY)]
    assert index_findings.roles(pair, CONFIG).text.endswith("standby site-posts-b")
    idle = [*pair, described("site-posts-old")]
    told = index_findings.roles(idle, CONFIG)
    assert (told.level, told.remedy) == ("warning", "drop them: hirelens index drop site-posts-old")


def test_roles_that_are_missing_doubled_or_squatted() -> None:
    assert "hirelens index create" in index_findings.roles([], CONFIG).remedy
    squatter = index_findings.roles([described(WRITE, found={})], CONFIG)
    assert (squatter.level, "must be an alias" in squatter.text) == ("error", True)
    doubled = index_findings.roles(
        [described(NAME, READ, WRITE), described("site-posts-b", WRITE)], CONFIG
    )
    assert NAME in doubled.text
    assert "site-posts-b" in doubled.text
    sent = json.loads(doubled.remedy.split("/_aliases ")[1])
    assert sent == {"actions": [{"remove": {"index": "site-posts-b", "alias": WRITE}}]}
    standbys = [described(n, STANDBY) for n in ("site-posts-b", "site-posts-c")]
    doubled = index_findings.roles([described(NAME, READ, WRITE), *standbys], CONFIG)
    sent = json.loads(doubled.remedy.split("/_aliases ")[1])
    assert sent == {"actions": [{"remove": {"index": "site-posts-b", "alias": STANDBY}}]}


def test_differences_of_a_mapping_are_named_by_field() -> None:
    assert index_findings.mapping(described(NAME, READ, WRITE)).level == "ok"
    wrong = mapping("space-a", 8)
    wrong["dynamic"] = "true"
    wrong["properties"] = {**wrong["properties"], "version": {"type": "keyword"}}
    del wrong["properties"]["recipe"]
    one = index_findings.mapping(described(NAME, READ, WRITE, found=wrong))
    assert one.level == "error"
    for text in ("version", "recipe is missing", "dynamic is not strict"):
        assert text in one.text


def test_settings_that_differ_are_named() -> None:
    index = settings(1, 0)["index"]
    assert index_findings.stated(NAME, index, CONFIG).level == "ok"
    changed = {**index, "refresh_interval": "-1", "number_of_replicas": "2", "mapping": {}}
    one = index_findings.stated(NAME, changed, CONFIG)
    assert "mapping.total_fields.limit is None, not 100" in one.text
    assert "refresh_interval is -1, not 1s" in one.text
    assert "number_of_replicas is 2, not 0" in one.text


def test_the_vector_space_against_the_model() -> None:
    current = described(NAME, READ, WRITE)
    assert index_findings.space(current, None, "space-a").level == "ok"
    other = index_findings.space(current, None, "space-b")
    assert (other.level, "hirelens index create" in other.remedy) == ("error", True)
    ready = described("site-posts-b", STANDBY, space="space-b")
    assert "hirelens index switch" in index_findings.space(current, ready, "space-b").remedy


def test_a_standby_that_is_kept_too_long_is_told() -> None:
    one = described("site-posts-b", STANDBY)
    assert index_findings.standby(one, 6 * 86_400_000).level == "ok"
    assert "hirelens index drop site-posts-b" in index_findings.standby(one, 8 * 86_400_000).remedy
    assert "being built" in index_findings.standby(described("x", STANDBY, served=False), 0).text
    # One that has served for a year and was left yesterday is what a roll-back needs.
    day = 86_400_000
    left = replace(one, left_at=365 * day)
    assert index_findings.standby(left, 366 * day).level == "ok"
    assert index_findings.standby(left, 373 * day).level == "warning"


Answers = Mapping[str, tuple[int, Any]]


class Stub(ThreadingHTTPServer):
    """Answers as it is told: by the beginning of the path; everything else is 403."""

    answers: Answers = MappingProxyType({})
    delay_s = 0.0

    def handle_error(self, *_: Any) -> None:
        """A client that has gone away in between is no news."""


class _Handler(BaseHTTPRequestHandler):
    server: Stub

    def _answer(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        self.rfile.read(length)
        time.sleep(self.server.delay_s)
        found = (v for path, v in self.server.answers.items() if self.path.startswith(path))
        refused = {"error": {"type": "security_exception", "reason": "unauthorized"}}
        status, body = next(found, (403, refused))
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("X-Elastic-Product", "Elasticsearch")
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = _answer  # noqa: N815 - the library's names

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def stub() -> Iterator[Stub]:
    with Stub(("127.0.0.1", 0), _Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def look(stub: Stub, answers: Answers, timeout_s: float = 5.0) -> dict[str, Diagnosis]:
    stub.answers = answers
    url = f"http://name:secret@127.0.0.1:{stub.server_port}"
    config = ElasticConfig((url,), "site", replicas=0, timeout_s=timeout_s, retries=0)
    with connect(config) as client:
        found = diagnose(client, config, "space-a")
    assert all("secret" not in one.text + one.remedy for one in found)
    return {one.kind: one for one in found}


def test_refused_credentials_are_one_finding(stub: Stub) -> None:
    wrong = {"error": {"type": "security_exception", "reason": "unable to authenticate"}}
    found = look(stub, {"/": (401, wrong)})
    assert list(found) == ["reachable"]
    assert found["reachable"].level == "error"
    assert "HIRELENS_INDEX_API_KEY" in found["reachable"].remedy


def test_a_key_that_may_only_use_its_indices_is_enough(stub: Stub) -> None:
    index = answer(READ, WRITE)
    found = look(
        stub,
        {
            "/_security": (200, {"index": {"site-posts*": {"read": True, "write": True}}}),
            f"/{NAME}/_settings": (200, {NAME: {"settings": index["settings"]}}),
            "/site-posts": (200, {NAME: index}),
        },
    )
    assert {one.level for one in found.values()} == {"ok"}
    for kind in ("version", "disk", "health"):
        assert "monitor" in found[kind].text
    assert found["blocks"].text == "none"
    assert found["roles"].text.startswith(f"current {NAME}")


def test_nothing_is_said_of_the_vectors_of_an_index_that_is_not_ours(stub: Stub) -> None:
    strange = answer(READ, WRITE, found={"properties": {}})
    found = look(stub, {"/site-posts": (200, {"strange": strange})})
    assert found["roles"].level == found["mapping"].level == "error"
    assert "hirelens index switch --force" in found["roles"].remedy
    assert "vector_space" not in found


def test_an_old_server_and_a_lacking_privilege_are_told(stub: Stub) -> None:
    found = look(
        stub,
        {
            "/_security": (200, {"index": {"site-posts*": {"read": True, "write": False}}}),
            "/site-posts": (200, {}),
            "/_": (200, {}),
            "/": (200, {"version": {"number": "8.15.0"}}),
        },
    )
    assert "too old" in found["version"].text
    assert "write" in found["privileges"].text
    assert found["roles"].level == "error"


def test_a_server_that_is_too_slow_is_told(stub: Stub) -> None:
    stub.delay_s = 1.0
    found = look(stub, {}, timeout_s=0.2)
    assert list(found) == ["reachable"]
    assert "gave no answer in 0.2 s" in found["reachable"].text
