"""Every verb on a home of its own, with the tiny bundle."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from verbs_support import ok, write_lines

Call = Callable[..., Result]


@pytest.fixture
def filled(call: Call, posts_file: Path) -> Call:
    """The command line with three posts put."""
    ok(call("put", posts_file))
    return call


def test_put_twice_changes_nothing(call: Call, posts_file: Path) -> None:
    first = json.loads(ok(call("put", posts_file, "--json")).stdout)
    again = json.loads(ok(call("put", posts_file, "--json")).stdout)
    assert (first["written"], first["indexing"]["indexed"]) == (3, 3)
    assert (again["written"], again["unchanged"], again["indexing"]) == (0, 3, None)
    assert ok(call("put", posts_file)).stdout == "0 written, 3 unchanged\n"


def test_put_finishes_what_a_killed_put_left(call: Call, posts_file: Path, home: Path) -> None:
    from enrich.post import Post
    from worker.engine import create_engine, writing
    from worker.posts import write
    from worker.schema import upgrade

    home.mkdir()
    engine = create_engine(home / "posts.db")
    upgrade(engine)
    with writing(engine) as session:
        write(session, Post(id="left", title="招保安"))
    engine.dispose()
    report = json.loads(ok(call("put", posts_file, "--json")).stdout)
    assert (report["written"], report["indexing"]["indexed"], report["waiting"]) == (3, 4, 0)


def test_search_channels(filled: Call) -> None:
    for channel in ("text", "intent", "all", "plain", "title", "vector"):
        found = json.loads(ok(filled("search", "会计", "--channel", channel, "--json")).stdout)
        assert found["hits"][0]["id"] == "p3" or channel == "vector"
        assert found["total"] >= 1


def test_search_filters_and_explains(filled: Call) -> None:
    found = json.loads(ok(filled("search", "双休", "--city", "重庆", "--explain", "--json")).stdout)
    assert [hit["id"] for hit in found["hits"]] == ["p2"]
    assert found["hits"][0]["debug"]["mentions"]
    assert "score" in ok(filled("search", "双休", "--explain")).stdout
    assert ok(filled("search", "双休", "--city", "北京")).stdout.endswith("\n0 of 0\n")


def test_search_tells_what_it_understood(filled: Call) -> None:
    query = "上海送餐员3000以上不要夜班"
    shown = ok(filled("search", query, "--channel", "text")).stdout.splitlines()
    assert shown[0] == (
        "understood: location 上海 · position 外卖员 · salary ≥3000 · not job_type 夜班"
    )
    assert "given up, since nothing answers it: location 上海" in shown
    found = json.loads(ok(filled("search", query, "--channel", "text", "--json")).stdout)
    told = found["understood"]
    assert [intent["attribute"] for intent in told["intents"]] == [
        *("location", "position", "salary", "job_type")
    ]
    assert {"attribute": "location", "texts": ["上海"]} in told["relaxed"]
    assert [hit["id"] for hit in found["hits"]] == ["p2"]
    explained = ok(filled("search", query, "--channel", "text", "--explain")).stdout
    assert "must match, position: 送餐员 (rider)" in explained
    assert "refusal, filter, job_type: 不要夜班" in explained
    assert "understood" not in ok(filled("search", query, "--no-rewrite")).stdout


def test_text_search_loads_no_model(filled: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    import enrich.pipeline

    def refuse(*_args: object) -> None:
        raise AssertionError("the model was loaded")

    monkeypatch.setattr(enrich.pipeline.Enricher, "load", refuse)
    ok(filled("search", "会计", "--channel", "text"))


def test_search_of_an_empty_home_says_what_to_do(call: Call) -> None:
    result = call("search", "会计")
    assert result.exit_code == 1
    assert "holds no posts yet; put some: hirelens put FILE" in result.stderr


def test_run_writes_blanks_as_underscores(filled: Call, tmp_path: Path) -> None:
    queries = tmp_path / "queries.txt"
    queries.write_text("会计\n送餐员 双休\n\n会计\n", "utf-8")
    out = tmp_path / "run.trec"
    shown = json.loads(
        ok(filled("run", queries, "--out", out, "--channel", "plain", "--json")).stdout
    )
    assert shown["queries"] == 2
    lines = [line.split() for line in out.read_text("utf-8").splitlines()]
    assert ["会计", "Q0", "p3", "1"] in [line[:4] for line in lines]
    ok(filled("run", queries, "--out", out, "--channel", "text", "--no-rewrite"))
    assert "送餐员_双休 Q0 p2 1" in out.read_text("utf-8")


def test_delete_closes_for_good(filled: Call) -> None:
    result = filled("delete", "p3", "nobody", "--json")
    assert result.exit_code == 1
    assert "post 'nobody' is not known" in result.stderr
    assert json.loads(result.stdout)["unknown"] == ["nobody"]
    assert ok(filled("search", "会计", "--channel", "plain")).stdout == "0 of 0\n"
    assert "1 closed before" in ok(filled("delete", "p3")).stdout


def test_explain(filled: Call) -> None:
    known = json.loads(ok(filled("explain", "p2", "--json")).stdout)
    assert known["post"]["title"] == "送餐员"
    assert [event["event"] for event in known["history"]] == ["written", "indexed"]
    assert {m["text"] for m in known["index"]["debug"]["mentions"]} == {"送餐员", "服务员"}
    assert "mentions" in ok(filled("explain", "p2")).stdout
    assert filled("explain", "nobody").exit_code == 1


def test_explain_of_a_closed_post(filled: Call) -> None:
    ok(filled("delete", "p1"))
    known = json.loads(ok(filled("explain", "p1", "--json")).stdout)
    assert known["closed"]
    assert known["index"]["state"] == "closed"
    assert "closed" in ok(filled("explain", "p1")).stdout


def test_enrich_prints_the_contract(call: Call, posts_file: Path) -> None:
    from enrich.post import Enrichment

    rows = ok(call("enrich", posts_file)).stdout.splitlines()
    found = [Enrichment.model_validate_json(row) for row in rows]
    assert [enrichment.id for enrichment in found] == ["p1", "p2", "p3"]


def test_check_speaks_plainly(call: Call, tmp_path: Path) -> None:
    path = write_lines(tmp_path / "draft.jsonl", [{"id": "x", "title": "诚聘", "body": "待遇好"}])
    shown = ok(call("check", path)).stdout
    assert "will be found by no job" in shown
    assert "Name the job in the title" in shown
    assert json.loads(ok(call("check", path, "--json")).stdout)["warnings"]


def test_init_keeps_a_changed_file(call: Call, home: Path) -> None:
    shown = ok(call("init")).stdout
    assert "next:" in shown
    (home / "hirelens.toml").write_text("batch = 2\n", "utf-8")
    assert json.loads(ok(call("init", "--json")).stdout)["settings_made"] is False
    assert (home / "hirelens.toml").read_text("utf-8") == "batch = 2\n"


def test_doctor(filled: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    found = json.loads(ok(filled("doctor", "--json")).stdout)
    assert found["ok"]
    levels = {check["name"]: check["level"] for check in found["checks"]}
    names = ("python", "sqlite", "model", "taxonomy", "home", "database", "index")
    assert all(levels[name] == "ok" for name in names)
    monkeypatch.setenv("HIRELENS_MODEL", "/nowhere")
    result = filled("doctor")
    assert result.exit_code == 1
    assert "fail  model" in result.stdout
    assert "hirelens train reality" in result.stdout


def test_a_search_needs_no_model_that_reads_posts(
    filled: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = ok(filled("search", "服务员", "--channel", "vector", "--json")).stdout
    monkeypatch.setenv("HIRELENS_MODEL", "/nowhere")
    after = ok(filled("search", "服务员", "--channel", "vector", "--json")).stdout
    hits = [[(hit["id"], hit["score"]) for hit in json.loads(t)["hits"]] for t in (before, after)]
    assert hits[0]
    assert hits[0] == hits[1]


def test_doctor_names_a_damaged_database(filled: Call, home: Path) -> None:
    for path in home.glob("posts.db*"):
        path.write_bytes(b"nonsense" * 1000)
    result = filled("doctor")
    assert result.exit_code == 1
    assert "fail  database" in result.stdout


def test_a_locked_database_is_told(
    filled: Call, home: Path, posts_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import worker.engine

    monkeypatch.setattr(worker.engine, "BUSY_TIMEOUT_S", 0.05)
    lock = sqlite3.connect(home / "posts.db", isolation_level=None)
    lock.execute("BEGIN EXCLUSIVE")
    try:
        result = filled("put", posts_file)
    finally:
        lock.close()
    assert result.exit_code == 1
    assert "locked by another process" in result.stderr


@pytest.mark.parametrize("damage", ["missing", "weights", "config"])
def test_a_broken_bundle_is_told(
    call: Call, bundle: Path, tmp_path: Path, posts_file: Path,
    monkeypatch: pytest.MonkeyPatch, damage: str,
) -> None:  # fmt: skip
    import shutil

    folder = tmp_path / "broken"
    if damage != "missing":
        shutil.copytree(bundle, folder)
        name = "model.safetensors" if damage == "weights" else "config.json"
        (folder / name).write_bytes(b"\x00oops")
    monkeypatch.setenv("HIRELENS_MODEL", str(folder))
    result = call("put", posts_file)
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    assert "bundle" in result.stderr or "train" in result.stderr


def test_schema_files_are_current(call: Call) -> None:
    folder = Path(__file__).parents[2] / "docs" / "schema"
    for name in ("post", "enrichment", "search"):
        assert ok(call("schema", name)).stdout == (folder / f"{name}.json").read_text("utf-8")
    assert json.loads(ok(call("schema")).stdout).keys() == {"post", "enrichment", "search"}


def test_taxonomy(call: Call, tmp_path: Path) -> None:
    figures = json.loads(ok(call("taxonomy", "report", "--json")).stdout)
    assert figures["positions"] >= 400
    assert figures["forms"] >= 1200
    assert "sector" in ok(call("taxonomy", "report")).stdout
    ok(call("taxonomy", "check"))
    out = tmp_path / "taxonomy.json.gz"
    digest = json.loads(ok(call("taxonomy", "compile", "--out", out, "--json")).stdout)["digest"]
    assert digest == figures["digest"]


def test_taxonomy_problems_fail(call: Call, tmp_path: Path) -> None:
    result = call("taxonomy", "check", "--data", tmp_path)
    assert result.exit_code == 1
    assert call("taxonomy", "compile", "--data", tmp_path, "--out", tmp_path / "x").exit_code == 1


def test_an_interruption_says_how_to_go_on(
    call: Call, posts_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import hirelens.commands.put as verb

    def interrupt(*_args: object, **_more: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(verb, "put", interrupt)
    result = call("put", posts_file)
    assert result.exit_code == 130
    assert "the same command goes on" in result.stderr
