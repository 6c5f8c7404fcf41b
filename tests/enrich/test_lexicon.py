import time
from functools import cache

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from enrich.lexicon import Lexicon, Match
from enrich.taxonomy import Taxonomy
from enrich.text import normalize


def make(
    *forms: str, lookalikes: tuple[str, ...] = (), query_only: tuple[str, ...] = ()
) -> Lexicon:
    data = {
        "categories": [["s", "sector", ""], ["g", "group", "s"]],
        "positions": [["p", "position", "g", [], [*forms, *query_only], []]],
        "shared": {},
        "relations": [],
        "retired": {},
        "lookalikes": lookalikes,
        "ambiguous": [],
        "query_only": query_only,
    }
    return Lexicon(Taxonomy.from_mapping(data, "0"))


@cache
def shipped() -> tuple[Taxonomy, Lexicon]:
    taxonomy = Taxonomy.load()
    return taxonomy, Lexicon(taxonomy)


def words(lexicon: Lexicon, text: str) -> list[str]:
    return [match.form for match in lexicon.find(text)]


def test_the_longest_form_wins() -> None:
    lexicon = make("销售", "电话销售", "电话销售专员", "专员")
    assert lexicon.find("招电话销售专员") == [Match(1, 7, "电话销售专员")]
    assert words(lexicon, "电话销售和销售") == ["电话销售", "销售"]


def test_the_leftmost_wins_over_a_longer_later_one() -> None:
    assert words(make("甲乙", "乙丙丁戊"), "甲乙丙丁戊") == ["甲乙"]


def test_a_shorter_form_counts_where_the_longer_one_is_cut_by_latin() -> None:
    lexicon = make("web", "web前端ui")
    assert words(lexicon, "web前端ui") == ["web前端ui"]
    assert words(lexicon, "web前端uix") == ["web"]


@pytest.mark.parametrize("text", ["hr", "招hr一名", "hr,ui", "(hr)", "hr经理", "本 hr"])
def test_a_latin_form_is_found_between_chinese_or_punctuation(text: str) -> None:
    assert "hr" in words(make("hr"), text)


@pytest.mark.parametrize("text", ["chrome", "three", "hrm", "thr", "hr2", "3hr", "éhr"])
def test_a_latin_form_is_not_found_inside_a_longer_run(text: str) -> None:
    assert words(make("hr"), text) == []


def test_signs_of_programming_languages_stay_whole() -> None:
    lexicon = make("c++", "c#", ".net开发", "c/c++开发")
    assert words(lexicon, "c++、c#,.net开发和c/c++开发") == ["c++", "c#", ".net开发", "c/c++开发"]
    assert words(lexicon, "asp.net开发") == []
    assert words(lexicon, "objc++") == []


def test_a_lookalike_takes_its_characters() -> None:
    lexicon = make("护工", "工作员", lookalikes=("维护工作",))
    assert words(lexicon, "负责维护工作员的护工") == ["护工"]
    assert [match.form for match in lexicon.lookalikes("负责维护工作")] == ["维护工作"]


@pytest.mark.parametrize("after", ["作", "程", "具", "艺", "序"])
def test_a_form_is_not_cut_out_of_a_word_that_begins_with_its_last_sign(after: str) -> None:
    lexicon = make("安装工", "保洁", "保洁工")
    text = f"负责安装工{after}和保洁工{after}"
    assert words(lexicon, text) == ["保洁"]
    assert lexicon.lookalikes(text) == [Match(2, 5, "安装工")]
    assert words(lexicon, "安装工和保洁工") == ["安装工", "保洁工"]
    assert lexicon.lookalikes("安装工和保洁工") == []


def test_a_query_only_form_is_not_found() -> None:
    assert words(make("经理", query_only=("产品",)), "产品经理") == ["经理"]


def test_an_empty_taxonomy_finds_nothing() -> None:
    assert make().find("服务员") == []
    assert make("服务员").find("") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("急招服务员/传菜员,工资日结", ["服务员", "传菜员"]),
        ("负责设备维护工作", []),
        ("负责设备安装工作", []),
        ("水电工程", []),
        ("8小时工作制", []),
        ("数据库管理经验", []),
        ("护工两名", ["护工"]),
        ("招小时工", ["小时工"]),
        ("配合采购和财务", ["采购", "财务"]),
        ("招hr", ["hr"]),
        ("chrome浏览器", []),
        ("销售,客服,行政", ["销售", "客服", "行政"]),
        ("外卖骑手", ["外卖骑手"]),
    ],
)
def test_the_shipped_lexicon(text: str, expected: list[str]) -> None:
    assert words(shipped()[1], text) == expected


def test_every_form_but_query_only_ones_is_found_alone() -> None:
    taxonomy, lexicon = shipped()
    for form in taxonomy.forms.keys() - taxonomy.query_only:
        assert lexicon.find(form) == [Match(0, len(form), form)]
    for form in taxonomy.query_only:
        assert form not in words(lexicon, form)


def test_every_lookalike_hides_its_forms() -> None:
    taxonomy, lexicon = shipped()
    for word in taxonomy.lookalikes:
        assert lexicon.find(word) == []
        assert [match.form for match in lexicon.lookalikes(word)] == [word]


SNIPPETS = st.sampled_from(
    [
        "服务员",
        "护工",
        "维护工作",
        "hr",
        "java",
        "c++",
        "销售",
        "电话销售",
        "工",
        "员",
        " ",
        ",",
        "x",
        "3",
        "\n",
    ]
)


@settings(deadline=None)
@given(st.one_of(st.text(), st.lists(SNIPPETS).map("".join)))
@example("服务员" * 50)
@example("𠮷服务员😀hr")
def test_spans_are_ordered_disjoint_and_hold_their_form(text: str) -> None:
    taxonomy, lexicon = shipped()
    normal = normalize(text).text
    free = 0
    for match in lexicon.find(normal):
        assert free <= match.start < match.end <= len(normal)
        assert normal[match.start : match.end] == match.form
        assert match.form in taxonomy.forms
        free = match.end


@settings(deadline=None)
@given(st.lists(SNIPPETS).map("".join))
def test_nothing_is_found_twice_by_scanning_the_rest(text: str) -> None:
    _, lexicon = shipped()
    found = lexicon.find(text)
    taken = {i for match in found for i in range(match.start, match.end)}
    blocked = {i for match in lexicon.lookalikes(text) for i in range(match.start, match.end)}
    assert not taken & blocked


def test_building_and_scanning_are_quick() -> None:
    taxonomy, lexicon = shipped()
    line = (
        "门店招服务员,负责店内卫生、点单和收拾桌子,早晚轮班,做六休一,底薪加提成,缴五险,也招骑手。"
    )
    text = (line * 60 + "\n") * 60
    start = time.process_time()
    Lexicon(taxonomy)
    built = time.process_time()
    seconds = min(_scan(lexicon, text) for _ in range(3))
    assert built - start < 0.5
    assert len(text.encode()) / seconds > 5_000_000


def _scan(lexicon: Lexicon, text: str) -> float:
    start = time.process_time()
    lexicon.find(text)
    return time.process_time() - start


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("招看大门的", ["看大门的"]),
        ("招看大门的,夜班", ["看大门的"]),
        ("看大门的也要", ["看大门的"]),
        ("看大门的大爷", []),
        ("看大门的保安", ["保安"]),
        ("看大门的2名", ["看大门的"]),
    ],
)
def test_a_name_that_ends_in_de_is_no_attribute(text: str, found: list[str]) -> None:
    assert words(make("看大门的", "保安"), text) == found
