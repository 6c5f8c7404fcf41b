"""``hirelens index``: generations from the command line, on a real node."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from services import Elasticsearch
from verbs_support import ok, write_lines

from hirelens.cli import cli
from hirelens.gate import Gate
from hirelens.generations import Stage
from search.elastic.generations import GenerationError

Call = Callable[..., Result]
MORE = {"id": "p4", "title": "招保安", "body": "包住，月薪3500元。", "city": "重庆"}


@pytest.fixture
def other_towers(towers: Path, tmp_path: Path) -> Path:
    """Towers whose vectors are of another space."""
    folder = tmp_path / "other"
    shutil.copytree(towers, folder)
    path = folder / "config.json"
    path.write_text(path.read_text("utf-8").replace('"tokens": 32', '"tokens": 31'), "utf-8")
    (folder / "names.npz").unlink()
    return folder


@pytest.fixture
def elastic(
    call: Call,
    elasticsearch: Elasticsearch,
    fresh_prefix: Callable[[], str],
    monkeypatch: pytest.MonkeyPatch,
) -> Call:
    """The command line over a node; nobody else writes, so that nobody is waited for."""
    monkeypatch.setenv("HIRELENS_INDEX", "elasticsearch")
    monkeypatch.setenv("HIRELENS_INDEX_URL", elasticsearch.url)
    monkeypatch.setenv("HIRELENS_INDEX_PREFIX", fresh_prefix())
    monkeypatch.setenv("HIRELENS_INDEX_REPLICAS", "0")
    monkeypatch.setattr(Stage, "wait_until_known", lambda *_args: 0.0)
    return call


@pytest.fixture
def filled(elastic: Call, posts_file: Path) -> Call:
    """One generation with three posts, one of them closed."""
    ok(elastic("put", posts_file))
    ok(elastic("delete", "p3"))
    return elastic


def lines(result: Result) -> list[Any]:
    return [json.loads(line) for line in ok(result).stdout.splitlines()]


def told(result: Result, status: int = 0) -> Any:
    assert result.exit_code == status, (result.output, result.exception)
    return json.loads(result.stdout.splitlines()[-1])


def refused(result: Result, *parts: str, status: int = 1) -> None:
    assert result.exit_code == status, (result.output, result.exception)
    assert isinstance(result.exception, SystemExit), result.exception
    for part in parts:
        assert part in result.stderr


def roles(call: Call) -> dict[str, str]:
    return {row["role"]: row["name"] for row in lines(call("index", "list", "--json"))}


def found(call: Call, query: str, channel: str) -> set[str]:
    result = ok(call("search", query, "--channel", channel, "--json"))
    return {hit["id"] for hit in json.loads(result.stdout)["hits"]}


@pytest.mark.parametrize(
    "verb", ["list", "create", "catch-up", "check", "switch", "rollback", "drop"]
)
def test_the_embedded_index_has_no_generations(call: Call, verb: str) -> None:
    refused(
        call("index", verb),
        "no generations",
        "--home NEW",
        "HIRELENS_INDEX=elasticsearch",
        status=2,
    )


def test_every_verb_shows_an_example(call: Call) -> None:
    for verb in ("list", "create", "catch-up", "check", "switch", "rollback", "drop"):
        assert "hirelens index" in ok(call("index", verb, "--help")).stdout


def test_the_first_generation_is_made_once(elastic: Call) -> None:
    made = told(elastic("index", "create", "--if-missing", "--shards", "2", "--json"))
    assert (made["role"], made["made"]) == ("current", True)
    again = told(elastic("index", "create", "--if-missing", "--json"))
    assert (again["name"], again["made"]) == (made["name"], False)
    refused(elastic("index", "check"), "only generation", "hirelens index create")
    assert "role standby" in ok(elastic("index", "create")).stdout
    refused(elastic("index", "create"), "stands by already", "switch", "drop")
    assert "role current" in ok(elastic("index", "create", "--if-missing")).stdout


def test_a_generation_is_built_checked_switched_and_gone_back_to(
    filled: Call, tmp_path: Path
) -> None:
    ok(filled("index", "create"))
    before, after = roles(filled)["current"], roles(filled)["standby"]
    gate = told(filled("index", "check", "--json"), status=1)
    assert [(p["check"], p["count"]) for p in gate["problems"]] == [("missing", 3)]
    refused(filled("index", "switch"), "nothing was switched")
    refused(filled("index", "rollback"), "has never served")

    filling = told(filled("index", "catch-up", "--json"))
    assert (filling["standby"], filling["copied"], filling["refused"]) == (after, 3, {})
    assert "3 compared, 0 copied in 1 rounds" in ok(filled("index", "catch-up")).stdout
    checked = ok(filled("index", "check")).stdout
    assert "3 documents compared whole" in checked
    assert "it may serve" in checked
    assert f"{after} serves" in ok(filled("index", "switch")).stdout
    assert roles(filled) == {"current": after, "standby": before}

    # Live writes go on reaching both; the way back is the same.
    ok(filled("put", write_lines(tmp_path / "more.jsonl", [MORE])))
    assert told(filled("index", "check", "--json"))["ok"]
    back = told(filled("index", "rollback", "--json"))
    assert (back["current"], back["standby"], back["asked"]) == (before, after, 0)
    assert "p4" in found(filled, "保安", "text")
    listed = ok(filled("index", "list")).stdout
    assert before in listed
    assert "standby" in listed


def test_another_vector_space_is_refused_and_comes_by_a_generation(
    filled: Call, other_towers: Path, tmp_path: Path
) -> None:
    refused(
        filled("recipe", "activate", "--towers", other_towers),
        "holds vectors of space",
        "index create --recipe",
        "index catch-up",
        "index switch",
    )
    new, old = lines(filled("recipe", "list", "--json"))
    assert (new["active"], old["active"], new["towers_path"]) == (False, True, str(other_towers))

    made = told(filled("index", "create", "--recipe", new["digest"][:8], "--json"))
    filling = told(filled("index", "catch-up", "--json"))
    assert (filling["written"], filling["failed"], filling["inferred"]) == (3, {}, 0)
    assert told(filled("index", "catch-up", "--json"))["written"] == 0
    ok(filled("put", write_lines(tmp_path / "more.jsonl", [MORE])))
    gate = told(filled("index", "check", "--json"), status=1)
    assert (gate["behind"], gate["behind_ids"], gate["problems"]) == (1, ["p4"], [])

    refused(filled("index", "switch"), "nothing was switched")
    done = told(filled("index", "switch", "--lag", "1", "--json"))
    assert (done["current"], done["recipe"], done["asked"]) == (made["name"], new["digest"], 1)
    # What was behind was read by the same command: no workers are set up here.
    rows = {row["role"]: row for row in lines(filled("index", "list", "--json"))}
    assert (rows["current"]["open"], rows["current"]["lacking"]) == (3, 0)
    assert (rows["standby"]["open"], rows["standby"]["lacking"]) == (3, 1)
    assert found(filled, "保安", "vector") == {"p1", "p2", "p4"}

    back = told(filled("index", "rollback", "--json"))
    assert (back["recipe"], back["asked"], back["renumbered"]) == (old["digest"], 1, 3)
    assert found(filled, "保安", "vector") == {"p1", "p2", "p4"}
    (active,) = [one for one in lines(filled("recipe", "list", "--json")) if one["active"]]
    assert active["digest"] == old["digest"]


def test_an_interrupted_switch_is_shown_and_finished(
    filled: Call,
    other_towers: Path,
    elasticsearch: Elasticsearch,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    filled("recipe", "activate", "--towers", other_towers)
    new, _ = lines(filled("recipe", "list", "--json"))
    ok(filled("index", "create", "--recipe", new["digest"]))
    ok(filled("index", "catch-up"))

    def swap_only(stage: Stage, gate: Gate, reason: str = "switch", *, ask: bool = False) -> Any:
        del gate, reason, ask
        before, after = stage.pair()
        stage.generations.swap(before.name, after.name)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Stage, "switch", swap_only)
        assert filled("index", "switch").exit_code == 130
    assert "a switch was interrupted" in filled("index", "list").stderr
    # An index without a part is a warning, and hides nothing.
    prefix = os.environ["HIRELENS_INDEX_PREFIX"]
    elasticsearch.request("PUT", f"/{prefix}-posts-idle", {})
    doctor = {one["name"]: one for one in json.loads(filled("doctor", "--json").stdout)["checks"]}
    assert doctor["es-roles"]["level"] == "warn"
    assert doctor["es-switch"]["remedy"] == "finish it: hirelens index switch"
    refused(filled("index", "check"), "interrupted", "hirelens index switch")
    shown = ok(filled("index", "switch")).stdout
    assert "an interrupted switch was finished" in shown
    assert new["digest"] in shown
    assert "interrupted" not in filled("index", "list").stderr


def test_a_failed_check_can_be_overruled_loudly(filled: Call) -> None:
    made = told(filled("index", "create", "--json"))
    forced = filled("index", "switch", "--force")
    assert "FORCED" in ok(forced).stderr
    assert "missing: 3" in forced.stdout
    assert roles(filled)["current"] == made["name"]
    # What is missing was asked for, and read by the same command.
    rows = {row["role"]: row for row in lines(filled("index", "list", "--json"))}
    assert (rows["current"]["open"], rows["current"]["closed"]) == (2, 1)


def test_a_program_is_given_one_object_also_of_a_forced_switch(filled: Call) -> None:
    ok(filled("index", "create"))
    (done,) = lines(filled("index", "switch", "--force", "--json"))
    assert (done["switched"], done["asked"]) == (True, 3)
    assert done["problems"][0]["check"] == "missing"
    (dropped,) = lines(filled("index", "drop", "--yes", "--json"))
    assert dropped == {"name": done["standby"], "dropped": True}


def test_what_stands_by_serves_where_the_current_one_was_deleted(
    filled: Call, elasticsearch: Elasticsearch
) -> None:
    ok(filled("index", "create"))
    ok(filled("index", "catch-up"))
    names = roles(filled)
    elasticsearch.request("DELETE", f"/{names['current']}")
    for verb in ("create", "switch", "catch-up", "check"):
        refused(filled("index", verb), "hirelens index switch --force")
    told_once = told(filled("index", "switch", "--force", "--json"))
    assert (told_once["current"], told_once["asked"]) == (names["standby"], 0)
    assert roles(filled) == {"current": names["standby"]}
    assert "p1" in found(filled, "服务员", "text")


def test_of_two_that_start_up_the_slower_one_is_content(
    elastic: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Stage.create

    def slower(stage: Stage, *given: Any) -> Any:
        whole(stage, *given)  # the other one's
        raise GenerationError("another command was faster; look: hirelens index list")

    with monkeypatch.context() as patch:
        patch.setattr(Stage, "create", slower)
        made = told(elastic("index", "create", "--if-missing", "--json"))
        assert (made["made"], made["role"]) == (False, "current")
        refused(elastic("index", "create"), "another command was faster")


def test_towers_that_are_only_configured_are_known_by_their_digest(
    filled: Call, other_towers: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    more = write_lines(tmp_path / "more.jsonl", [MORE])
    with monkeypatch.context() as patch:
        patch.setenv("HIRELENS_TOWERS", str(other_towers))
        result = filled("put", more)
        refused(result, "holds vectors of space", "1 posts are stored and wait")
        digest = result.stderr.partition("index create --recipe ")[2].split(",")[0]
        made = told(filled("index", "create", "--recipe", digest, "--json"))
    assert made["recipe"].startswith(digest)
    assert made["role"] == "standby"


def test_dropping_asks_first_and_spares_what_serves(filled: Call) -> None:
    refused(filled("index", "drop"), "nothing stands by")
    current = roles(filled)["current"]
    ok(filled("index", "create"))
    standby = roles(filled)["standby"]
    refused(filled("index", "drop"), "add --yes", status=2)
    refused(filled("index", "drop", current, "--yes"), "is the current generation")
    assert f"{standby} is deleted" in ok(filled("index", "drop", "--yes")).stdout
    assert roles(filled) == {"current": current}
    refused(filled("index", "drop", standby, "--yes"), "no such generation")


def test_a_cluster_that_is_away_is_told_in_one_sentence(
    elastic: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HIRELENS_INDEX_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("HIRELENS_INDEX_RETRIES", "0")
    for verb in ("list", "create", "check", "switch"):
        refused(elastic("index", verb), "does not answer", "HIRELENS_INDEX_URL")
    assert CliRunner().invoke(cli, ["index"]).exit_code in (0, 2)
