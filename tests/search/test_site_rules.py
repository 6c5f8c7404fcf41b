"""What the lines of a site's files say about each other: contradictions are found."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from search_support import TAXONOMY
from site_support import rules, told

from search.site.files import Row
from search.site.known import Known
from search.site.lines import Lines, Rewrite, Synonym
from search.site.model import PairKind, SiteRules
from search.site.rewrites import check_rewrites, compiled
from search.site.rules import meanings


@pytest.mark.parametrize(
    ("files", "says"),
    [
        # synonyms
        ({"synonyms": "端盘小弟 端盘大哥"}, "'端盘大哥' names no position and nothing else"),
        ({"synonyms": "端盘小弟 服务员会计"}, "'服务员会计' names no position"),
        ({"synonyms": "端盘小弟 不要"}, "'不要' names no position"),
        ({"synonyms": "端盘小弟 端盘小弟"}, "field 'meaning': is the word itself"),
        (
            {"synonyms": "甲乙 丙丁\n丙丁 服务员"},
            "'丙丁' is a synonym itself (synonyms.tsv:3); write what that one means: 服务员",
        ),
        ({"synonyms": "甲乙 服务员\n甲乙 会计"}, "'甲乙' is a synonym at synonyms.tsv:2 already"),
        ({"synonyms": "会计 骑手"}, "field 'word': '会计' is a position's own name"),
        ({"synonyms": "不要 服务员"}, "field 'word': '不要' says what is not wanted"),
        (
            {"synonyms": "甲乙 包吃住", "stop_words": "包吃住"},
            "'包吃住' is a stop word (stop_words",
        ),
        # stop words
        (
            {"stop_words": "服务员"},
            "stop_words.tsv:2: field 'word': '服务员' is a name of a positi",
        ),
        ({"stop_words": "服務生"}, "'服务生' is a name of a position"),
        ({"stop_words": "不要"}, "'不要' says what is not wanted; remove the line"),
        ({"stop_words": "甲乙", "synonyms": "甲乙 会计"}, "'甲乙' is a synonym at synonyms.tsv:2"),
        # employers
        ({"companies": "会计"}, "companies.tsv:2: field 'name': '会计' is the name of a position"),
        ({"companies": "宏远 北京"}, "field 'aliases': '北京' is the name of a place"),
        ({"companies": "宏远 不要"}, "field 'aliases': '不要' says what is not wanted"),
        ({"companies": "宏远 宏远"}, "field 'aliases': '宏远' stands in this line twice"),
        ({"companies": "宏远 甲乙\n新厂 甲乙"}, "'甲乙' is an employer at companies.tsv:2 already"),
        # rewrites
        ({"rewrites": "会计 会计 forced"}, "field 'candidate': is the query itself"),
        (
            {"rewrites": "会计 骑手 forced\n会计 骑手 blocked"},
            "rewrites.tsv:3: field 'action': is blocked, and forced at rewrites.tsv:2; remove one",
        ),
        (
            {"rewrites": "服务员 骑手 blocked\n服务生 送餐员 forced"},
            "is forced, and blocked at rewrites.tsv:2 as 服务员 -> 骑手, of the same positions",
        ),
        (
            {"rewrites": "会计 骑手 forced same\n会计 骑手 forced related"},
            "rewrites.tsv:3: field 'candidate': the pair stands at rewrites.tsv:2 already",
        ),
        (
            {"rewrites": "会计 杂七 forced", "stop_words": "杂七"},
            "field 'candidate': '杂七' is a stop word (stop_words.tsv:2)",
        ),
        (
            {"rewrites": "杂七 会计 blocked", "stop_words": "杂七"},
            "field 'query': '杂七' is a stop word (stop_words.tsv:2)",
        ),
        (
            {"rewrites": "端盘小弟 服务员 blocked", "synonyms": "端盘小弟 服务员"},
            "'端盘小弟' is read as '服务员' (synonyms.tsv:2); remove one of the two lines",
        ),
        (
            {"rewrites": "服务员 端盘小弟 forced", "synonyms": "端盘小弟 服务员"},
            "field 'candidate': '端盘小弟' is read as '服务员' (synonyms.tsv:2)",
        ),
        (
            {"rewrites": "端菜哥 端盘小弟 blocked", "synonyms": "端盘小弟 服务员\n端菜哥 服务员"},
            "field 'candidate': '端盘小弟' is read as '服务员' (synonyms.tsv:2)",
        ),
    ],
)
def test_contradictions(tmp_path: Path, files: dict[str, str], says: str) -> None:
    (problem,) = told(tmp_path, **files)
    assert says in problem


def test_a_loop_of_synonyms_is_told_at_each_of_its_lines(tmp_path: Path) -> None:
    problems = told(tmp_path, synonyms="甲乙 丙丁\n丙丁 戊己\n戊己 甲乙\n庚辛 甲乙")
    assert len(problems) == 4
    assert "leads back to itself (甲乙 -> 丙丁 -> 戊己 -> 甲乙; see synonyms.tsv:3)" in problems[0]
    assert all("; remove one of the lines" in problem for problem in problems)


def test_a_synonym_may_mean_an_employer_of_the_site(tmp_path: Path) -> None:
    found = rules(tmp_path, synonyms="大厂 宏远", companies="宏远精密 宏远")
    assert found.synonyms["大厂"].value == "宏远精密"
    assert found.synonyms["大厂"].attribute == "company"


def test_opposite_directions_are_two_things(tmp_path: Path) -> None:
    found = rules(tmp_path, rewrites="会计 骑手 forced\n骑手 会计 blocked")
    assert found.forced_pair("会计", "骑手")
    assert found.blocks("骑手", "会计")


_SYNONYM = Synonym(Row("synonyms.tsv", 2, {}), "端盘小弟", "服务员")
_NAMES = st.sampled_from(
    ["端盘小弟", "服务员", "服务生", "骑手", "送餐员", "会计", "镭雕工", "刻章工"]
)
_KINDS: st.SearchStrategy[PairKind] = st.sampled_from(("same", "narrower", "related"))
_REWRITES = st.lists(
    st.builds(
        lambda number, query, candidate, forced, kind: Rewrite(
            Row("rewrites.tsv", number, {}), query, candidate, forced, kind
        ),
        st.integers(2, 99),
        _NAMES,
        _NAMES,
        st.booleans(),
        _KINDS,
    ),
    max_size=8,
)


@settings(deadline=None, max_examples=400)
@given(_REWRITES)
def test_what_passes_never_contradicts_itself(rewrites: list[Rewrite]) -> None:
    known = Known(TAXONOMY)
    lines = Lines((_SYNONYM,), (), (), tuple(rewrites))
    synonyms = meanings(lines, known)
    if list(check_rewrites(lines, known, synonyms)):
        return
    blocked, forced, keys = compiled(rewrites, known, synonyms)
    found = SiteRules(synonyms=synonyms, blocked=blocked, forced=forced, keys=keys)
    for one in rewrites:
        pair = found.forced_pair(one.query, one.candidate)
        assert found.blocks(one.query, one.candidate) is not one.forced
        assert (pair is not None) is one.forced
        assert pair is None or pair.kind == one.kind
