"""Bad input: the message names line, field and remedy; the other lines are processed."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from hypothesis import given, settings
from hypothesis import strategies as st

from hirelens.inputs import Given, Refusal, read_posts
from worker.ingest import MAX_LINE

Call = Callable[..., Result]
GOOD = '{"id": "good1", "title": "招服务员"}'.encode()
LAST = '{"id": "good2", "title": "招会计"}'.encode()

# name, the line between two good ones, what the message says of field, problem and remedy
REFUSED = [
    ("no json", b"hello", "'(line)'", "not JSON", "one JSON object a line"),
    ("a list", b"[1]", "'(line)'", "is a JSON list", "one JSON object a line"),
    ("binary", bytes(range(128, 256)), "'(line)'", "not UTF-8", "iconv -f GB18030"),
    ("binary with nul", b"\x89PNG\x00\x01\xff", "'(line)'", "not UTF-8", "binary data"),
    ("gbk", '{"id": "g", "title": "招服务员"}'.encode("gbk"), "'(line)'", "not UTF-8", "iconv"),
    ("utf-16", "\ufeff{}".encode("utf-16-le"), "'(line)'", "not UTF-8", "iconv -f UTF-16"),
    ("no id", '{"title": "招服务员"}'.encode(), "'id'", "required", "add it"),
    ("id is a number", b'{"id": 3, "title": "x"}', "'id'", "string", "write a JSON string"),
    ("id with blank", b'{"id": "a b", "title": "x"}', "'id'", "white space", "without blanks"),
    ("tags is a string", b'{"id": "t", "title": "x", "tags": "a"}', "'tags'", "", "JSON list"),
    ("tag is a number", b'{"id": "t", "title": "x", "tags": [1]}', "'tags.0'", "", "JSON string"),
    ("revision", b'{"id": "r", "title": "x", "revision": "1"}', "'revision'", "", "integer"),
    ("negative", b'{"id": "r", "title": "x", "revision": -1}', "'revision'", "", "from 0"),
    ("time", b'{"id": "t", "title": "x", "updated_at": "now"}', "'updated_at'", "ISO", "2026-01"),
    ("deleted", b'{"id": "d", "title": "x", "deleted": "no"}', "'deleted'", "", "true or false"),
    ("nothing", b'{"id": "e", "title": " ", "body": ""}', "'title'", "both empty", "one of them"),
    ("surrogate", b'{"id": "s", "title": "\\ud800"}', "'title'", "lone surrogate", "UTF-8"),
    ("nul", b'{"id": "n", "title": "a\\u0000"}', "'title'", "NUL", "remove binary"),
    ("200 kB", b'{"id": "l", "body": "' + b"x" * 200_000 + b'"}', "'body'", "at most", "shorten"),
    ("huge line", b"x" * (MAX_LINE + 9), "'(line)'", "longer than", "one post a line"),
    ("deep", b'{"id":"d","title":"x","a":' + b"[" * 200_000, "'(line)'", "", "JSON object"),
    ("duplicate id", '{"id": "good1", "title": "招保安"}'.encode(), "'id'", "line 1", "revisions"),
]  # fmt: skip
TAKEN = [
    ("only emoji", '{"id": "x", "title": "🎉🎉", "body": "🧋"}'.encode()),
    ("only latin", b'{"id": "x", "title": "waiter wanted", "body": "Call now!"}'),
    ("the same line again", GOOD),
    ("blank", b"   "),
    ("html", '{"id": "x", "title": "<p>招</p>&nbsp;保安", "extra": {"a": [1]}}'.encode()),
    ("controls", b'{"id": "x", "title": "\\u001b[31m\\u202e\\u200b", "body": "\\ufeff"}'),
    ("50,000 characters", b'{"id": "x", "body": "' + "招服务员。".encode() * 10_000 + b'"}'),
]


@pytest.mark.parametrize(("name", "line", "field", "problem", "remedy"), REFUSED)
def test_refused(
    call: Call, tmp_path: Path, name: str, line: bytes, field: str, problem: str, remedy: str
) -> None:
    path, rejects = tmp_path / "posts.jsonl", tmp_path / "rejects.jsonl"
    path.write_bytes(GOOD + b"\n" + line + b"\n" + LAST + b"\n")
    result = call("put", path, "--rejects", rejects, "--json")
    assert result.exit_code == 1, name
    message = result.stderr.splitlines()[0]
    assert message.startswith(f"{path}:2: field {field}: ")
    assert problem in message
    assert remedy in message
    report = json.loads(result.stdout)
    assert (report["written"], report["refused"], report["indexing"]["indexed"]) == (2, 1, 2)
    assert rejects.read_bytes() == line[:MAX_LINE] + b"\n"


@pytest.mark.parametrize(("name", "line"), TAKEN)
def test_taken(call: Call, tmp_path: Path, name: str, line: bytes) -> None:
    path = tmp_path / "posts.jsonl"
    path.write_bytes(GOOD + b"\n" + line + b"\n" + LAST + b"\n")
    result = call("put", path, "--json")
    assert result.exit_code == 0, (name, result.output)
    assert json.loads(result.stdout)["refused"] == 0


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("verb", ["put", "enrich", "check"])
def test_an_empty_file(call: Call, tmp_path: Path, verb: str, content: bytes) -> None:
    path = tmp_path / "empty.jsonl"
    path.write_bytes(content)
    result = call(verb, path)
    assert result.exit_code == 1
    assert f"{path}:1: field '(file)': is empty; write one JSON object a line" in result.stderr


def test_a_revision_reused_with_other_content(call: Call) -> None:
    first = '{"id": "a", "title": "招服务员", "revision": 4}'.encode()
    other = '{"id": "a", "title": "招保安", "revision": 4}'.encode()
    newer = '{"id": "a", "title": "招会计", "revision": 5}'.encode()
    older = '{"id": "a", "title": "招司机", "revision": 3}'.encode()
    result = call("put", "-", "--json", stdin=b"\n".join((first, other, newer, older)))
    assert result.exit_code == 1
    assert result.stderr.startswith("stdin:2: field 'revision': 4 is stored already with other")
    assert "give a revision above 4" in result.stderr
    report = json.loads(result.stdout)
    assert (report["written"], report["refused"], report["superseded"]) == (2, 1, 1)


@pytest.mark.parametrize("verb", ["enrich", "check"])
def test_reading_verbs_go_on_too(call: Call, verb: str) -> None:
    result = call(verb, "-", "--json", stdin=b"\n".join((GOOD, b"oops", LAST)))
    assert result.exit_code == 1
    assert "stdin:2: field '(line)'" in result.stderr
    assert [json.loads(row)["id"] for row in result.stdout.splitlines()] == ["good1", "good2"]


def test_a_file_that_is_missing_or_a_folder_is_wrong_usage(call: Call, tmp_path: Path) -> None:
    assert call("put", tmp_path / "none.jsonl").exit_code == 2
    assert call("put", tmp_path).exit_code == 2


def test_compressed_files_are_read(call: Call, tmp_path: Path) -> None:
    path = tmp_path / "posts.jsonl.gz"
    path.write_bytes(gzip.compress(GOOD))
    assert json.loads(call("put", path, "--json").stdout)["written"] == 1


@settings(deadline=None, max_examples=60)
@given(st.lists(st.binary(max_size=60), max_size=8))
def test_any_bytes_are_posts_or_refusals(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes]
) -> None:
    path = tmp_path_factory.mktemp("any") / "posts.jsonl"
    path.write_bytes(b"\n".join(lines))
    found = list(read_posts(str(path)))
    assert found
    for item in found:
        assert isinstance(item, Given | Refusal)
        assert item.line >= 1
