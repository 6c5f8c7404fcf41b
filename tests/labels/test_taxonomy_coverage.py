import json
from pathlib import Path
from typing import Any

import pytest
from taxonomy_support import folder

from labels.taxonomy.coverage import GoldError
from labels.taxonomy.report import report

TEXT = "招服務員和传*菜*员,比火星人好,服务员工作轻松,包房服务员"


def judged(path: Path, posts: list[dict[str, Any]]) -> Path:
    lines = [json.dumps(post, ensure_ascii=False) for post in posts]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def mark(word: str, label: str) -> dict[str, Any]:
    start = TEXT.index(word)
    return {
        "field": "body",
        "start": start,
        "end": start + len(word),
        "text": word,
        "label": label,
    }


def test_coverage_of_judged_posts(tmp_path: Path) -> None:
    marks = [("服務員", "H"), ("传*菜*员", "N:coop"), ("火星人", "N:compare"), ("工作", "X")]
    gold = judged(
        tmp_path / "gold.jsonl",
        [
            {
                "title": "",
                "body": TEXT,
                "hired": ["服务员(前厅)", "领班服务员", "服务员经验者"],
                "mentions": [mark(*given) for given in marks],
            }
        ],
    )
    told = report(gold, folder=folder(tmp_path / "data"))
    hired, named = told.mentions["H"], told.mentions["N"]
    assert (hired.total, hired.known, hired.found) == (1, 1, 1)
    assert (named.total, named.found, named.missed) == (2, 1, (("火星人", 1),))
    assert told.hired is not None
    assert (told.hired.total, told.hired.known, told.hired.found) == (3, 1, 2)
    assert told.finds is not None
    assert (told.finds.total, told.finds.positions, told.finds.unmarked_total) == (4, 2, 2)
    assert dict(told.finds.unmarked) == {"服务员": 1, "包房服务员": 1}


def test_coverage_of_judged_queries(tmp_path: Path) -> None:
    intents = [
        {"text": "侍应", "attribute": "position", "value": "服务员"},
        {"text": "急聘传菜员", "attribute": "position", "value": "传菜员"},
        {"text": "传采员", "attribute": "position", "value": "传菜员"},
        {"text": "朝阳", "attribute": "location"},
    ]
    gold = judged(tmp_path / "queries.jsonl", [{"query": "x", "intents": intents}])
    told = report(None, gold, folder(tmp_path / "data", query_only=["侍应\tx"]))
    typed, meant = told.queries_typed, told.queries_meant
    assert typed is not None
    assert meant is not None
    assert (typed.total, typed.known, typed.found) == (3, 1, 2)
    assert typed.missed == (("传采员", 1),)
    assert (meant.total, meant.known, meant.share) == (3, 3, 1.0)


@pytest.mark.parametrize("line", ["no json", "[]", '{"mentions": [{"field": "body"}]}', "{}"])
def test_a_wrong_judged_file_is_named(tmp_path: Path, line: str) -> None:
    gold = tmp_path / "gold.jsonl"
    gold.write_text('{"mentions": []}\n' + line + "\n", encoding="utf-8")
    with pytest.raises(GoldError, match=r"gold\.jsonl:2: is not a judged post"):
        report(gold, folder=folder(tmp_path / "data"))
    with pytest.raises(GoldError, match=r"gold\.jsonl:1: is not a judged query"):
        report(None, gold, folder(tmp_path / "data"))
