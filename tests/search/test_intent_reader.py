"""Whole queries with the shipped taxonomy: attributes, values, negation, repairs, any text."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from enrich.taxonomy import Taxonomy
from search.intent.model import Candidate, Intent
from search.intent.reader import STEPS, IntentReader, reader_of

READER = reader_of(Taxonomy.load())
JUDGED = Path(__file__).parent.parent / "data" / "queries_judged.jsonl"


def parts(query: str) -> list[tuple[str, str]]:
    return [(part.text, part.attribute) for part in READER.understand(query).intents]


def only(query: str, attribute: str) -> Intent:
    (found,) = [part for part in READER.understand(query).intents if part.attribute == attribute]
    return found


def test_a_query_of_many_parts() -> None:
    assert parts("月结包住搬运工") == [
        ("月结", "job_type"),
        ("包住", "benefit"),
        ("搬运工", "position"),
    ]
    assert parts("朝阳区服务员4000以上") == [
        ("朝阳区", "location"),
        ("服务员", "position"),
        ("4000以上", "salary"),
    ]
    assert parts("龙华电子厂普工") == [
        ("龙华", "location"),
        ("电子厂", "workplace"),
        ("普工", "position"),
    ]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("会四川话的客服", [("会四川话", "generic"), ("的", "generic"), ("客服", "position")]),
        ("会普通话保安", [("会普通话", "generic"), ("保安", "position")]),
        ("四川菜", [("四川菜", "generic")]),
        ("武汉小吃", [("武汉", "location"), ("小吃", "position")]),
        ("沙县小吃", [("沙县小吃", "company")]),
        ("湖南菜馆", [("湖南", "location"), ("菜馆", "workplace")]),
        ("武汉语文老师", [("武汉", "location"), ("语文老师", "position")]),
    ],
)
def test_languages_and_dishes_are_no_places(query: str, expected: list[tuple[str, str]]) -> None:
    assert parts(query) == expected


def test_several_intents_of_one_kind() -> None:
    assert parts("木工、瓦工") == [("木工", "position"), ("、", "generic"), ("瓦工", "position")]
    assert parts("广东深圳龙岗坂田") == [
        ("广东", "location"),
        ("深圳", "location"),
        ("龙岗", "location"),
        ("坂田", "location"),
    ]


def test_a_position_lists_its_names() -> None:
    part = only("仓管双休", "position")
    assert part.value == "仓库管理员"
    assert {"仓管", "仓管员", "库管"} <= set(part.forms)
    assert part.positions == ("warehouse-keeper",)
    assert not part.wider


def test_a_narrower_form_says_so() -> None:
    part = only("传菜小工", "position")
    assert part.wider
    assert not part.positions


def test_a_position_is_understood_with_the_place_before_it() -> None:
    part = only("药店店员", "position")
    assert (part.text, part.value) == ("店员", "药店店员")
    assert "店员" in part.forms


def test_a_position_that_another_place_would_change_stays_whole() -> None:
    assert parts("仓库管理员") == [("仓库管理员", "position")]


@pytest.mark.parametrize(
    ("query", "text", "attribute", "value"),
    [
        ("不要销售", "不要销售", "position", "销售"),
        ("非中介普工", "非中介", "company", "中介"),
        ("普工 中介勿扰", "中介勿扰", "company", "中介"),
        ("包吃不包住", "不包住", "benefit", "包住"),
        ("护士无夜班", "无夜班", "job_type", "夜班"),
        ("不做销售的工作", "不做销售", "position", "销售"),
    ],
)
def test_negation(query: str, text: str, attribute: str, value: str) -> None:
    (part,) = [part for part in READER.understand(query).intents if part.negated]
    assert (part.text, part.attribute, part.value) == (text, attribute, value)


def test_negation_reaches_over_a_list_and_no_further() -> None:
    away = [p.value for p in READER.understand("不要销售和客服 文员").intents if p.negated]
    assert away == ["销售", "客服"]


@pytest.mark.parametrize("query", ["不加班", "无经验", "不限学历", "不压工资"])
def test_words_that_say_no_themselves_are_wanted(query: str) -> None:
    (part,) = READER.understand(query).intents
    assert part.attribute != "generic"
    assert not part.negated


def test_a_slip_is_repaired_and_told() -> None:
    part = only("服物员4000以上", "position")
    assert part.value == "服务员"
    assert part.repair is not None
    assert (part.repair.written, part.repair.meant) == ("服物员", "服务员")
    told = part.to_mapping(explain=True)
    assert told["repair"] == {"from": "服物员", "to": "服务员", "how": "pinyin"}


def test_words_are_not_slips() -> None:
    assert only("俄语老师", "position").repair is None
    assert all(part.repair is None for part in READER.understand("出差补贴有差旅").intents)


@pytest.mark.parametrize("query", ["服　务　员", "服*务*员", "服務員", "【服务员】"])
def test_spelling_of_the_page_does_not_matter(query: str) -> None:
    assert only(query, "position").value == "服务员"


def test_the_text_is_as_written() -> None:
    assert parts("電焊工 ＪＡＶＡ") == [("電焊工", "position"), ("ＪＡＶＡ", "position")]


def test_unknown_words_belong_to_the_position_behind_them() -> None:
    assert parts("水泥工 保鲜员") == [("水泥工", "position"), ("保鲜员", "position")]


def test_people_are_a_gender_beside_a_position_and_a_position_alone() -> None:
    assert [p.attribute for p in READER.understand("50岁阿姨 洗碗工").intents] == [
        "age",
        "gender",
        "position",
    ]
    assert [p.attribute for p in READER.understand("阿姨").intents] == ["position"]


def test_an_unknown_name_before_an_offer_is_an_employer() -> None:
    assert parts("昆山旗硕招聘")[:2] == [("昆山", "location"), ("旗硕", "company")]


def test_an_unknown_name_and_a_trade_are_an_employer() -> None:
    assert parts("昆山旗硕电子")[1:] == [("旗硕电子", "company")]
    assert parts("螺丝厂") == [("螺丝厂", "workplace")]


@pytest.mark.parametrize("query", ["郑州火车站", "火车站附近"])
def test_a_station_behind_a_city_or_before_nearby_says_where(query: str) -> None:
    assert {attribute for _, attribute in parts(query)} == {"location"}


@pytest.mark.parametrize(
    ("query", "value"), [("理发", "理发师"), ("开大车", "货车司机"), ("打扫卫生", "保洁")]
)
def test_work_names_its_position(query: str, value: str) -> None:
    part = only(query, "position")
    assert value in {part.value, *part.forms}


def test_a_step_can_be_left_out() -> None:
    without = READER.leaving_out("slips")
    assert all(part.repair is None for part in without.understand("服物员").intents)
    assert only("服物员", "position").repair is not None
    with pytest.raises(ValueError, match="steps are"):
        READER.leaving_out("guessing")


@pytest.mark.parametrize("step", STEPS)
def test_every_step_finds_something_that_is_lost_without_it(step: str) -> None:
    query = {
        "salary": "4000以上",
        "people": "40岁以上",
        "background": "大专",
        "benefits": "月休5天",
        "roads": "建设路88号",
        "companies": "某某科技有限公司",
        "activities": "卖电脑",
        "workplaces": "螺丝厂",
        "streets": "西樵",
        "dictionaries": "包住",
        "slips": "服物员",
        "employers": "沃野农业技术员",
        "tagger": "翠竹苑保洁",
        "context": "超市附近",
    }[step]
    without = READER.leaving_out(step).understand(query).intents
    assert without != READER.understand(query).intents


def test_a_tagger_reads_what_is_left() -> None:
    def tagger(text: str, path: object) -> list[Candidate]:  # noqa: ARG001 - a tagger's signature
        at = text.find("蓝领")
        return [Candidate(at, at + 2, "job_type", "蓝领", "tagger")] if at >= 0 else []

    reader = IntentReader(Taxonomy.load(), tagger=tagger)
    assert [(p.text, p.source) for p in reader.understand("蓝领保安").intents] == [
        ("蓝领", "tagger"),
        ("保安", "taxonomy"),
    ]


TEXT = st.text(
    alphabet=st.one_of(
        st.sampled_from(
            "北京朝阳服务员物圆会计不要4000以上元岁女日结包住中介勿扰、-~ 　ＡＢ½㎡&;*"
        ),
        st.characters(),
    ),
    max_size=40,
)


@given(TEXT)
@example("&amp;会计")
@example("\u200b\u200d")
@example("会\u200b计")
@example("½㎡㍿")
@example("不要")
@example("不要中介勿扰")
@example("勿扰")
@settings(max_examples=300, deadline=None)
def test_any_text_is_covered_once_and_in_order(query: str) -> None:
    understood = READER.understand(query)
    assert "".join(part.text for part in understood.intents) == "".join(query.split())
    assert all(part.text for part in understood.intents)
    json.dumps(understood.to_mapping(explain=True), ensure_ascii=False)


@given(TEXT)
@settings(max_examples=100, deadline=None)
def test_reading_is_deterministic(query: str) -> None:
    assert READER.understand(query) == READER.understand(query)


def test_a_long_text_is_read_in_time() -> None:
    READER.warm()
    query = "会几服物员包住4000不要中介" * 200
    started = time.perf_counter()
    understood = READER.understand(query)
    assert time.perf_counter() - started < 2
    assert "".join(part.text for part in understood.intents) == query


def test_the_judged_queries_are_understood() -> None:
    from labels.evaluate.intent import score_intents

    rows = [json.loads(line) for line in JUDGED.read_text("utf-8").splitlines()]
    found = score_intents(rows, [READER.understand(row["query"]).to_mapping() for row in rows])
    figures = {name: item.value for name, item in found.figures().items() if item}
    assert figures["coverage"] >= 0.97
    assert figures["accuracy"] >= 0.97
    assert figures["noise"] <= 0.06
    assert figures["exact"] >= 0.93
    assert figures["position"] >= 0.95


@pytest.mark.parametrize(
    "query", ["老娘舅", "狗东", "统一集团", "统一 业务员", "富士康", "小米公司", "鑫旺招聘", "国企"]
)
def test_employers_are_known_by_name_cue_or_kind(query: str) -> None:
    assert READER.understand(query).intents[0].attribute == "company"


@pytest.mark.parametrize("query", ["长安 保洁", "光明 厨师", "北京保安", "不统一的工作"])
def test_a_common_word_or_a_place_is_no_employer(query: str) -> None:
    assert "company" not in {attribute for _, attribute in parts(query)}


@pytest.mark.parametrize(
    ("query", "value"), [("卖电脑", "电脑销售"), ("教小提琴", "小提琴老师"), ("做会计", "会计")]
)
def test_a_verb_and_a_thing_name_a_position(query: str, value: str) -> None:
    part = only(query, "position")
    assert value in {part.value, *part.forms}


def test_a_word_that_leaves_it_open_has_the_names_of_all() -> None:
    part = only("带孩子", "position")
    assert part.value == "保姆"
    assert {"育婴师", "带孩子阿姨"} <= set(part.forms)
    assert len(part.positions) >= 3


def test_two_positions_apart_stay_apart_and_a_rank_does_not() -> None:
    assert parts("文员 客服 行政") == [(word, "position") for word in ("文员", "客服", "行政")]
    assert parts("财务 主管") == [("财务主管", "position")]


@pytest.mark.parametrize("query", ["双休", "单休", "月休4天", "周末双休", "朝九晚五"])
def test_free_days_and_office_hours_are_offers(query: str) -> None:
    assert parts(query) == [(query, "benefit")]


def test_how_it_is_paid_out_is_a_kind_of_work() -> None:
    assert parts("日结") == [("日结", "job_type")]


def test_what_is_excepted_is_one_part() -> None:
    part = READER.understand("除电子厂外 普工").intents[0]
    assert (part.text, part.attribute, part.negated) == ("除电子厂外", "workplace", True)


@pytest.mark.parametrize(
    ("query", "attribute", "value"),
    [("富土康普工", "company", "富士康"), ("广洲 天河", "location", "广州")],
)
def test_employers_and_cities_are_repaired_by_sound_and_looks(
    query: str, attribute: str, value: str
) -> None:
    part = READER.understand(query).intents[0]
    assert (part.attribute, part.value) == (attribute, value)
    assert part.repair is not None


def test_what_experience_is_in_stays_a_part_of_its_own() -> None:
    assert parts("法务专员律所经验")[:2] == [("法务专员", "position"), ("律所", "workplace")]


@pytest.mark.parametrize("query", ["转行 保安", "转行保安", "保安 尽快", "保安 接单", "一起保安"])
def test_a_word_that_makes_no_kind_of_position_asks_for_nothing(query: str) -> None:
    found = READER.understand(query).intents
    assert [i.text for i in found if i.attribute != "generic"] == ["保安"]


def test_a_skill_or_condition_beside_a_position_is_no_second_one() -> None:
    assert only("A2司机 长途", "position").text == "A2司机"
    assert only("普工 纹身 可以吗", "position").text == "普工"
    assert only("纹身", "position").text == "纹身"


def test_a_field_and_its_work_are_one_position() -> None:
    assert only("手机 维修", "position").value == "手机维修员"
    assert only("空调安装", "position").value == "空调安装工"


def test_who_hires_for_a_position_is_not_asked_for() -> None:
    assert only("保安招聘", "position").text == "保安"


def test_what_is_open_stands_before_or_behind() -> None:
    found = READER.understand("学历不限经验不限年龄不限男女不限").intents
    assert [i.attribute for i in found] == ["education", "experience", "age", "gender"]


@pytest.mark.parametrize(
    ("query", "text", "low", "high"),
    [
        ("女45 保洁", "45", 45, 45),
        ("50多男保安", "50多", 50, 59),
        ("男 40以上 司机", "40以上", 40, None),
    ],
)
def test_a_number_beside_a_gender_is_an_age(
    query: str, text: str, low: int, high: int | None
) -> None:
    found = only(query, "age")
    assert (found.text, found.value) == (text, {"min": low, "max": high})


def test_an_amount_ends_before_latin_letters() -> None:
    assert only("10k+golang", "salary").value == {"min": 10000, "max": None, "unit": "month"}


@pytest.mark.parametrize(
    ("query", "value"), [("瑞幸 店员", "咖啡店员"), ("老百姓大药房营业员", "药店店员")]
)
def test_an_employer_says_in_what_place_one_works(query: str, value: str) -> None:
    assert only(query, "position").value == value


def test_what_is_not_wanted_ends_before_the_next_position() -> None:
    found = READER.understand("非客服文职").intents
    assert [(i.text, i.negated) for i in found] == [("非客服", True), ("文职", False)]
