"""``hirelens taxonomy`` as the editor of a site calls it, with overlays and with mistakes."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from verbs_support import ok

from hirelens.cli import cli
from labels.taxonomy.compile import compile_to

Call = Callable[..., Result]
HEADER = "id\tname\tgroup\tbroader\tsame\tnarrower\tflags\n"
ROWS = (
    "cat-a\t餐饮\t\t\t\t\tcategory\n"
    "cat-front\t前厅\tcat-a\t\t\t\tcategory\n"
    "waiter\t服务员\tcat-front\t\t侍应\t\t\n"
    "food-runner\t传菜员\tcat-front\t\t\t\t\n"
)
CHANGES = "action\tid\tvalue\n"
POSTS = (
    '{"id": "p1", "title": "招火星侍者", "body": "包吃住"}\n'
    '{"id": "p2", "title": "招服务员", "body": "月薪4000元"}\n'
)


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Call:
    """The command line on a small taxonomy, with neither home nor model: the verb needs none."""
    base = write(tmp_path / "data" / "positions" / "catering.tsv", HEADER + ROWS).parents[1]
    monkeypatch.setattr("labels.taxonomy.loader.DATA", base)
    monkeypatch.setattr("enrich.taxonomy.ARTEFACT", tmp_path / "shipped.json.gz")
    compile_to(tmp_path / "shipped.json.gz", base)
    monkeypatch.setenv("COLUMNS", "200")
    return lambda *args: CliRunner().invoke(cli, ["taxonomy", *map(str, args)])


@pytest.fixture
def overlay(tmp_path: Path) -> Path:
    """A site's changes: a form more, and the food runner merged into the waiter."""
    return write(
        tmp_path / "our-positions" / "changes.tsv",
        CHANGES + "add\twaiter\t火星侍者\nmerge\tfood-runner\twaiter\n",
    ).parent


@pytest.fixture
def posts(tmp_path: Path) -> Path:
    return write(tmp_path / "posts.jsonl", POSTS)


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def refused(result: Result, *parts: str) -> None:
    """Insist on status 1 and one message, no traceback, that holds the parts."""
    assert result.exit_code == 1, result.output
    assert isinstance(result.exception, SystemExit), result.exception
    for part in parts:
        assert part in result.stderr + result.stdout


def test_check_takes_a_good_overlay_and_names_what_is_wrong(call: Call, overlay: Path) -> None:
    assert json.loads(ok(call("check", "--overlay", overlay, "--json")).stdout) == {"problems": []}
    write(overlay / "changes.tsv", CHANGES + "add\tnobody\t某人\nadd waiter 火星侍者\n")
    told = call("check", "--overlay", overlay)
    refused(
        told, "our-positions/changes.tsv:2: 'nobody'", "changes.tsv:3: has 1 columns", "2 problems"
    )
    as_json = json.loads(call("check", "--overlay", overlay, "--json").stdout)
    assert as_json["problems"] == told.stdout.splitlines()


@pytest.mark.parametrize("verb", ["diff", "report", "candidates", "compile"])
def test_a_wrong_overlay_is_told_by_every_verb(
    call: Call, overlay: Path, posts: Path, tmp_path: Path, verb: str
) -> None:
    write(overlay / "changes.tsv", CHANGES + "add\tnobody\t某人\n")
    more = {"candidates": [posts], "compile": ["--out", tmp_path / "t.gz"]}.get(verb, [])
    refused(call(verb, *more, "--overlay", overlay), "our-positions/changes.tsv:2: 'nobody'")
    assert not (tmp_path / "t.gz").exists()


def test_diff_shows_positions_forms_posts_and_queries(
    call: Call, overlay: Path, posts: Path, tmp_path: Path
) -> None:
    queries = write(tmp_path / "queries.txt", "火星侍者 包住\n服务员/火星侍者\n长沙\n")
    args = ("diff", "--overlay", overlay, "--posts", posts, "--queries", queries)
    told = json.loads(ok(call(*args, "--json")).stdout)
    assert told["retired"] == [["food-runner", "waiter"]]
    assert told["vanished"] == []
    changed = {change["form"]: change["after"] for change in told["forms"]}
    assert changed["火星侍者"] == ["waiter"]
    assert changed["传菜员"] == ["waiter"]
    assert [post["id"] for post in told["posts"]] == ["p1"]
    assert (told["posts_read"], told["queries_read"]) == (2, 3)
    assert [query["query"] for query in told["queries"]] == ["火星侍者 包住", "服务员/火星侍者"]
    shown = ok(call(*args)).stdout
    assert "food-runner -> waiter" in shown
    assert "1 of 2 posts change" in shown
    assert "2 of 3 queries change" in shown


def test_diff_of_the_same_data_shows_nothing(call: Call, posts: Path) -> None:
    told = json.loads(ok(call("diff", "--posts", posts, "--json")).stdout)
    assert told.pop("posts_read") == 2
    assert not any(told.values()), told


def test_diff_ends_with_1_where_an_id_is_lost(call: Call, overlay: Path, tmp_path: Path) -> None:
    row = "martian\t火星人工\tcat-front\t\t\t\t\n"
    write(overlay / "positions" / "own.tsv", HEADER + row)
    compiled = tmp_path / "site.json.gz"
    digest = json.loads(
        ok(call("compile", "--overlay", overlay, "--out", compiled, "--json")).stdout
    )["digest"]
    assert digest == json.loads(ok(call("report", "--overlay", overlay, "--json")).stdout)["digest"]
    (overlay / "positions" / "own.tsv").unlink()
    told = call("diff", "--overlay", overlay, "--against", compiled)
    refused(told, "martian", "add each to retired.tsv")


def test_diff_against_something_that_is_no_artefact(call: Call, posts: Path) -> None:
    refused(call("diff", "--against", posts), str(posts), "compile it again")


def test_candidates_are_known_after_they_are_added_or_refused(call: Call, tmp_path: Path) -> None:
    texts = ["找木星撞钟员", "要木星撞钟员", "和木星撞钟员,包住", "木星撞钟员"]
    lines = [json.dumps({"id": str(i), "title": text}) for i, text in enumerate(texts)]
    posts = write(tmp_path / "posts.jsonl", "\n".join(lines))
    args = ("candidates", posts, "--at-least", 4)
    (found,) = map(json.loads, ok(call(*args, "--json")).stdout.splitlines())
    assert found == {"word": "木星撞钟员", "posts": 4, "contexts": texts[:3]}
    assert "木星撞钟员" in ok(call(*args)).stdout
    site = tmp_path / "site"
    write(site / "refused.tsv", "word\treason\n木星撞钟员\tnobody does that\n")
    assert ok(call(*args, "--overlay", site, "--json")).stdout == ""
    (site / "refused.tsv").unlink()
    write(site / "changes.tsv", CHANGES + "add\twaiter\t木星撞钟员\n")
    assert ok(call(*args, "--overlay", site, "--json")).stdout == ""


@pytest.mark.parametrize(
    ("rest", "count"),
    [
        (', "tags": "包住"', 4),
        (', "city": 3, "revision": "x"', 4),
        (', "body": 3', 0),
        (', "tags": "包住", "body": 3', 0),
    ],
)
def test_only_the_texts_of_a_post_must_be_in_order(
    call: Call, tmp_path: Path, rest: str, count: int
) -> None:
    lines = [f'{{"id": "{i}", "title": "{b}木星撞钟员"{rest}}}' for i, b in enumerate("找要和招")]
    posts = write(tmp_path / "posts.jsonl", "\n".join(lines))
    result = ok(call("candidates", posts, "--at-least", 4, "--json"))
    found = [json.loads(line)["posts"] for line in result.stdout.splitlines()]
    assert found == [count] * bool(count)
    assert result.stderr.count("field 'body'") == 4 - count


@pytest.mark.parametrize("content", [POSTS.encode(), gzip.compress(POSTS.encode() * 9)[:-20]])
def test_a_damaged_gzip_file_is_told(call: Call, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "posts.jsonl.gz"
    path.write_bytes(content)
    result = ok(call("candidates", path))
    assert f"{path}:" in result.stderr
    assert "is no whole gzip file" in result.stderr


@pytest.mark.parametrize(("option", "kind"), [("--gold", "post"), ("--queries", "query")])
def test_report_names_the_line_that_is_not_judged(
    call: Call, posts: Path, option: str, kind: str
) -> None:
    refused(call("report", option, posts), f"{posts}:1: is not a judged {kind}")


@pytest.mark.parametrize("option", ["--overlay", "--data"])
def test_the_shipped_artefact_is_not_overwritten_with_other_data(
    call: Call, overlay: Path, option: str, tmp_path: Path
) -> None:
    before = (tmp_path / "shipped.json.gz").read_bytes()
    result = call("compile", option, overlay)
    assert result.exit_code == 2
    assert "--out" in result.stderr
    assert (tmp_path / "shipped.json.gz").read_bytes() == before
