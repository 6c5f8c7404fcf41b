"""A site's files: what lines give, what a wrong one says, any bytes at all."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from search_support import TAXONOMY
from site_support import rules, told, write

from search.site.files import MAX_BYTES, TABLES, SiteError
from search.site.loader import LONGEST, examine, load
from search.site.model import Forced, Meaning, SiteRules, spelling
from search.site.template import make, template


def test_lines_become_rules(tmp_path: Path) -> None:
    found = rules(
        tmp_path,
        synonyms="端盘小弟 服务员\n大肉 包吃住",
        stop_words="求职信息",
        companies="宏远精密 宏远厂|宏远_Precision\n独一公司",
        rewrites="服务员 会计 blocked\n骑手 服务员 forced related",
    )
    assert found.synonyms == {
        "端盘小弟": Meaning("服务员", "position", "服务员"),
        "大肉": Meaning("包吃住", "benefit", "包吃住"),
    }
    assert found.stop_words == {"求职信息"}
    assert found.company_names("宏远厂") == ("宏远精密", "宏远厂", "宏远precision")
    assert found.company_names("独一公司") == ("独一公司",)
    assert found.company_names("别家") == ("别家",)
    assert found.blocks("服务员", "会计")
    assert not found.blocks("会计", "服务员")
    assert found.forces("骑手") == (Forced("服务员", "related"),)
    assert found.counts["forced rewrites"] == 1
    assert found


def test_no_files_are_no_rules(tmp_path: Path) -> None:
    found = load(tmp_path, TAXONOMY)
    assert not found
    assert found.digest
    assert not SiteRules.none()
    assert not SiteRules.none().blocks("服务员", "会计")
    assert not SiteRules.none().digest


def test_the_digest_follows_the_bytes(tmp_path: Path) -> None:
    before = rules(tmp_path, stop_words="求职信息").digest
    assert before == rules(tmp_path, stop_words="求职信息").digest
    assert before != rules(tmp_path, stop_words="招聘信息").digest


def test_words_are_normalised(tmp_path: Path) -> None:
    found = rules(
        tmp_path,
        synonyms="端盤小弟 服務員\nＪＡＶＡ_后端 Java_开发工程师",
        rewrites="服務員 會計 blocked",
    )
    assert found.synonyms["端盘小弟"].value == "服务员"
    # The form is the taxonomy's, so that its positions are found.
    assert found.synonyms["java后端"].value == "java 开发工程师"
    assert found.blocks("服務員", "會計")


def test_a_rewrite_holds_for_every_name_of_both_positions(tmp_path: Path) -> None:
    found = rules(
        tmp_path,
        synonyms="端盘小弟 服务员",
        rewrites="服务员 骑手 blocked\n会计 送餐员 forced",
    )
    assert found.blocks("服务生", "送餐员")
    assert found.blocks("端盘小弟", "送餐员")
    assert found.forced_pair("会计", "骑手") == Forced("送餐员", "same")
    assert found.forced_pair("骑手", "会计") is None
    # A narrower kind is another thing.
    assert not found.blocks("传菜服务员", "骑手")


def test_two_names_of_one_position_stay_names(tmp_path: Path) -> None:
    found = rules(tmp_path, rewrites="骑手 送餐员 blocked\n服务员 服务生 forced")
    assert found.blocks("骑手", "送餐员")
    assert not found.blocks("骑手", "骑手")
    assert not found.blocks("送餐员", "骑手")
    assert found.forced_pair("服务员", "服务生") == Forced("服务生", "same")
    assert found.forced_pair("服务生", "服务员") is None
    assert found.forces("服务生") == ()


def test_a_synonym_in_a_pair_stands_for_its_meaning(tmp_path: Path) -> None:
    found = rules(
        tmp_path,
        synonyms="端盘小弟 服务员\n打标哥 激光打标",
        companies="激光打标",
        rewrites="端盘小弟 服务生 blocked\n打标哥 会计 forced",
    )
    for name in ("端盘小弟", "服务员"):
        assert found.blocks(name, "服务生")
        assert found.meant(name) == "服务员"
    assert not found.blocks("服务生", "服务员")
    assert found.forced_pair("激光打标", "会计") == Forced("会计", "same")


def test_names_that_nobody_knows_can_be_rewritten(tmp_path: Path) -> None:
    found = rules(tmp_path, rewrites="镭雕工 激光打标工 forced narrower\n镭雕工 刻章工 blocked")
    assert found.forces("镭雕工") == (Forced("激光打标工", "narrower"),)
    assert found.blocks("镭雕工", "刻章工")


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"synonyms": "端盘小弟"}, "synonyms.tsv:2: has 1 columns, not 2 (word meaning)"),
        ({"stop_words": "一 二"}, "stop_words.tsv:2: has 2 columns, not 1 (word)"),
        ({"synonyms": "！！ 服务员"}, "field 'word': '！！' holds no letter or digit; write a"),
        ({"synonyms": "端、盘 服务员"}, "field 'word': '端、盘' holds '、'; write words without"),
        ({"synonyms": "端 服务员"}, "field 'word': '端' has one character; write at least two"),
        ({"synonyms": f"{'端' * 51} 服务员"}, f"has 51 characters; write at most {LONGEST}"),
        ({"synonyms": "_ 服务员"}, "synonyms.tsv:2: field 'word': is empty; write a word"),
        ({"companies": "宏远精密 宏远厂||宏远"}, "field 'aliases': has an empty entry; remove"),
        ({"companies": "宏远精密 宏远厂|宏"}, "field 'aliases': '宏' has one character"),
        ({"rewrites": "会计 骑手 never"}, "field 'action': 'never' is unknown; use one of forced"),
        ({"rewrites": "会计 骑手 forced near"}, "field 'kind': 'near' is unknown; use one of same"),
        (
            {"rewrites": "会计 骑手 blocked same"},
            "field 'kind': is 'same' for a blocked pair; leav",
        ),
    ],
)
def test_a_wrong_line_is_told_with_place_and_remedy(
    tmp_path: Path, files: dict[str, str], says: str
) -> None:
    (problem,) = told(tmp_path, **files)
    assert says in problem
    assert problem.startswith(f"{next(iter(files))}.tsv:2:")


def test_every_problem_is_told_in_the_order_of_the_files(tmp_path: Path) -> None:
    problems = told(
        tmp_path,
        rewrites="会计 会计 forced\n会计 骑手 maybe",
        synonyms="端 服务员\n大肉 没这个\n甲乙 服务员",
        stop_words="会计",
    )
    assert [problem.split(" field")[0] for problem in problems] == [
        "synonyms.tsv:2:",
        "synonyms.tsv:3:",
        "stop_words.tsv:2:",
        "rewrites.tsv:2:",
        "rewrites.tsv:3:",
    ]
    with pytest.raises(SiteError) as caught:
        load(tmp_path, TAXONOMY)
    assert len(caught.value.problems) == 5
    assert "(5 problems; see hirelens site check" in str(caught.value)


def test_only_the_first_of_many_problems_are_shown(tmp_path: Path) -> None:
    write(tmp_path, stop_words="\n".join("！" * (number + 1) for number in range(30)))
    with pytest.raises(SiteError) as caught:
        load(tmp_path, TAXONOMY)
    assert len(caught.value.problems) == 30
    assert len(str(caught.value).split("\n")) == 22


def test_remarks_blank_lines_and_windows_files(tmp_path: Path) -> None:
    raw = "\ufeff# ours\r\nword\tmeaning\r\n\r\n# a remark\r\n端盘小弟\t服务员\t\t\r\n"
    (tmp_path / "synonyms.tsv").write_bytes(raw.encode())
    assert list(load(tmp_path, TAXONOMY).synonyms) == ["端盘小弟"]


@pytest.mark.parametrize(
    ("name", "raw", "says"),
    [
        ("synonyms.tsv", "端盘小弟\t服务员\n".encode(), "synonyms.tsv:1: the header is"),
        ("synonyms.tsv", "word\tmeaning\n端盘\t服务员".encode("gb18030"), "tsv:2: is not UTF-8"),
        ("stop_words.tsv", b"word\n" + b"a\n" * MAX_BYTES, "stop_words.tsv: is larger than 4 MB"),
        ("stopwords.tsv", b"word\n", "stopwords.tsv: is not read; name it one of synonyms.tsv"),
        ("synonyms.csv", b"", "synonyms.csv: is not read"),
    ],
)
def test_a_wrong_file_is_told(tmp_path: Path, name: str, raw: bytes, says: str) -> None:
    (tmp_path / name).write_bytes(raw)
    (problem,) = examine(tmp_path, TAXONOMY)[1]
    assert says in str(problem)
    assert "; " in str(problem)


def test_what_editors_leave_beside_the_files_is_no_problem(tmp_path: Path) -> None:
    for name in (".synonyms.tsv", "synonyms.tsv~", ".#synonyms.tsv", "synonyms.tsv.swp", "README"):
        (tmp_path / name).write_text("anything", "utf-8")
    assert examine(tmp_path, TAXONOMY)[1] == ()


def test_a_missing_folder_and_a_folder_for_a_file(tmp_path: Path) -> None:
    (problem,) = examine(tmp_path / "none", TAXONOMY)[1]
    assert "is no folder; make it: hirelens site init" in str(problem)
    (tmp_path / "synonyms.tsv").mkdir()
    (problem,) = examine(tmp_path, TAXONOMY)[1]
    assert str(problem).startswith("synonyms.tsv: cannot be read")


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() == 0, reason="root may read all")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    write(tmp_path, stop_words="求职信息")
    (tmp_path / "stop_words.tsv").chmod(0)
    (problem,) = examine(tmp_path, TAXONOMY)[1]
    assert "cannot be read" in str(problem)


def test_templates_are_right_and_so_are_their_examples(tmp_path: Path) -> None:
    made, kept = make(tmp_path / "site")
    assert [path.name for path in made] == list(TABLES)
    assert not kept
    assert not load(tmp_path / "site", TAXONOMY)
    assert make(tmp_path / "site") == ((), made)
    for name in TABLES:
        lines = template(name).split("\n")
        lines[-2] = lines[-2].removeprefix("# ")
        (tmp_path / "site" / name).write_text("\n".join(lines), "utf-8")
    assert all(
        load(tmp_path / "site", TAXONOMY).counts[name] for name in ("synonyms", "stop words")
    )


@given(st.text(max_size=60))
def test_spelling_is_stable(text: str) -> None:
    assert spelling(spelling(text)) == spelling(text)


_CELL = st.one_of(
    st.sampled_from(
        ["服务员", "會計", "骑手", "端盘", "包吃住", "forced", "blocked", "same", "不要"]
    ),
    st.text(max_size=8),
)


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(list(TABLES)),
        st.lists(st.lists(_CELL, max_size=5).map("\t".join), max_size=6).map("\n".join),
    ),
    st.booleans(),
)
def test_any_text_is_rules_or_problems(files: dict[str, str], headed: bool) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        for file, text in files.items():
            header = "\t".join(TABLES[file].columns) + "\n" if headed else ""
            (folder / file).write_bytes((header + text).encode("utf-8", "surrogatepass"))
        found, problems = examine(folder, TAXONOMY)
        if problems:
            assert not found
            assert all(str(one).partition(":")[0] in TABLES and one.remedy for one in problems)
        else:
            assert found == load(folder, TAXONOMY)
            for word in found.synonyms:
                assert spelling(word) == word


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from(list(TABLES)), st.binary(max_size=60)))
def test_any_bytes_are_rules_or_problems(files: dict[str, bytes]) -> None:
    with TemporaryDirectory() as name:
        for file, raw in files.items():
            (Path(name) / file).write_bytes(raw)
        found, problems = examine(Path(name), TAXONOMY)
        assert not (found and problems)
