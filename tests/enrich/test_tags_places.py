"""Places down to the street: full names anywhere, bare stems only behind their own city."""

from __future__ import annotations

import time

import pytest

from enrich.tags import streets
from enrich.tags.places import find_places


def places(text: str, city: str | None = None) -> list[object]:
    return [item.value for item in find_places(text, city)]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("东莞虎门急招普工", ["东莞", "虎门"]),
        ("东莞(虎门)招普工", ["东莞", "虎门"]),
        ("上海松江泖港招保洁", ["上海", "松江", "泖港"]),
        ("佛山市桂城招收银员", ["佛山市", "桂城"]),
        ("虎门镇招保安", ["虎门镇"]),
        ("永定门外街道招网格员", ["永定门外街道"]),
        ("鄂尔多斯达尔汗苏木招牧工", ["鄂尔多斯", "达尔汗苏木"]),
    ],
)
def test_streets_and_towns(text: str, names: list[str]) -> None:
    assert places(text) == names


@pytest.mark.parametrize(
    "text",
    [
        "位于泖港",  # a bare stem needs its own city before it
        "杭州泖港",  # not this city's
        "北京发展前景好",  # an ordinary word, though a street is called so
        "建设新城乡村",
        "客户分布在虎门镇",
    ],
)
def test_what_is_no_town(text: str) -> None:
    assert not {"泖港", "虎门镇", "发展", "新城乡"} & set(places(text))


@pytest.mark.parametrize(
    ("text", "city", "names"),
    [
        ("光谷招前台", None, ["光谷"]),
        ("魔都招咖啡师", None, ["魔都"]),
        ("办公在新街口，双休", None, ["新街口"]),
        ("山城招洗碗工", "重庆", ["山城"]),
        ("山城招洗碗工", "成都", []),
        ("河西招收银员", "南京市", ["河西"]),
        ("招收银员，离大河西边不远", "南京市", []),  # a short area must begin a clause
        ("保安亭值班", "上海", []),  # no 安亭 in 保安亭
        ("负责日常营运", None, []),  # no 常营 in 日常营运
        ("武昌区中南路7号招收银员", None, ["武昌区中南路7号"]),  # the address, not the area
        ("地址：丈八一路12号", "西安", ["丈八一路12号"]),  # the road, not the area
    ],
)
def test_areas_and_nicknames(text: str, city: str | None, names: list[str]) -> None:
    assert [str(name) for name in places(text, city)] == names


def test_first_use_is_fast() -> None:
    streets.load.cache_clear()
    streets.rows.cache_clear()
    start = time.perf_counter()
    found = places("上海七宝镇招保洁")
    assert found == ["上海", "七宝镇"]
    assert time.perf_counter() - start < 1.0  # measured: 0.3 s


def test_only_administrative_names() -> None:
    names = streets.load()
    assert len(names.full) > 25_000
    fictions = ("管理委员会", "监狱", "虚拟街道", "市辖区")
    assert not [name for name in names.full if name.endswith(fictions)]
