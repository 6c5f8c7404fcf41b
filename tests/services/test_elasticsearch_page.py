"""What docs/elasticsearch.md tells other teams is true on a real node and for this code."""

from __future__ import annotations

import ast
import contextlib
import io
import json
import math
import shlex
import urllib.error
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import search.elastic
from hirelens.cli import cli
from hirelens.settings import Settings
from hirelens.wiring import Workplace
from search.elastic.client import connect
from search.elastic.config import ElasticConfig
from search.elastic.findings import OLDEST, PRIVILEGES
from search.elastic.generations import Generations, Plan
from search.elastic.index import ElasticIndex
from search.index import Outcome
from search.schema import mapping, vector_field
from services.elastic import Elasticsearch
from services.fixtures import fresh
from tests.services import elasticsearch_page as page


@dataclass
class Node:
    """The node with the page's posts in it; remembers the last point in time."""

    server: Elasticsearch
    config: ElasticConfig
    generation: str
    pit: str = ""

    def ask(self, method: str, path: str, body: Any) -> Any:
        """Send one request of the page, with the names of this test in it."""
        sent = None if body is None else json.loads(self._named(json.dumps(body)))
        try:
            answer = self.server.request(method, "/" + self._named(path), sent)
        except urllib.error.HTTPError as refusal:
            answer = json.loads(refusal.read())
        self.pit = answer.get("pit_id") or answer.get("id") or self.pit
        return json.loads(json.dumps(answer).replace(self.config.prefix + "-", "hirelens-"))

    def _named(self, text: str) -> str:
        return text.replace("hirelens-", self.config.prefix + "-").replace("PIT", self.pit)


@pytest.fixture(scope="module")
def node(elasticsearch: Elasticsearch) -> Iterator[Node]:
    prefix = fresh(elasticsearch)
    config = ElasticConfig((elasticsearch.url,), prefix, replicas=0, immediate=True)
    generations = Generations(connect(config), config)
    made = generations.create(Plan(page.SPACE, None, shards=1, replicas=0), date(2026, 11, 30))
    generations.close()
    index = ElasticIndex(config, page.SPACE)
    assert {one.outcome for one in index.write(page.documents())} == {Outcome.OK}
    index.close()
    yield Node(elasticsearch, config, made.name.replace(f"{prefix}-", "hirelens-"))
    elasticsearch.remove(prefix)


def test_each_request_finds_what_the_page_says(node: Node) -> None:
    """One test: a page of an answer needs the point in time of the request before it."""
    wanted = page.requests()
    assert len(wanted) > 15
    wrong = [told for request in wanted if (told := problem(node, request))]
    assert not wrong, "\n".join(wrong)


def problem(node: Node, request: page.Request) -> str:
    answer = node.ask(request.method, request.path, request.body)
    where = f"line {request.line}: {request.method} {request.path}"
    if request.finds is None:
        return "" if page.contains(answer, request.answer) else f"{where} answers {shown(answer)}"
    if "hits" not in answer:
        return f"{where} answers {shown(answer)}"
    found = [hit["_id"] for hit in answer["hits"]["hits"]]
    if not {"sort", "knn"} & request.body.keys():
        return "" if sorted(found) == sorted(request.finds) else f"{where} finds {found}"
    return "" if found == list(request.finds) else f"{where} finds {found}"


def shown(answer: Any) -> str:
    return json.dumps(answer, ensure_ascii=False)


def test_what_was_found_about_queries_still_holds(node: Node) -> None:
    near = {"query_vector": [1, 0, 0], "k": 2, "num_candidates": 10}
    field = vector_field(page.SPACE)

    def ids(body: Any) -> list[str]:
        return [
            hit["_id"] for hit in node.ask("POST", "hirelens-posts/_search", body)["hits"]["hits"]
        ]

    def refused(body: Any) -> bool:
        return bool(node.ask("POST", "hirelens-posts/_search", body).get("status") == 400)

    shanghai = {"term": {"filter.city": "上海"}}
    assert ids({"knn": {"field": "match.vector_000000000000", **near}}) == []
    assert refused({"knn": {"field": field, **near, "query_vector": [1, 0]}})
    assert refused({"knn": {"field": field, **near, "k": 11}})
    assert ids({"knn": {"field": field, **near}, "post_filter": shanghai}) == []
    assert len(ids({"knn": {"field": field, **near, "filter": shanghai}})) == 2
    rider = [
        "rider-cs" in ids({"knn": {"field": field, **near, "k": 10, "similarity": floor}})
        for floor in (0.79, 0.81)
    ]
    assert rider == [True, False]
    crossing = [
        ids({"query": {"match_phrase": {"match.text_chars": {"query": "生 负", "slop": slop}}}})
        for slop in (99, 100)
    ]
    assert crossing == [[], ["waiter-bj"]]
    assert ids({"query": {"match": {"display.title": "招保安"}}}) == []
    assert refused({"query": {"term": {"digest": "x"}}})
    assert refused({"retriever": {"rrf": {"retrievers": []}}})


def test_the_table_of_fields_is_the_mapping() -> None:
    told = {name: row[1] for row in page.table("field") for name in page.names(row[0])}
    assert told == dict(fields(mapping(page.SPACE)["properties"]))


def fields(properties: Any, path: str = "") -> Iterator[tuple[str, str]]:
    for name, described in properties.items():
        if "properties" in described:
            yield from fields(described["properties"], f"{path}{name}.")
        else:
            yield path + name, described["type"]


def test_the_table_names_what_debug_holds() -> None:
    (told,) = [row[2] for row in page.table("field") if row[0] == "`debug`"]
    for document in page.documents():
        if document.state == "open":
            assert (document.debug or {}).keys() == set(page.names(told))


def test_aliases_are_those_of_the_code(node: Node) -> None:
    config = ElasticConfig(())
    read, write, standby, generation = (page.names(row[0])[0] for row in page.table("name"))
    assert (read, write, standby) == (config.read_alias, config.write_alias, config.standby_alias)
    assert generation == node.generation


def test_snippets_print_what_the_page_says() -> None:
    snippets = [
        (block, following)
        for block, following in pairwise(page.blocks())
        if (block.language, following.language) == ("python", "text")
    ]
    assert len(snippets) == 3
    for block, following in snippets:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(block.text, {})
        assert printed.getvalue() == following.text, f"line {block.line}"


@pytest.mark.model
def test_the_vector_of_a_query_is_of_the_space_that_an_index_is_made_for(tmp_path: Path) -> None:
    (snippet,) = [block for block in page.of("python") if "encode_query" in block.text]
    known: dict[str, Any] = {}
    exec(snippet.text, known)
    assert len(known["vector"]) == known["enricher"].vector_length
    assert math.hypot(*known["vector"]) == pytest.approx(1.0, abs=1e-5)
    assert known["space"] == Workplace(Settings(home=tmp_path)).vector_space


def test_evidence_is_marked_in_the_original(node: Node) -> None:
    (snippet,) = [block for block in page.of("python") if "def marked" in block.text]
    known: dict[str, Any] = {}
    exec(snippet.text, known)
    (request,) = [one for one in page.requests() if "debug.mentions" in json.dumps(one.body)]
    (hit,) = node.ask(request.method, request.path, request.body)["hits"]["hits"]
    assert known["marked"](hit["_source"], "title") == "招<b>送餐员</b> 月入过万"
    assert known["marked"](hit["_source"], "body").startswith("服务员不如<b>送餐员</b>，")


def test_the_command_prints_the_tokens(node: Node, tmp_path: Path) -> None:
    (shown,) = page.of("sh")
    name, *arguments = shlex.split(shown.text)
    assert name == "hirelens"
    environment = {
        "HIRELENS_HOME": str(tmp_path),
        "HIRELENS_INDEX": "elasticsearch",
        "HIRELENS_INDEX_URL": node.server.url,
        "HIRELENS_INDEX_PREFIX": node.config.prefix,
    }
    result = CliRunner(env=environment).invoke(cli, arguments)
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout)
    assert [hit["id"] for hit in answer["hits"]] == ["rider-cs"]
    assert [part["phrase"]["tokens"] for part in answer["parts"]] == [list("送餐员"), list("包住")]
    assert answer["parts"][0]["positions"] == ["rider"]


def test_settings_and_defaults_are_those_of_the_code() -> None:
    told = {page.names(row[0])[0]: "".join(page.names(row[1])) for row in page.table("setting")}
    known = {
        f"HIRELENS_{name.upper()}": "" if one.default is None else str(one.default)
        for name, one in Settings.model_fields.items()
        if name.startswith("index_")
    }
    assert told == known


def test_the_oldest_server_is_that_of_the_code() -> None:
    assert f"Elasticsearch {'.'.join(map(str, OLDEST))} or newer" in page.PAGE


def roles() -> dict[str, Any]:
    """The bodies of the page's requests to the security API, by the last part of their path."""
    return {
        head.rpartition("/")[2].removeprefix("hirelens-"): json.loads(body)
        for head, _, body in (block.text.partition("\n") for block in page.of("console"))
        if "_security/" in head
    }


def test_roles_cover_the_names_and_nothing_else() -> None:
    config = ElasticConfig(())
    found = roles()
    assert found.keys() == {"search", "worker", "operator"}
    for role in found.values():
        (indices,) = role["indices"]
        assert indices["names"] == [config.read_alias, config.pattern]
    assert found["worker"]["indices"][0]["privileges"] == list(PRIVILEGES)


def test_each_call_of_the_code_is_in_the_table_and_allowed_to_who_makes_it() -> None:
    rows = page.table("call")
    assert sorted(name for row in rows for name in page.names(row[0])) == sorted(calls())
    for row in rows:
        privilege = row[4]
        for who, mark in zip(("search", "worker", "operator"), row[1:4], strict=True):
            if mark and privilege != "none":
                kind = "cluster" if privilege.startswith("cluster") else "index"
                assert page.names(privilege)[0] in granted(who, kind), (who, row[0])


def granted(who: str, kind: str) -> set[str]:
    role = roles()[who]
    if kind == "cluster":
        return set(role.get("cluster", ()))
    given = set(role["indices"][0]["privileges"])
    # As documented: managing an index includes looking at it and looking after it.
    more = {"monitor", "view_index_metadata", "maintenance"} if "manage" in given else set()
    return given | more


def calls() -> set[str]:
    """What search/elastic asks the client for: its methods, and requests that it spells out."""
    found: set[str] = set()
    for path in Path(search.elastic.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                found |= {name for name in (method(node), spelt(node)) if name}
    return found - {"close", "options", "perform_request"}


def method(call: ast.Call) -> str | None:
    """``indices.get`` of ``self._client.indices.get(…)``; None where it is no client's."""
    path = ast.unparse(call.func).split(".")
    places = [n for n, name in enumerate(path) if name in {"client", "_client", "_once"}]
    return ".".join(path[places[0] + 1 :]) or None if places else None


def spelt(call: ast.Call) -> str | None:
    """``GET _settings`` of a call with a method and a path, which may have names in it."""
    if len(call.args) < 2 or not isinstance(call.args[0], ast.Constant):
        return None
    verb, path = call.args[0].value, call.args[1]
    if verb not in {"GET", "POST", "PUT", "DELETE", "HEAD"}:
        return None
    parts = path.values if isinstance(path, ast.JoinedStr) else [path]
    text = "".join(part.value if isinstance(part, ast.Constant) else "*" for part in parts)
    return f"{verb} {'/'.join(part for part in text.split('/') if part not in {'', '*'})}"
