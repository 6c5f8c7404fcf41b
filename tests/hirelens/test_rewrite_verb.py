"""``hirelens rewrite`` and ``hirelens evaluate rewrite``."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from verbs_support import ok, write_lines

Call = Callable[..., Result]
JUDGED = [
    {"query": "理发师", "candidate": "发型师", "label": 2},
    {"query": "理发师", "candidate": "理发助理", "label": 1},
    {"query": "英语老师", "candidate": "日语老师", "label": 0},
    {"query": "英语老师", "candidate": "英语教师", "label": 0},
]


def test_one_query_as_a_table(call: Call) -> None:
    shown = ok(call("rewrite", "理发师", "--explain")).stdout
    assert "another name of 发型师" in shown
    assert "narrower" in shown
    assert "why" not in ok(call("rewrite", "理发师")).stdout


def test_one_query_as_json(call: Call) -> None:
    data = json.loads(ok(call("rewrite", "北京药店店员4000以上", "--json")).stdout)
    assert data["query"] == "北京药店店员4000以上"
    (part,) = data["parts"]
    assert part["canonical"] == "药店店员"
    assert part["positions"] == ["drugstore-clerk"]
    assert {"text", "score", "kind", "source", "positions", "why"} == set(part["expansions"][0])


def test_a_file_and_standard_input_give_json_lines(call: Call, tmp_path: Path) -> None:
    path = tmp_path / "queries.txt"
    path.write_text("保安\n\n服务员 会计\n", "utf-8")
    lines = ok(call("rewrite", "--file", str(path))).stdout.splitlines()
    assert [len(json.loads(line)["parts"]) for line in lines] == [1, 2]
    piped = ok(call("rewrite", "-", stdin="保安\n".encode())).stdout
    assert json.loads(piped) == json.loads(lines[0])


def test_pairs_get_a_score_and_a_verdict(call: Call) -> None:
    given = "\ufeff理发师\t发型师\r\n\n英语老师\t日语老师\n".encode()
    lines = ok(call("rewrite", "--pairs", "-", stdin=given)).stdout.splitlines()
    cells = [line.split("\t") for line in lines]
    assert [(*row[:2], row[3]) for row in cells] == [
        ("理发师", "发型师", "1"),
        ("英语老师", "日语老师", "0"),
    ]
    assert float(cells[0][2]) > 0.5 > float(cells[1][2])
    explained = ok(call("rewrite", "--pairs", "-", "--explain", stdin=given)).stdout
    source, why = explained.splitlines()[0].split("\t")[4:]
    assert source == "taxonomy"
    assert why.startswith("another name of 发型师")


def test_bad_pairs_are_told_by_number_and_the_others_are_judged(call: Call, tmp_path: Path) -> None:
    path = tmp_path / "pairs.tsv"
    path.write_text("理发师\t发型师\n理发师\na\tb\tc\n\t发型师\n保安\t门卫\n", "utf-8")
    result = call("rewrite", "--pairs", str(path))
    assert result.exit_code == 1
    for number in (2, 3, 4):
        assert f"{path}:{number}: is no pair" in result.stderr
    assert [line.split("\t")[0] for line in result.stdout.splitlines()] == ["理发师", "保安"]


def test_pairs_as_json(call: Call) -> None:
    given = "理发师\t发型师\n".encode()
    data = json.loads(ok(call("rewrite", "--pairs", "-", "--json", stdin=given)).stdout)
    assert data["accept"] is True
    assert "why" not in data


def test_a_source_can_be_left_out(call: Call) -> None:
    shown = ok(call("rewrite", "理发师", "--json", "--without", "taxonomy")).stdout
    sources = {one["source"] for one in json.loads(shown)["parts"][0]["expansions"]}
    assert "taxonomy" not in sources
    result = call("rewrite", "理发师", "--without", "editors")
    assert result.exit_code == 2


@pytest.mark.parametrize(
    "args", [(), ("会计", "--file", "-"), ("会计", "--pairs", "-"), ("--file", "-", "--pairs", "-")]
)
def test_one_source_of_queries_is_needed(call: Call, args: tuple[str, ...]) -> None:
    result = call("rewrite", *args)
    assert result.exit_code == 2
    assert "give one query" in result.output


def test_the_table_of_co_clicks_is_asked(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "clicks.tsv"
    head = "# hirelens co-clicks 1\nquery\tother\tshared\tquery_posts\tother_posts\n"
    path.write_text(f"{head}蓝色幻想\t保安\t9\t9\t9\n", "utf-8")
    monkeypatch.setenv("HIRELENS_CLICKS", str(path))
    given = "保安\t蓝色幻想\n".encode()
    args = ("rewrite", "--pairs", "-", "--explain", "--without", "encoder")
    told = ok(call(*args, stdin=given)).stdout
    assert told.rstrip("\n").split("\t")[3:5] == ["1", "clicks"]
    path.write_text(f"{head}蓝色幻想\n", "utf-8")
    result = call("rewrite", "保安")
    assert result.exit_code == 1
    assert f"{path}:3: has 1 columns" in result.output


def test_doctor_looks_at_the_sources(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def check() -> dict[str, str]:
        report = json.loads(call("doctor", "--json").stdout)
        return next(one for one in report["checks"] if one["name"] == "rewriting")

    monkeypatch.setattr("search.rewrite.encoder.SHIPPED", tmp_path / "none")
    assert check()["level"] == "warn"
    assert "without the encoder" in check()["detail"]
    assert "hirelens train rewrite" in check()["remedy"]
    path = tmp_path / "clicks.tsv"
    path.write_text("no table\n", "utf-8")
    monkeypatch.setenv("HIRELENS_CLICKS", str(path))
    assert check()["level"] == "fail"
    assert f"{path}:1" in check()["detail"]


def test_evaluation_scores_pairs_and_leaves_out_each_source(call: Call, tmp_path: Path) -> None:
    gold, page = write_lines(tmp_path / "pairs.jsonl", JUDGED), tmp_path / "wrong.html"
    args = ("evaluate", "rewrite", str(gold), "--ablation", "--errors", str(page))
    data = json.loads(ok(call(*args, "--json")).stdout)
    assert data["pairs"] == 4
    assert data["recall"]["value"] == 1.0
    assert data["precision"]["value"] == pytest.approx(2 / 3, abs=1e-4)
    assert data["ablation"]["clicks only"]["recall"]["value"] == 0.0
    assert data["ablation"]["taxonomy only"]["recall"]["value"] == 1.0
    assert "accepted, but wrong (1 of 4)" in page.read_text("utf-8")
    shown = ok(call(*args)).stdout
    assert "what each source brings" in shown
    assert "bad_case_rate" in shown


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("{", "is no pair"),
        ('{"query": "a", "candidate": "b"}', "is no pair"),
        ('{"query": "a", "candidate": " ", "label": 1}', "must be words"),
        ('{"query": "a", "candidate": "b", "label": 3}', "is none of 0, 1, 2"),
        ('{"query": "理发师", "candidate": "发型师", "label": 2}', "stands twice"),
    ],
)
def test_a_bad_judged_pair_is_told_by_line(
    call: Call, tmp_path: Path, line: str, problem: str
) -> None:
    path = tmp_path / "pairs.jsonl"
    path.write_text(f"{json.dumps(JUDGED[0])}\n{line}\n", "utf-8")
    result = call("evaluate", "rewrite", str(path))
    assert result.exit_code == 1
    assert f"{path}:2:" in result.output
    assert problem in result.output


def test_an_empty_judged_file_is_told(call: Call, tmp_path: Path) -> None:
    path = tmp_path / "pairs.jsonl"
    path.write_text("\n", "utf-8")
    assert "no judged pair" in call("evaluate", "rewrite", str(path)).output


def test_intents_that_are_not_exact_stand_on_a_page(call: Call, tmp_path: Path) -> None:
    rows = [{"query": "上海会计", "intents": [{"text": "上海会计", "attribute": "company"}]}]
    gold, page = write_lines(tmp_path / "queries.jsonl", rows), tmp_path / "wrong.html"
    ok(call("evaluate", "intent", str(gold), "--errors", str(page)))
    text = page.read_text("utf-8")
    assert "上海会计: company" in text
    assert "上海: location | 会计: position" in text
