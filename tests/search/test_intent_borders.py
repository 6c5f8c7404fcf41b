"""Where one part of a query ends and the next one begins, without a blank between them."""

from __future__ import annotations

from typing import Any

import pytest

from enrich.taxonomy import Taxonomy
from search.intent.model import Intent
from search.intent.reader import reader_of

READER = reader_of(Taxonomy.load())


def parts(query: str) -> list[Intent]:
    return list(READER.understand(query).intents)


def borders(query: str) -> list[str]:
    return [f"{part.text}/{part.attribute}" for part in parts(query)]


def value(query: str, attribute: str) -> Any:
    (found,) = [part.value for part in parts(query) if part.attribute == attribute]
    return found if isinstance(found, str) or found is None else dict(found)


@pytest.mark.parametrize(
    "query",
    [
        "6000人事",
        "4000分拣",
        "5000平面设计",
        "8000后厨",
        "8000线切割",
        "6000点焊工",
        "5000日语翻译",
        "6000班长",
        "3500单证员",
    ],
)
def test_pay_stands_before_a_position_that_begins_like_a_unit(query: str) -> None:
    assert [part.attribute for part in parts(query)] == ["salary", "position"]
    assert value(query, "salary") == {"min": int(query[:4]), "max": int(query[:4]), "unit": "month"}


@pytest.mark.parametrize("query", ["8000人的厂", "5000平仓库", "3000平米", "30天", "300节课"])
def test_a_number_of_something_else_is_no_pay(query: str) -> None:
    assert "salary" not in {part.attribute for part in parts(query)}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("800050岁保安", ["8000/salary", "50岁/age", "保安/position"]),
        ("6000起45岁以内", ["6000起/salary", "45岁以内/age"]),
        ("一天三百五四十多岁", ["一天三百五/salary", "四十多岁/age"]),
        ("四千两年以上经验", ["四千/salary", "两年以上经验/experience"]),
        ("50003年经验", ["5000/salary", "3年经验/experience"]),
        ("1年3000以上", ["1年/experience", "3000以上/salary"]),
        ("月薪7000以上年终奖", ["月薪7000以上/salary", "年终奖/benefit"]),
        ("4000以上晚班", ["4000以上/salary", "晚班/job_type"]),
        ("cnc6000", ["cnc/position", "6000/salary"]),
        ("底薪5000java", ["底薪5000/salary", "java/position"]),
        ("java3年经验", ["java/position", "3年经验/experience"]),
        ("月薪1万一年经验", ["月薪1万/salary", "一年经验/experience"]),
        ("朝九晚五一年经验", ["朝九晚五/benefit", "一年经验/experience"]),
        ("集美女生", ["集美/location", "女生/gender"]),
        ("14薪1.5w", ["14薪/benefit", "1.5w/salary"]),
        ("3年会计", ["3年/experience", "会计/position"]),
        ("3-5年包住", ["3-5年/experience", "包住/benefit"]),
        ("年龄不限男士", ["年龄不限/age", "男士/gender"]),
        ("普工男包吃住", ["普工/position", "男/gender", "包吃住/benefit"]),
        ("兼职高中毕业", ["兼职/job_type", "高中毕业/education"]),
        ("本科及以上毕业生", ["本科及以上/education", "毕业生/experience"]),
        ("全家便利店夜班店员", ["全家便利店/company", "夜班/job_type", "店员/position"]),
        ("电子厂梅李", ["电子厂/workplace", "梅李/location"]),
        ("保洁南京路", ["保洁/position", "南京路/location"]),
        (
            "临时工重庆川渝人家餐饮有限公司",
            ["临时工/job_type", "重庆川渝人家餐饮有限公司/company"],
        ),
        ("会做账的会计", ["会/generic", "做账/generic", "的/generic", "会计/position"]),
        ("销售勿推", ["销售勿推/position"]),
        ("保底6000一年", ["保底6000/salary", "一年/experience"]),
        ("能做兼职吗", ["能做/generic", "兼职/job_type", "吗/generic"]),
        ("想做仓库", ["想做/generic", "仓库/workplace"]),
        ("现在招社区医院", ["现在/generic", "招/generic", "社区医院/workplace"]),
        ("保安58岁多少钱", ["保安/position", "58岁/age", "多少钱/generic"]),
        ("有没有5年经验", ["有没有/generic", "5年经验/experience"]),
        ("急招苏州恒信达电子有限公司", ["急招/generic", "苏州恒信达电子有限公司/company"]),
    ],
)
def test_where_the_next_part_begins(query: str, found: list[str]) -> None:
    assert borders(query) == found


@pytest.mark.parametrize("query", ["销售不考虑", "夜班不要", "电子厂不考虑 长沙", "中介不要"])
def test_what_says_no_refuses_the_part_before_where_nothing_follows(query: str) -> None:
    assert next(part.negated for part in parts(query))
    assert not any(part.negated for part in parts(query)[1:])


def test_what_says_no_refuses_the_part_behind_it_where_one_follows() -> None:
    assert [(part.text, part.negated) for part in parts("文员不考虑销售")] == [
        ("文员", False),
        ("不考虑销售", True),
    ]


@pytest.mark.parametrize("query", ["iso9000", "2026年", "一家八口", "7小时"])
def test_names_with_figures_are_no_amounts(query: str) -> None:
    assert {part.attribute for part in parts(query)} == {"generic"}


@pytest.mark.parametrize(
    ("query", "attribute", "wanted"),
    [
        ("工资不少于6000", "salary", {"min": 6000, "max": None, "unit": "month"}),
        ("20万年薪销售", "salary", {"min": 200000, "max": 200000, "unit": "year"}),
        ("80一个钟", "salary", {"min": 80, "max": 80, "unit": "hour"}),
        ("¥5000", "salary", {"min": 5000, "max": 5000, "unit": "month"}),
        ("四五十岁女人", "age", {"min": 40, "max": 59}),
        ("三十出头", "age", {"min": 30, "max": 39}),
        ("刚满18进厂", "age", {"min": 18, "max": 18}),
        ("满18岁", "age", {"min": 18, "max": None}),
        ("二本学历会计", "education", {"level": "bachelor"}),
        ("初中没毕业", "education", {"level": "junior", "max": True}),
        ("不识字", "education", {"level": "none"}),
        ("本课会计", "education", {"level": "bachelor"}),
        ("做过三年的木工", "experience", {"min": 36, "max": None}),
        ("有5年驾龄的司机", "experience", {"min": 60, "max": None}),
        ("1年左右", "experience", {"min": 12, "max": None}),
        ("一平米30", "salary", {"min": 30, "max": 30, "unit": "piece"}),
        ("6、7千", "salary", {"min": 6000, "max": 7000, "unit": "month"}),
        ("一万出头", "salary", {"min": 10000, "max": None, "unit": "month"}),
        ("三餐全包", "benefit", "包吃"),
        ("有保险", "benefit", "社保"),
        ("出国劳务", "job_type", "出国劳务"),
        ("报安", "position", "保安"),
    ],
)
def test_values(query: str, attribute: str, wanted: Any) -> None:
    assert value(query, attribute) == wanted
