"""Commands while Elasticsearch does not answer: one sentence, no traceback, nothing lost."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import Result
from verbs_support import ok

Call = Callable[..., Result]


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port that nobody else takes and where nobody answers."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


@pytest.fixture
def away(call: Call, closed_port: int, monkeypatch: pytest.MonkeyPatch) -> Call:
    monkeypatch.setenv("HIRELENS_INDEX", "elasticsearch")
    monkeypatch.setenv("HIRELENS_INDEX_URL", f"http://name:secret@127.0.0.1:{closed_port}")
    return call


def test_put_stores_the_posts_and_says_what_to_do(
    away: Call, posts_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = away("put", posts_file)
    assert result.exit_code == 1
    assert "3 posts are stored and wait for the index" in result.stderr
    assert "Error: Elasticsearch at 127.0.0.1:" in result.stderr
    assert "start it, or correct HIRELENS_INDEX_URL" in result.stderr
    assert "Traceback" not in result.output
    assert "secret" not in result.output
    # With an index that can be used, here the embedded one, the same command goes on.
    monkeypatch.setenv("HIRELENS_INDEX", "embedded")
    report = json.loads(ok(away("put", posts_file, "--json")).stdout)
    assert (report["unchanged"], report["indexing"]["indexed"], report["waiting"]) == (3, 3, 0)


@pytest.mark.parametrize("verb", [("search", "服务员"), ("reconcile", "--once")])
def test_other_verbs_say_it_in_one_sentence(
    away: Call, posts_file: Path, verb: tuple[str, ...]
) -> None:
    away("put", posts_file)
    result = away(*verb)
    assert result.exit_code == 1
    assert "does not answer" in result.stderr
    assert "Traceback" not in result.output


def test_stats_and_explain_tell_what_the_database_knows(away: Call, posts_file: Path) -> None:
    away("put", posts_file)
    for verb in (("stats",), ("explain", "p1")):
        result = away(*verb)
        assert result.exit_code == 1
        assert "does not answer" in result.stderr
        assert "Traceback" not in result.output
    lanes = json.loads(away("stats", "--json").stdout)["lanes"]
    assert (lanes["live"]["waiting"], lanes["live"]["leased"]) == (3, 0)
    text = away("explain", "p1").stdout
    assert "招聘服务员" in text
    assert "index: cannot be asked now" in text


def test_doctor_names_the_cluster(away: Call) -> None:
    result = away("doctor", "--json")
    assert result.exit_code == 1
    found = {check["name"]: check for check in json.loads(result.stdout)["checks"]}
    assert found["index"]["level"] == "ok"
    assert found["es-reachable"]["level"] == "fail"
    assert found["es-reachable"]["remedy"] == "start it, or correct HIRELENS_INDEX_URL"
    assert "secret" not in result.output
