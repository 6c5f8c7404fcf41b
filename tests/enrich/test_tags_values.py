"""What each attribute is read as: values and polarity, on sentences of our own."""

from __future__ import annotations

from typing import Any

import pytest

from enrich.tags import find_marks
from enrich.tags.numbers import parse_amount, parse_chinese
from enrich.text import normalize


def read(text: str, attribute: Any, **more: str) -> list[tuple[str, Any]]:
    marks = find_marks("body", normalize(text), **more).get(attribute, ())
    return [(mark.polarity, mark.value) for mark in marks]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("两千五", 2500),
        ("一万二", 12000),
        ("二百五", 250),
        ("三千零五十", 3050),
        ("十八", 18),
        ("一千零五", 1005),
        ("四十五", 45),
        ("两万", 20000),
        ("一百", 100),
        ("半", 0.5),
    ],
)
def test_chinese_numerals(text: str, value: float) -> None:
    assert parse_chinese(text) == value


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("七八千", 7000, 8000),
        ("1.2万", 12000, 12000),
        ("8k", 8000, 8000),
        ("4,500", 4500, 4500),
        ("一万3", None, None),
        ("5千5", 5500, 5500),
        ("三四十", 30, 40),
    ],
)
def test_amounts(text: str, low: float | None, high: float | None) -> None:
    parsed = parse_amount(text)
    assert (parsed[:2] if parsed else (None, None)) == (low, high)


def pay(low: float | None, high: float | None, unit: str = "month") -> dict[str, Any]:
    return {"min": low, "max": high, "unit": unit}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("工资4000-5000元/月", pay(4000, 5000)),
        ("薪资8-12K，双休", pay(8000, 12000)),
        ("月薪七八千", pay(7000, 8000)),
        ("一个月4-5千", pay(4000, 5000)),
        ("底薪3000+提成", pay(3000, None)),
        ("保底4500，多劳多得", pay(4500, None)),
        ("综合工资6千左右", pay(6000, 6000)),
        ("六千包吃住", pay(6000, 6000)),
        ("年薪20万", pay(200000, 200000, "year")),
        ("年薪15-25万", pay(150000, 250000, "year")),
        ("150一天，现结", pay(150, 150, "day")),
        ("一百五一天", pay(150, 150, "day")),
        ("一天200", pay(200, 200, "day")),
        ("20元/小时", pay(20, 20, "hour")),
        ("时薪22", pay(22, 22, "hour")),
        ("计件0.3元/个", pay(0.3, 0.3, "piece")),
        ("一台两块五", pay(2.5, 2.5, "piece")),
        ("一双一毛二", pay(0.12, 0.12, "piece")),
        ("课时费80/课时", pay(80, 80, "time")),
        ("月入过万不是梦", pay(10000, None)),
        ("9000起，上不封顶", pay(9000, None)),
        ("做得好能到12000", pay(None, 12000)),
        ("工资面议", pay(None, None, "open")),
        ("月薪7.8k", pay(7800, 7800)),
        ("月薪４５００元", pay(4500, 4500)),
    ],
)
def test_salary(text: str, value: dict[str, Any]) -> None:
    assert read(text, "salary") == [("+", value)]


@pytest.mark.parametrize(
    "text",
    [
        "全勤奖200元",
        "餐补15/天",
        "押金500元",
        "招5人",
        "2019年成立",
        "门店面积1200平",
        "迟到罚款50元",
        "月流水80万",
        "电话13800000000",
        "服务过3000家企业",
        "早9晚6",
        "转正后有车补",
    ],
)
def test_amounts_that_are_no_pay(text: str) -> None:
    assert read(text, "salary") == []


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("年龄18-45岁", 18, 45),
        ("50岁以下", None, 50),
        ("年满18周岁", 18, None),
        ("35周岁以内，身体好", None, 35),
        ("五十岁以内", None, 50),
        ("男，45以下", None, 45),
        ("女，22-40，会表格", 22, 40),
        ("要求：1.50岁以下", None, 50),
        ("年龄50周岁以下", None, 50),
        ("二十到四十岁", 20, 40),
        ("不超过45岁", None, 45),
        ("年龄不限", None, None),
        ("不挑年龄，能干就行", None, None),
        ("年纪不卡", None, None),
        ("年龄放宽到58", None, 58),
        ("年龄不超过45", None, 45),
        ("年龄：20-35", 20, 35),
        ("年龄要求18~50", 18, 50),
        ("25—40之间均可，女", 25, 40),
        ("五十出头也没关系", 50, None),
        ("十六七岁想学的也收", 16, 17),
        ("成年即可", 18, None),
    ],
)
def test_age(text: str, low: int | None, high: int | None) -> None:
    assert read(text, "age") == [("+", {"min": low, "max": high})]


@pytest.mark.parametrize(
    "text",
    [
        "平均年龄26岁",
        "面向20-28岁年轻用户",
        "带3岁男宝",
        "身高165以上",
        "打字40以上",
        "3-6岁幼儿班",
        "招20-30人",
    ],
)
def test_numbers_that_are_no_age(text: str) -> None:
    assert read(text, "age") == []


@pytest.mark.parametrize("text", ["35岁以下优先", "年龄在25-30岁之间为优", "五十多岁的最好"])
def test_preferred_age(text: str) -> None:
    assert [polarity for polarity, _ in read(text, "age")] == ["prefer"]


@pytest.mark.parametrize(
    ("text", "polarity", "value"),
    [
        ("男女不限", "+", "any"),
        ("男女技师都要", "+", "any"),
        ("招驻唱歌手一男一女", "+", "any"),
        ("年龄性别不限", "+", "any"),
        ("附近叔叔阿姨都行", "+", "any"),
        ("请熟手女企台，包吃住", "+", "female"),
        ("面馆请打杂（男）", "+", "male"),
        ("辅导数学的女老师一位", "+", "female"),
        ("中日餐 男女启台 熟手", "+", "any"),
        ("奶茶店请全职男人员", "+", "male"),
        ("阿姨也行", "+", "female"),
        ("离家近的姐妹来", "+", "female"),
        ("宝妈、学生均可", "+", "female"),
        ("宝妈优先", "prefer", "female"),
        ("女教练尤其欢迎", "prefer", "female"),
        ("适合女生", "prefer", "female"),
        ("找个小哥，能熬夜", "+", "male"),
        ("招传菜员，女的已够", "-", "female"),
        ("限女性", "+", "female"),
        ("女士优先", "prefer", "female"),
        ("要男工", "+", "male"),
        ("男，50岁以内", "+", "male"),
        ("性别不限", "+", "any"),
        ("招女服务员两名", "+", "female"),
        ("男的勿扰", "-", "male"),
        ("小伙子优先", "prefer", "male"),
    ],
)
def test_gender(text: str, polarity: str, value: str) -> None:
    assert read(text, "gender") == [(polarity, value)]


@pytest.mark.parametrize(
    "text",
    [
        "跟宝妈聊天",
        "打饭阿姨归你管",
        "覆盖时尚、女性、母婴",
        "搓澡师傅男女宾各两个",
        "每月带薪女工假",
        "男科医院",
        "女生宿舍六人间",
        "去年有两个小伙子做到了店长",
        "女装店",
        "员工子女入学",
        "男鞋导购",
        "带一岁半男宝",
        "找个女朋友",
    ],
)
def test_words_that_ask_no_gender(text: str) -> None:
    assert read(text, "gender") == []


@pytest.mark.parametrize(
    ("text", "polarity", "value"),
    [
        ("初中以上文化", "+", "junior"),
        ("大专及以上学历", "+", "college"),
        ("学历不限", "+", "none"),
        ("本科优先", "prefer", "bachelor"),
        ("统招本科", "+", "bachelor"),
        ("不要学历", "+", "none"),
        ("中专/高中及以上学历", "+", "secondary"),
        ("大专或本科", "+", "college"),
        ("硕士研究生以上", "+", "master"),
        ("不看学历，肯干就行", "+", "none"),
    ],
)
def test_education(text: str, polarity: str, value: str) -> None:
    assert read(text, "education") == [(polarity, value)]


@pytest.mark.parametrize("text", ["教初中数学", "高中英语老师", "小学门口发单", "辅导小学作业"])
def test_schools_that_ask_no_education(text: str) -> None:
    assert read(text, "education") == []


@pytest.mark.parametrize(
    ("text", "polarity", "low", "high"),
    [
        ("1-3年经验", "+", 12, 36),
        ("两年以上工作经验", "+", 24, None),
        ("经验不限", "+", 0, None),
        ("无需经验", "+", 0, None),
        ("有经验者优先", "prefer", None, None),
        ("生手可教", "+", 0, None),
        ("应届生可", "+", 0, None),
        ("3-5年以上相关经验", "+", 36, None),
        ("驾龄三年", "+", 36, None),
        ("没做过也行", "+", 0, None),
        ("零基础不行", "-", 0, None),
        ("要求：2.5年以上经验", "+", 60, None),
        ("有相关工作经验", "+", None, None),
        ("做过收银员的优先", "prefer", None, None),
        ("销售经验一年以上", "+", 12, None),
        ("半年以上经验", "+", 6, None),
    ],
)
def test_experience(text: str, polarity: str, low: int | None, high: int | None) -> None:
    assert read(text, "experience") == [(polarity, {"min": low, "max": high})]


@pytest.mark.parametrize("text", ["公司成立10年以上", "签三年合同", "分享经验", "一年两次调薪"])
def test_years_that_ask_no_experience(text: str) -> None:
    assert read(text, "experience") == []


@pytest.mark.parametrize(
    ("text", "attribute", "expected"),
    [
        ("不包吃住", "benefit", [("-", "包吃住")]),
        ("吃饭自理", "benefit", [("-", "包吃")]),
        ("疫苗店里报销", "benefit", [("+", "报销")]),
        ("健身房私教", "benefit", []),
        ("包吃不包住", "benefit", [("+", "包吃"), ("-", "包住")]),
        ("包住不包吃", "benefit", [("+", "包住"), ("-", "包吃")]),
        ("不加班", "benefit", [("+", "不加班")]),
        ("没有五险", "benefit", [("-", "五险")]),
        ("全勤奖200", "benefit", [("+", "全勤奖")]),
        ("上六休一，月休4天", "benefit", [("+", "单休"), ("+", "月休")]),
        ("五险一金，双休", "benefit", [("+", "五险一金"), ("+", "双休")]),
        ("管午饭", "benefit", [("+", "包吃")]),
        ("无需夜班", "job_type", [("-", "夜班")]),
        ("不上夜班", "job_type", [("-", "夜班")]),
        ("学徒勿扰", "job_type", [("-", "学徒")]),
        ("招学徒名额已满", "job_type", [("-", "学徒")]),
        ("不收暑假工", "job_type", [("-", "暑假工")]),
        ("长白班", "job_type", [("+", "白班")]),
        ("实习生", "job_type", [("+", "实习")]),
        ("8小时工作制", "job_type", []),
        ("负责办理社保", "benefit", []),
        ("夜班补贴30", "job_type", []),
    ],
)
def test_offers_and_shifts(text: str, attribute: str, expected: list[tuple[str, str]]) -> None:
    assert read(text, attribute) == expected


@pytest.mark.parametrize(
    ("text", "attribute", "values"),
    [
        ("社区医院招护士", "workplace", ["社区医院"]),
        ("我们火锅店招人", "workplace", ["火锅店"]),
        ("拜访医院客户", "workplace", []),
        ("负责数据仓库开发", "workplace", []),
        ("地址：成都市金牛区", "location", ["成都市", "金牛区"]),
        ("北京、上海、广州设有分公司", "location", []),
        ("近地铁2号线西直门站", "location", ["地铁2号线西直门站"]),
        ("海底捞招服务员", "company", ["海底捞"]),
        ("海底捞服务员", "company", ["海底捞"]),
        ("青梧堂（上海）成立于2011年", "company", ["青梧堂"]),
        ("宠物美容师", "company", []),
        ("上班地点：淮海中路，双休", "location", ["淮海中路"]),
        ("地址在三里庵，八点上班", "location", ["三里庵"]),
        ("离办公地点只需5分钟路程", "location", []),
        ("对上海市场有了解", "location", []),
        ("跑写字楼、工厂、医院谈外包", "workplace", []),
        ("内河货船招水手", "workplace", ["内河货船"]),
        ("有海底捞等客户", "company", []),
    ],
)
def test_places_and_names(text: str, attribute: str, values: list[str]) -> None:
    assert [value for _, value in read(text, attribute)] == values


def test_the_posts_own_company_is_found_and_its_city_is_no_place() -> None:
    text = "上海青梧餐饮管理有限公司诚聘，青梧等你来"
    marks = find_marks("body", normalize(text), company="上海青梧餐饮管理有限公司")
    assert [mark.text for mark in marks["company"]] == ["上海青梧餐饮管理有限公司", "青梧"]
    assert "location" not in marks
