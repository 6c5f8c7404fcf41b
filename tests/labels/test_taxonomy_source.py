import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from taxonomy_support import GOOD, folder

from enrich.taxonomy import ARTEFACT, Related, Sense, Taxonomy
from labels.taxonomy.compile import compile_to
from labels.taxonomy.loader import DATA, load
from labels.taxonomy.report import check, report
from labels.taxonomy.source import SourceError


def test_the_committed_data_hold_no_problem() -> None:
    assert check() == []


def test_the_committed_artefact_equals_a_fresh_compile(tmp_path: Path) -> None:
    fresh = tmp_path / "t.json.gz"
    digest = compile_to(fresh)
    assert fresh.read_bytes() == ARTEFACT.read_bytes(), "run: hirelens taxonomy compile"
    assert Taxonomy.load().digest == digest


def test_the_committed_data_are_as_large_as_promised() -> None:
    told = report()
    assert told.positions >= 1500
    assert told.forms >= 6000
    assert told.relations >= 500
    assert sum(sector.positions for sector in told.by_sector) == told.positions
    assert told.digest == Taxonomy.load().digest
    assert json.loads(json.dumps(told.to_mapping()))["positions"] == told.positions


def test_every_field_of_work_has_a_sector_or_group() -> None:
    names = "".join(row.name for row in load().rows if row.is_category)
    fields = (
        "餐饮 酒店 美容 生产 建筑 司机 物流 配送 家政 零售 销售 客服 医疗 教育 体育 安保 物业 财务"
        " 金融 法律 传媒 设计 技术 农 兼职 行政 人力资源 采购"
    )
    assert [field for field in fields.split() if field not in names] == []


def test_every_lookalike_holds_a_form_that_would_be_found() -> None:
    taxonomy = Taxonomy.load()
    found = taxonomy.forms.keys() - taxonomy.query_only
    assert [
        word
        for word in taxonomy.lookalikes
        if not any(
            word[i:j] in found for i in range(len(word)) for j in range(i + 2, len(word) + 1)
        )
    ] == []


def test_files_end_lines_one_way_only() -> None:
    for path in DATA.rglob("*.tsv"):
        assert b"\r" not in path.read_bytes(), path


def test_what_is_compiled_is_what_was_written(tmp_path: Path) -> None:
    source = folder(
        tmp_path,
        relations=["runner\tnear\twaiter"],
        retired=["dish-boy\twaiter\tthe same job", "boy\tdish-boy\tdouble"],
        ambiguous=["传菜\ttask"],
        lookalikes=["服务员工\tstaff"],
        query_only=["侍应\tx"],
    )
    path = tmp_path / "out" / "t.json.gz"
    compile_to(path, source)
    taxonomy = Taxonomy.load(path)
    assert set(taxonomy.positions) == {"waiter", "runner"}
    assert [category.name for category in taxonomy.path("waiter")] == ["餐饮", "前厅"]
    assert taxonomy.senses("服务生") == (Sense("waiter", "same"),)
    assert taxonomy.senses("包房服务员") == (Sense("waiter", "narrower"),)
    assert taxonomy.ancestors("runner") == ("waiter",)
    assert taxonomy.related("waiter") == (Related("near", "runner"),)
    assert taxonomy.retired == {"dish-boy": "waiter", "boy": "waiter"}
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
        (
            "waiter\t端盘\tcat-front\t\t\t\t",
            "6: id 'waiter' is also at data/positions/catering.tsv:4",
        ),
        ("new\t新员\tnowhere\t\t\t\t", "catering.tsv:6: group 'nowhere' is unknown"),
        ("new\t新员\t\t\t\t\t", "catering.tsv:6: group is empty"),
        ("new\t新员\tcat-a\t\t\t\t", "catering.tsv:6: 'cat-a' is a sector; name one of its gr"),
        ("new\t新员\twaiter\t\t\t\t", "catering.tsv:6: group 'waiter' is a position"),
        ("new\t\tcat-front\t\t\t\t", "catering.tsv:6: name is empty"),
        ("\t新员\tcat-front\t\t\t\t", "catering.tsv:6: id '' is no slug"),
        ("New One\t新员\tcat-front\t\t\t\t", "catering.tsv:6: id 'New One' is no slug"),
        ("new\t新员\tcat-front\t\t\t", "catering.tsv:6: has 6 columns"),
        ("new\t新员\tcat-front\t\t甲甲||乙乙\t\t", "catering.tsv:6: same has an empty entry"),
        (
            "new\t新员\tcat-front\t\t侍应\t\t",
            "6: form '侍应' is also at data/positions/catering",
        ),
        (
            "new\t新员\tcat-front\t\t服務員\t\t",
            "6: form '服务员' is also at data/positions",
        ),
        ("new\t新员\tcat-front\t\t甲工|甲工\t\t", "form '甲工' stands twice in the line"),
        ("new\t新员\tcat-front\t\t甲,乙\t\t", "catering.tsv:6: form '甲,乙' holds punctuation"),
        ("new\t新员\tcat-front\t\t甲\t\t", "catering.tsv:6: form '甲' has one character"),
        ("new\t新员\tcat-front\t\t\u200b\t\t", "is empty once normalised"),
        ("new\t新员\tcat-front\t\t\t\tbold", "catering.tsv:6: flag 'bold' is unknown"),
        ("new\t新员\tcat-front\tnew\t\t\t", "catering.tsv:6: 'new' is its own ancestor"),
        ("new\t新员\tcat-front\tnobody\t\t\t", "catering.tsv:6: broader 'nobody' is unknown"),
        ("new\t新员\tcat-front\tcat-a\t\t\t", "catering.tsv:6: broader 'cat-a' is a category"),
        ("cat-b\t类\tcat-front\t\t\t\tcategory", "'cat-front' is no sector; groups do not stand"),
        ("cat-b\t类\tcat-a\t\t甲工\t\tcategory", "catering.tsv:6: a category has forms"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, row: str, problem: str) -> None:
    source = folder(tmp_path / "data", (*GOOD, row))
    assert any(problem in told for told in check(source)), check(source)
    with pytest.raises(SourceError):
        compile_to(tmp_path / "t.gz", source)


def test_a_cycle_over_two_lines_is_named(tmp_path: Path) -> None:
    rows = (*GOOD[:2], "a\t甲工\tcat-front\tb\t\t\t", "b\t乙工\tcat-front\ta\t\t\t")
    assert sum("its own ancestor" in told for told in check(folder(tmp_path, rows))) == 2


def test_a_form_may_be_shared_where_both_lines_say_so(tmp_path: Path) -> None:
    both = (*GOOD, "a\t甲工\tcat-front\t\t&共用\t\t", "b\t乙工\tcat-front\t\t\t&共用\t")
    source = folder(tmp_path, both)
    assert check(source) == []
    compile_to(tmp_path / "t.gz", source)
    senses = Taxonomy.load(tmp_path / "t.gz").senses("共用")
    assert senses == (Sense("a", "same"), Sense("b", "narrower"))
    one = (*GOOD, "a\t甲工\tcat-front\t\t&共用\t\t", "b\t乙工\tcat-front\t\t\t共用\t")
    assert len(check(folder(tmp_path, one))) == 1


@pytest.mark.parametrize(
    ("lists", "problem"),
    [
        ({"ambiguous": ["会计\tfield"]}, "ambiguous.tsv:2: '会计' is no form"),
        ({"query_only": ["会计\tfield"]}, "query_only.tsv:2: '会计' is no form"),
        ({"lookalikes": ["传菜\tx"]}, "lookalikes.tsv:2: '传菜' is a form too"),
        ({"refused": ["传菜\tx"]}, "refused.tsv:2: '传菜' is a form too"),
        ({"ambiguous": ["传菜\t"]}, "ambiguous.tsv:2: reason is empty"),
        ({"ambiguous": ["传菜\ta", "传菜\tb"]}, "ambiguous.tsv:3: '传菜' stands twice"),
        ({"relations": ["runner\tloves\twaiter"]}, "catering.tsv:2: kind 'loves' is unknown"),
        ({"relations": ["runner\tnear\tnobody"]}, "catering.tsv:2: other 'nobody' is no position"),
        ({"relations": ["runner\tnear\trunner"]}, "'runner' is related to itself"),
        (
            {"relations": ["runner\tnear\twaiter", "waiter\tnear\trunner"]},
            "catering.tsv:3: the pair also stands at data/relations/catering.tsv:2",
        ),
        ({"retired": ["runner\twaiter\tx"]}, "retired.tsv:2: 'runner' is a live id"),
        ({"retired": ["old\tnobody\tx"]}, "retired.tsv:2: successor 'nobody' leads to no position"),
        ({"retired": ["a\tb\tx", "b\ta\tx"]}, "retired.tsv:2: successor 'b' leads to no position"),
        ({"retired": ["a\twaiter\tx", "a\trunner\tx"]}, "retired.tsv:3: 'a' is retired twice"),
        ({"retired": ["a\twaiter\t"]}, "retired.tsv:2: reason is empty"),
    ],
)
def test_a_wrong_list_is_named(
    tmp_path: Path, lists: Mapping[str, Sequence[str]], problem: str
) -> None:
    told = check(folder(tmp_path / "data", **lists))  # type: ignore[arg-type]
    assert any(problem in line for line in told), told


def test_an_interrupted_compile_leaves_the_old_artefact(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "out" / "t.json.gz"
    digest = compile_to(path, folder(tmp_path / "data"))

    def interrupted(self: Path, data: bytes) -> int:
        with self.open("wb") as file:
            file.write(data[:20])
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "write_bytes", interrupted)
    with pytest.raises(KeyboardInterrupt):
        compile_to(path, folder(tmp_path / "data"))
    assert Taxonomy.load(path).digest == digest


def test_an_empty_folder_is_named(tmp_path: Path) -> None:
    assert check(tmp_path) == ["positions: holds no sector file; add one with a header line"]


def test_a_wrong_header_or_encoding_is_named(tmp_path: Path) -> None:
    source = folder(tmp_path / "data")
    path = source / "positions" / "catering.tsv"
    good = path.read_text(encoding="utf-8")
    path.write_text(good.replace("broader", "wider"), encoding="utf-8")
    assert check(source)[0].startswith("data/positions/catering.tsv:1: header is")
    path.write_bytes(good.encode("gb18030"))
    assert check(source)[0].startswith("data/positions/catering.tsv: is not UTF-8")


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(tmp_path: Path) -> None:
    source = folder(tmp_path)
    path = source / "positions" / "catering.tsv"
    text = path.read_text(encoding="utf-8")
    before = compile_to(tmp_path / "t.gz", source)
    path.write_bytes(text.replace("\n", "\r\n").encode("utf-8-sig"))
    assert check(source) == []
    assert compile_to(tmp_path / "t.gz", source) == before


@pytest.mark.parametrize(
    "name", ["change.tsv", "own.tsv", "position/own.tsv", "positions/own.csv", "Retired.tsv"]
)
def test_a_file_that_would_not_be_read_is_named(tmp_path: Path, name: str) -> None:
    path = folder(tmp_path) / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("id\tvalue\n", encoding="utf-8")
    (told,) = check(tmp_path)
    assert f"{name}: is not read; name it positions/NAME.tsv" in told


def test_comments_and_blank_lines_are_skipped(tmp_path: Path) -> None:
    assert check(folder(tmp_path, ("# a note", "", *GOOD))) == []
