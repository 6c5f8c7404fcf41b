import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from enrich.taxonomy import ARTEFACT, Sense, Taxonomy
from labels.taxonomy.compile import compile_to
from labels.taxonomy.loader import COLUMNS, SourceError, load
from labels.taxonomy.report import GoldError, check, report

HEADER = "\t".join(COLUMNS)
GOOD = (
    "cat-a\t餐饮\t\t\t\tcategory",
    "waiter\t服务员\tcat-a\t侍应|服務生\t包房服务员\t",
    "runner\t传菜员\tcat-a|waiter\t传菜\t\t",
)


def folder(
    path: Path,
    rows: Sequence[str] = GOOD,
    ambiguous: Sequence[str] = (),
    lookalikes: Sequence[str] = (),
    query_only: Sequence[str] = (),
) -> Path:
    (path / "catering.tsv").write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    lists = {"ambiguous": ambiguous, "lookalikes": lookalikes, "query_only": query_only}
    for name, lines in lists.items():
        (path / f"{name}.tsv").write_text(
            "\n".join(["word\treason", *lines]) + "\n", encoding="utf-8"
        )
    return path


def test_the_committed_data_hold_no_problem() -> None:
    assert check() == []


def test_the_committed_artefact_equals_a_fresh_compile(tmp_path: Path) -> None:
    fresh = tmp_path / "t.json.gz"
    digest = compile_to(fresh)
    assert fresh.read_bytes() == ARTEFACT.read_bytes(), "run: hirelens taxonomy compile"
    assert Taxonomy.load().digest == digest


def test_the_report_of_the_committed_data() -> None:
    told = report()
    assert told.positions >= 700
    assert told.forms >= 2500
    assert len(told.by_sector) >= 15
    assert sum(positions for positions, _ in told.by_sector.values()) == told.positions
    assert told.digest == Taxonomy.load().digest
    assert json.loads(json.dumps(told.to_mapping()))["positions"] == told.positions


def test_what_is_compiled_is_what_was_written(tmp_path: Path) -> None:
    source = folder(
        tmp_path, ambiguous=["传菜\ttask"], lookalikes=["服务员工\tstaff"], query_only=["侍应\tx"]
    )
    path = tmp_path / "out" / "t.json.gz"
    compile_to(path, source)
    taxonomy = Taxonomy.load(path)
    assert set(taxonomy.positions) == {"waiter", "runner"}
    assert taxonomy.senses("服务生") == (Sense("waiter", "same"),)
    assert taxonomy.senses("包房服务员") == (Sense("waiter", "narrower"),)
    assert taxonomy.ancestors("runner") == ("waiter",)
    assert taxonomy.ambiguous == {"传菜"}
    assert taxonomy.lookalikes == {"服务员工"}
    assert taxonomy.query_only == {"侍应"}


def test_compiling_twice_gives_equal_bytes(tmp_path: Path) -> None:
    source = folder(tmp_path)
    compile_to(tmp_path / "1.gz", source)
    compile_to(tmp_path / "2.gz", source)
    assert (tmp_path / "1.gz").read_bytes() == (tmp_path / "2.gz").read_bytes()


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("waiter\t端盘\tcat-a\t\t\t", "catering.tsv:5: id 'waiter' is also at catering.tsv:3"),
        ("new\t新员\tnowhere\t\t\t", "catering.tsv:5: parent 'nowhere' is unknown"),
        ("new\t新员\t\t\t\t", "catering.tsv:5: parents is empty"),
        ("new\t\tcat-a\t\t\t", "catering.tsv:5: name is empty"),
        ("\t新员\tcat-a\t\t\t", "catering.tsv:5: id '' is no slug"),
        ("New One\t新员\tcat-a\t\t\t", "catering.tsv:5: id 'New One' is no slug"),
        ("new\t新员\tcat-a\t\t", "catering.tsv:5: has 5 columns"),
        ("new\t新员\tcat-a\t甲||乙\t\t", "catering.tsv:5: same has an empty entry"),
        ("new\t新员\tcat-a\t侍应\t\t", "catering.tsv:5: form '侍应' is also at catering.tsv:3"),
        ("new\t新员\tcat-a\t服務員\t\t", "catering.tsv:5: form '服务员' is also at catering.tsv:3"),
        ("new\t新员\tcat-a\t甲|甲\t\t", "catering.tsv:5: form '甲' stands twice in the line"),
        ("new\t新员\tcat-a\t甲,乙\t\t", "catering.tsv:5: form '甲,乙' holds punctuation"),
        ("new\t新员\tcat-a\t\u200b\t\t", "is empty once normalised"),
        ("new\t新员\tcat-a\t\t\tbold", "catering.tsv:5: flag 'bold' is unknown"),
        ("new\t新员\tnew\t\t\t", "catering.tsv:5: 'new' is its own ancestor"),
        (
            "cat-b\t类\twaiter\t\t\tcategory",
            "catering.tsv:5: category 'cat-b' stands under a position",
        ),
        ("cat-b\t类\tcat-a\t甲\t\tcategory", "catering.tsv:5: a category has forms"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, row: str, problem: str) -> None:
    source = folder(tmp_path, (*GOOD, row))
    assert any(problem in told for told in check(source)), check(source)
    with pytest.raises(SourceError):
        compile_to(tmp_path / "t.gz", source)


def test_a_cycle_over_two_lines_is_named(tmp_path: Path) -> None:
    rows = (GOOD[0], "a\t甲\tcat-a|b\t\t\t", "b\t乙\ta\t\t\t")
    assert sum("its own ancestor" in told for told in check(folder(tmp_path, rows))) == 2


def test_a_form_may_be_shared_where_both_lines_say_so(tmp_path: Path) -> None:
    both = (*GOOD, "a\t甲\tcat-a\t&共用\t\t", "b\t乙\tcat-a\t\t&共用\t")
    source = folder(tmp_path, both)
    assert check(source) == []
    compile_to(tmp_path / "t.gz", source)
    senses = Taxonomy.load(tmp_path / "t.gz").senses("共用")
    assert senses == (Sense("a", "same"), Sense("b", "narrower"))
    one = (*GOOD, "a\t甲\tcat-a\t&共用\t\t", "b\t乙\tcat-a\t\t共用\t")
    assert len(check(folder(tmp_path, one))) == 1


@pytest.mark.parametrize(
    ("lists", "problem"),
    [
        ({"ambiguous": ["会计\tfield"]}, "ambiguous.tsv:2: '会计' is no form"),
        ({"query_only": ["会计\tfield"]}, "query_only.tsv:2: '会计' is no form"),
        ({"lookalikes": ["传菜\tx"]}, "lookalikes.tsv:2: '传菜' is a form too"),
        ({"ambiguous": ["传菜\t"]}, "ambiguous.tsv:2: reason is empty"),
        ({"ambiguous": ["传菜\ta", "传菜\tb"]}, "ambiguous.tsv:3: '传菜' stands twice"),
    ],
)
def test_a_wrong_word_list_is_named(
    tmp_path: Path, lists: dict[str, list[str]], problem: str
) -> None:
    assert any(problem in told for told in check(folder(tmp_path, **lists)))


def test_missing_files_are_named(tmp_path: Path) -> None:
    problems = load(tmp_path).problems
    assert any("lookalikes.tsv: is missing" in told for told in problems)
    assert any("holds no sector file" in told for told in problems)


def test_comments_and_blank_lines_are_skipped(tmp_path: Path) -> None:
    assert check(folder(tmp_path, ("# a note", "", *GOOD))) == []


def test_coverage_of_a_judged_file(tmp_path: Path) -> None:
    gold = tmp_path / "gold.jsonl"
    mentions = [
        ("服務員", "H"),
        ("传*菜*员", "N:bait"),
        ("侍应", "H"),
        ("火星人", "N:other"),
        ("工作", "X"),
    ]
    post = {"mentions": [{"text": text, "label": label} for text, label in mentions]}
    gold.write_text(json.dumps(post, ensure_ascii=False) + "\n", encoding="utf-8")
    told = report(gold, folder(tmp_path, query_only=["侍应\tx"]))
    assert (told.coverage["H"].mentions, told.coverage["H"].known, told.coverage["H"].found) == (
        2,
        2,
        1,
    )
    assert told.coverage["N"].share == 0.5
    assert told.coverage["X"].known == 0
    assert told.missed == (("火星人", 1),)


@pytest.mark.parametrize("line", ["no json", "[]", '{"mentions": [{"text": 1}]}', '{"id": "x"}'])
def test_a_wrong_judged_file_is_named(tmp_path: Path, line: str) -> None:
    gold = tmp_path / "gold.jsonl"
    gold.write_text('{"mentions": []}\n' + line + "\n", encoding="utf-8")
    with pytest.raises(GoldError, match=r"gold\.jsonl:2: "):
        report(gold)
