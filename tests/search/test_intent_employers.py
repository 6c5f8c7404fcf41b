"""Names of employers that no list holds, told by their characters; and what is no such name."""

import pytest

from enrich.taxonomy import Taxonomy
from search.intent.reader import IntentReader, reader_of

READER = reader_of(Taxonomy.load())


def parts(query: str, reader: IntentReader = READER) -> list[tuple[str, str]]:
    return [(part.text, part.attribute) for part in reader.understand(query).intents]


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("昆山旭泰精密操作工", "旭泰精密"),
        ("沃野农业技术员", "沃野农业"),
        ("普工 伟业电子 包吃住", "伟业电子"),
        ("金海岸酒店前台", "金海岸酒店"),
        ("聚德科技工资多少", "聚德科技"),
        ("德顺祥招聘", "德顺祥"),
    ],
)
def test_a_name_before_a_trade_a_house_or_who_hires_is_an_employer(query: str, name: str) -> None:
    assert (name, "company") in parts(query)
    assert (name, "company") not in parts(query, READER.leaving_out("employers", "tagger"))


@pytest.mark.parametrize(
    "query",
    [
        "数控机械操作工",
        "石碣电子厂普工",
        "牛蛙火锅店服务员",
        "晨光美容师",
        "三甲医院护士",
        "双语幼儿园",
    ],
)
def test_other_words_before_them_are_none(query: str) -> None:
    assert "company" not in [attribute for _, attribute in parts(query)]


def test_a_name_before_homes_is_a_place() -> None:
    assert parts("阳光小区保安") == [("阳光小区", "location"), ("保安", "position")]


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("1.5wjava", [("1.5w", "salary"), ("java", "position")]),
        ("包吃主普公", [("包吃主", "benefit"), ("普公", "position")]),
        ("文圆电公", [("文圆", "position"), ("电公", "position")]),
        ("叉车司太仓", [("叉车司", "position"), ("太仓", "location")]),
        ("日结兼职", [("日结", "job_type"), ("兼职", "job_type")]),
        (
            "附近有没有招洗碗的",
            [
                ("附近", "location"),
                ("有没有", "generic"),
                ("招", "generic"),
                ("洗碗", "position"),
                ("的", "generic"),
            ],
        ),
    ],
)
def test_parts_that_touch_are_told_apart(query: str, wanted: list[tuple[str, str]]) -> None:
    assert parts(query) == wanted


def test_a_place_that_is_refused_with_one_word_leaves_the_position_wanted() -> None:
    found = READER.understand("非电子厂普工").intents
    assert [(part.text, part.negated) for part in found] == [("非电子厂", True), ("普工", False)]


def test_a_refused_field_of_work_is_a_refused_place() -> None:
    first = READER.understand("除了餐饮别的工作").intents[0]
    assert (first.text, first.attribute, first.negated) == ("除了餐饮", "workplace", True)
