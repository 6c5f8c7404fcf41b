"""The exact rules of queries: pay, ages and genders, schooling and experience, offers, places."""

from __future__ import annotations

import re
from typing import Any

import pytest

from search.intent.background import find_background
from search.intent.model import Candidate
from search.intent.offers import find_companies, find_kinds, find_offers
from search.intent.pay import find_pay
from search.intent.people import find_people
from search.intent.places import find_roads, find_speech_and_food, find_streets


def values(found: Any, text: str) -> list[tuple[str, Any]]:
    return [(text[item.start : item.end], item.value) for item in found]


def pay(low: float | None, high: float | None, unit: str) -> dict[str, Any]:
    return {"min": low, "max": high, "unit": unit}


@pytest.mark.parametrize(
    ("text", "written", "value"),
    [
        ("服务员4000以上", "4000以上", pay(4000, None, "month")),
        ("5000-8000", "5000-8000", pay(5000, 8000, "month")),
        ("月薪8千到1万", "月薪8千到1万", pay(8000, 10000, "month")),
        ("15-20k", "15-20k", pay(15000, 20000, "month")),
        ("8k-12k java", "8k-12k", pay(8000, 12000, "month")),
        ("200一天", "200一天", pay(200, 200, "day")),
        ("一天200日结", "一天200", pay(200, 200, "day")),
        ("日结300", "300", pay(300, 300, "day")),
        ("20块一小时", "20块一小时", pay(20, 20, "hour")),
        ("时薪30以上", "时薪30以上", pay(30, None, "hour")),
        ("小时工20元一小时", "20元一小时", pay(20, 20, "hour")),
        ("年薪15-20万", "年薪15-20万", pay(150000, 200000, "year")),
        ("底薪3500+提成", "底薪3500+", pay(3500, None, "month")),
        ("月入过万", "月入过万", pay(10000, None, "month")),
        ("不超过6000元", "不超过6000元", pay(None, 6000, "month")),
        ("5千左右", "5千左右", pay(5000, 5000, "month")),
        ("一单5块", "一单5块", pay(5, 5, "piece")),
        ("薪资面议", "薪资面议", pay(None, None, "open")),
    ],
)
def test_pay(text: str, written: str, value: dict[str, Any]) -> None:
    assert values(find_pay(text), text) == [(written, value)]


@pytest.mark.parametrize("text", ["8小时", "24小时便利店", "c1", "18岁", "58同城", "2号线", "3年"])
def test_other_numbers_are_no_pay(text: str) -> None:
    assert list(find_pay(text)) == []


@pytest.mark.parametrize(
    ("text", "written", "value"),
    [
        ("40岁以上保洁", "40岁以上", {"min": 40, "max": None}),
        ("18-45岁", "18-45岁", {"min": 18, "max": 45}),
        ("五十岁以下", "五十岁以下", {"min": None, "max": 50}),
        ("50多岁", "50多岁", {"min": 50, "max": 59}),
        ("50岁能做", "50岁", {"min": 50, "max": 50}),
        ("女文员", "女", "female"),
        ("男士优先", "男士", "male"),
        ("男女不限", "男女不限", "any"),
        ("宝妈", "宝妈", "female"),
    ],
)
def test_people(text: str, written: str, value: Any) -> None:
    assert (written, value) in values(find_people(text), text)


@pytest.mark.parametrize("text", ["女装导购", "子女教育", "男鞋店"])
def test_goods_and_family_are_no_genders(text: str) -> None:
    assert [item for item in find_people(text) if item.attribute == "gender"] == []


@pytest.mark.parametrize(
    ("text", "written", "value"),
    [
        ("大专会计", "大专", {"level": "college"}),
        ("大专及以上", "大专及以上", {"level": "college", "min": True}),
        ("初中以下", "初中以下", {"level": "junior", "max": True}),
        ("不要学历", "不要学历", {"level": "none"}),
        ("无经验", "无经验", {"min": 0, "max": None}),
        ("应届毕业生", "应届毕业生", {"min": 0, "max": None}),
        ("1-3年", "1-3年", {"min": 12, "max": 36}),
        ("三年以上经验", "三年以上经验", {"min": 36, "max": None}),
        ("有经验优先", "有经验", {"min": None, "max": None}),
    ],
)
def test_background(text: str, written: str, value: Any) -> None:
    assert (written, value) in values(find_background(text), text)


def test_the_pupils_school_is_no_schooling() -> None:
    assert [c for c in find_background("初中数学老师") if c.attribute == "education"] == []


def test_offers_with_a_number() -> None:
    assert ("月休4天", "月休") in values(find_offers("月休4天"), "月休4天")


def test_a_compound_of_whole_words_is_a_workplace() -> None:
    assert values(find_kinds("螺丝厂", [(0, 2), (2, 3)]), "螺丝厂") == [("螺丝厂", "螺丝厂")]
    assert list(find_kinds("圆超市", [(0, 1), (1, 3)])) == []


def test_a_registered_name_is_a_company() -> None:
    text = "苏州某某科技有限公司 会计"
    assert values(find_companies(text), text) == [("苏州某某科技有限公司", "苏州某某科技有限公司")]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("东莞话", "东莞话"),
        ("会讲东莞话的客服", "会讲东莞话"),
        ("懂东莞语", "懂东莞语"),
        ("东莞菜厨师", "东莞菜"),
        ("东莞菜系", "东莞菜系"),
        ("东莞小吃", None),
        ("东莞话题运营", None),
        ("东莞菜籽油", None),
        ("东莞语文老师", None),
        ("东莞话务员", None),
        ("东莞菜场", None),
        ("东莞保安", None),
    ],
)
def test_what_is_named_after_a_place_is_no_place(text: str, found: str | None) -> None:
    at = text.index("东莞")
    city = Candidate(at, at + 2, "location", "东莞", "test")
    known = {match.start() for match in re.finditer("厨师|客服|保安", text)}
    seen = find_speech_and_food(text, [city], known)
    assert [one.value for one in seen] == ([found] if found else [])


def test_a_town_stands_behind_its_city_or_begins_a_token() -> None:
    city = Candidate(0, 2, "location", "东莞", "test")
    assert ("虎门", "虎门") in values(find_streets("东莞虎门", [city]), "东莞虎门")
    assert ("塘厦", "塘厦") in values(find_streets("塘厦普工", []), "塘厦普工")


def test_roads_and_stations() -> None:
    assert ("地铁2号线", "地铁2号线") in values(find_roads("地铁2号线保安"), "地铁2号线保安")
