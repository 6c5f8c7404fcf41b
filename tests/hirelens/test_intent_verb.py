"""``hirelens intent`` and ``hirelens evaluate intent``."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from verbs_support import ok

Call = Callable[..., Result]
GOLD = [
    {
        "query": "北京保安",
        "intents": [
            {"text": "北京", "attribute": "location", "value": "北京"},
            {"text": "保安", "attribute": "position", "value": "保安"},
        ],
    },
    {
        "query": "招女会计4000以上",
        "intents": [
            {"text": "招", "attribute": "generic"},
            {"text": "女", "attribute": "gender", "value": "female"},
            {"text": "会计", "attribute": "position", "value": "会计"},
            {
                "text": "4000以上",
                "attribute": "salary",
                "value": {"min": 4000, "max": None, "unit": "month"},
            },
        ],
    },
]


@pytest.fixture
def gold(tmp_path: Path) -> Path:
    path = tmp_path / "queries.jsonl"
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in GOLD), "utf-8")
    return path


def test_one_query_as_a_table(call: Call) -> None:
    shown = ok(call("intent", "服物员不要夜班", "--explain")).output
    assert "服务员" in shown
    assert "服物员 -> 服务员 (pinyin)" in shown
    assert "not 夜班" in shown


def test_one_query_as_json(call: Call) -> None:
    data = json.loads(ok(call("intent", "北京保安", "--json")).output)
    assert data["query"] == "北京保安"
    assert [(i["text"], i["attribute"]) for i in data["intents"]] == [
        ("北京", "location"),
        ("保安", "position"),
    ]
    assert "source" not in data["intents"][0]


def test_a_file_and_standard_input_give_json_lines(call: Call, tmp_path: Path) -> None:
    path = tmp_path / "queries.txt"
    path.write_text("北京保安\n\n会计 双休\n", "utf-8")
    lines = ok(call("intent", "--file", str(path), "--explain")).output.splitlines()
    assert [json.loads(line)["query"] for line in lines] == ["北京保安", "会计 双休"]
    assert json.loads(lines[0])["intents"][0]["source"] == "dictionary:places"
    piped = ok(call("intent", "-", stdin="北京保安\n".encode())).output
    assert json.loads(piped)["query"] == "北京保安"


@pytest.mark.parametrize("args", [(), ("会计", "--file", "-")])
def test_one_source_is_needed(call: Call, args: tuple[str, ...]) -> None:
    result = call("intent", *args)
    assert result.exit_code == 2
    assert "give one query" in result.output


def test_evaluation_scores_each_attribute(call: Call, gold: Path) -> None:
    data = json.loads(ok(call("evaluate", "intent", str(gold), "--json")).output)
    assert data["exact"]["value"] == 1.0
    assert data["position"]["count"] == 2
    assert data["attributes"]["salary"]["value"] == 1.0
    assert data["ablation"] == {}


def test_evaluation_leaves_out_each_step(call: Call, gold: Path) -> None:
    shown = ok(call("evaluate", "intent", str(gold), "--ablation")).output
    assert "what each step brings" in shown
    data = json.loads(ok(call("evaluate", "intent", str(gold), "--ablation", "--json")).output)
    assert data["ablation"]["salary"]["exact"]["value"] == 0.5
    assert data["ablation"]["salary"]["wrong"] == ["招女会计4000以上"]


def test_a_file_without_judgements_is_refused(call: Call, tmp_path: Path) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text('{"query": "会计"}\n', "utf-8")
    result = call("evaluate", "intent", str(path))
    assert result.exit_code == 1
    assert "has no list 'intents'" in result.output


def test_figures_are_those_of_the_shared_scorer(shared: Path) -> None:
    import importlib.util

    from enrich.taxonomy import Taxonomy
    from labels.evaluate.intent import attributes, score_intents
    from search.intent.reader import reader_of

    spec = importlib.util.spec_from_file_location("scorer", shared / "eval" / "score_intents.py")
    assert spec is not None
    assert spec.loader is not None
    scorer = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(scorer)
    judged = Path(__file__).parents[1] / "data" / "queries_judged.jsonl"
    rows = [json.loads(line) for line in judged.read_text("utf-8").splitlines()][::3]
    reader = reader_of(Taxonomy.load()).leaving_out("salary")
    read = [reader.understand(row["query"]).to_mapping() for row in rows]
    exact = same = with_position = 0
    for row, guess in zip(rows, read, strict=True):
        marks = scorer.attributes(row["query"], guess["intents"])
        assert marks == attributes(row["query"], guess["intents"])
        exact += marks == scorer.attributes(row["query"], row["intents"])
        if positions := scorer.positions(row["intents"]):
            with_position += 1
            same += scorer.same_positions(positions, scorer.positions(guess["intents"]))
    found = score_intents(rows, read)
    assert found.exact is not None
    assert found.position is not None
    assert found.exact.value == pytest.approx(exact / len(rows))
    assert found.position.value == pytest.approx(same / with_position)
