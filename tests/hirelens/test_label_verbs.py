"""``hirelens label weak``: what it prints and writes, and what it says to bad input."""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from verbs_support import ok, write_lines

from hirelens import cli

Call = Callable[..., Result]


def post(id_: str, title: str, body: str, *mentions: tuple[str, int, int, str]) -> dict[str, Any]:
    fields = {"title": title, "body": body}
    return {
        "id": id_,
        **fields,
        "mentions": [
            {"field": f, "start": s, "end": e, "text": fields[f][s:e], "label": label}
            for f, s, e, label in mentions
        ],
    }


@pytest.fixture
def gold(tmp_path: Path) -> Path:
    """Judged posts of a few employers."""
    rows = []
    for n in range(12):
        rows.append(
            post(
                f"s{n}",
                "招聘服务员",
                "服务员两名，会计勿扰。",
                ("title", 2, 5, "H"),
                ("body", 0, 3, "H"),
                ("body", 6, 8, "N:exclude"),
            )
        )
        rows.append(
            post(f"k{n}", "保安", "完成销售目标。", ("title", 0, 2, "H"), ("body", 2, 4, "X"))
        )
    return write_lines(tmp_path / "gold.jsonl", rows)


def test_the_verb_is_listed(call: Call) -> None:
    assert "label" in ok(call("--help")).output
    assert "hirelens label weak summary" in ok(call("label", "weak", "--help")).output


def test_summary_as_table_and_json(call: Call, gold: Path) -> None:
    shown = ok(call("label", "weak", "summary", gold)).output
    assert "title_borne_out" in shown
    assert "60 mentions of 24 posts" in shown
    found = json.loads(ok(call("label", "weak", "summary", gold, "--json")).stdout)
    (kept_out,) = [f for f in found["functions"] if f["name"] == "kept_out_after"]
    assert (kept_out["votes"], kept_out["accuracy"]) == (12, 1.0)


def test_compare_as_table_and_json(call: Call, gold: Path) -> None:
    shown = ok(call("label", "weak", "compare", gold)).output
    assert "judged-dawid-skene" in shown
    found = json.loads(ok(call("label", "weak", "compare", gold, "--json")).stdout)
    assert {item["unit"] for item in found} == {"function", "kind"}
    assert max(item["accuracy"] for item in found) == 1.0


def test_against_the_model(call: Call, gold: Path) -> None:
    shown = ok(call("label", "weak", "against", gold, "--limit", 5)).output
    assert "5 posts" in shown
    found = json.loads(ok(call("label", "weak", "against", gold, "--limit", 5, "--json")).stdout)
    assert found["posts"] == 5
    assert all(item["mended"] <= item["errors"] <= item["votes"] for item in found["functions"])


def test_fit_and_apply(call: Call, gold: Path, tmp_path: Path) -> None:
    model, out = tmp_path / "model.json", tmp_path / "weak.jsonl"
    told = ok(call("label", "weak", "fit", gold, "--method", "accuracy", "--out", model)).stdout
    posts = write_lines(tmp_path / "posts.jsonl", [{"id": "a", "title": "保安", "body": "站岗"}])
    ok(call("label", "weak", "apply", posts, "--out", out, "--model", model))
    (row,) = map(json.loads, out.read_text("utf-8").splitlines())
    assert row["mentions"][0]["label"] == "H"
    assert row["weak"] in told


def test_apply_reads_gzip_and_posts_whose_other_fields_are_wrong(
    call: Call, tmp_path: Path
) -> None:
    rows = [
        {"id": "a", "title": "招聘保安", "body": "", "tags": "one text", "city": "长沙"},
        {"id": "b", "title": 7, "body": "保安"},
    ]
    packed, out = tmp_path / "posts.jsonl.gz", tmp_path / "weak.jsonl"
    packed.write_bytes(gzip.compress("".join(json.dumps(r) + "\n" for r in rows).encode()))
    result = ok(call("label", "weak", "apply", packed, "--out", out, "--json"))
    assert json.loads(result.stdout)["posts"] == 2
    first, second = map(json.loads, out.read_text("utf-8").splitlines())
    assert (first["city"], first["mentions"][0]["label"]) == ("长沙", "H")
    assert (second["title"], len(second["mentions"])) == ("", 1)


def test_apply_tells_refused_lines_and_ends_with_one(call: Call, tmp_path: Path) -> None:
    posts = tmp_path / "posts.jsonl"
    posts.write_text('{"id": "a", "title": "保安"}\nnonsense\n{"title": "保安"}\n', "utf-8")
    out = tmp_path / "weak.jsonl"
    result = call("label", "weak", "apply", posts, "--out", out)
    assert result.exit_code == 1
    assert "posts.jsonl:2" in result.stderr
    assert "posts.jsonl:3" in result.stderr
    assert len(out.read_text("utf-8").splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("summary", "nowhere.jsonl"), "does not exist"),
        (("summary",), "Missing argument"),
        (("apply", "{posts}", "--out", "{out}", "--model", "nowhere"), "does not exist"),
        (("apply", "{posts}"), "--out"),
        (("apply", "{posts}", "--out", "{out}", "--sure", "2"), "0<=x<=1"),
        (("fit", "{gold}", "--method", "guess", "--out", "{out}"), "is not one of"),
        (("against", "{gold}", "--limit", "0"), "x>=1"),
    ],
)
def test_wrong_usage(
    call: Call, gold: Path, tmp_path: Path, arguments: tuple[str, ...], told: str
) -> None:
    places = {"gold": gold, "posts": gold, "out": tmp_path / "out.jsonl"}
    result = call("label", "weak", *(part.format(**places) for part in arguments))
    assert result.exit_code == 2
    assert told in result.output
    assert not (tmp_path / "out.jsonl").exists()


@pytest.mark.parametrize("verb", ["summary", "compare", "against"])
@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "no judged post"),
        ("nonsense\n", "bad.jsonl:1: is not JSON"),
        ("[]\n", "bad.jsonl:1: is no JSON object"),
        ('{"id": "a", "title": "t"}\n', "bad.jsonl:1: no judged post"),
    ],
)
def test_bad_judged_files(call: Call, tmp_path: Path, verb: str, text: str, told: str) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text(text, "utf-8")
    result = call("label", "weak", verb, path)
    assert result.exit_code == 1
    assert told in result.output
    assert "Traceback" not in result.output


def test_bad_models_and_taken_names(call: Call, gold: Path, tmp_path: Path) -> None:
    out = tmp_path / "weak.jsonl"
    result = call("label", "weak", "apply", gold, "--out", out, "--model", gold)
    assert (result.exit_code, "is no label model" in result.output) == (1, True)
    out.write_text("mine", "utf-8")
    result = call("label", "weak", "apply", gold, "--out", out)
    assert (result.exit_code, "is there already" in result.output) == (1, True)
    silent = write_lines(tmp_path / "silent.jsonl", [post("a", "通知", "放假")])
    result = call("label", "weak", "fit", silent, "--out", tmp_path / "model.json")
    assert (result.exit_code, "no labelling function votes" in result.output) == (1, True)


def test_without_crowd_kit_the_remedy_is_told(
    call: Call, gold: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "crowdkit.aggregation", None)
    monkeypatch.setitem(sys.modules, "crowdkit", None)
    out = tmp_path / "model.json"
    result = call("label", "weak", "fit", gold, "--out", out)
    assert result.exit_code == 1
    assert "pip install 'hirelens[weak]'" in result.output
    ok(call("label", "weak", "fit", gold, "--out", out, "--method", "majority"))


@pytest.fixture(autouse=True)
def _listed() -> None:
    """Fail early where the front door does not know the verb."""
    assert "label" in cli.VERBS
