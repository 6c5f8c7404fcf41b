"""Who is accepted by gender, by kind of statement, on sentences of our own."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enrich.tags import find_marks
from enrich.tags.gender import find_genders
from enrich.text import normalize
from labels.evaluate.tags import score_tags

JUDGED = Path(__file__).parents[1] / "data" / "gender_judged.jsonl"


def read(text: str) -> list[tuple[str, str, object]]:
    plain = normalize(text).text
    return [(plain[f.start : f.end], f.polarity, f.value) for f in find_genders(plain)]


@pytest.mark.parametrize(
    ("text", "span", "polarity", "value"),
    [
        # Wanted.
        ("缺一个男洗碗工", "男", "+", "male"),
        ("寻一名男护工，给老爸翻身", "男", "+", "male"),
        ("本岗位只考虑女性", "女性", "+", "female"),
        ("仓库再招两个小姑娘贴标签", "小姑娘", "+", "female"),
        ("来两个阿姨摘菜，半天八十", "阿姨", "+", "female"),
        ("现在想换个小伙子", "小伙子", "+", "male"),
        ("附近闲着的妇女来干", "妇女", "+", "female"),
        ("二十五以内爱笑的姑娘，早班", "姑娘", "+", "female"),
        # Let in.
        ("别看是仓库，女的照样能干", "女的", "+", "female"),
        ("大叔也行，只要腰没毛病", "大叔", "+", "male"),
        ("想做兼职的宝妈联系我", "宝妈", "+", "female"),
        ("家庭主妇也可以", "家庭主妇", "+", "female"),
        # A question and its answer.
        ("老有人问女的收不收，收！", "女的", "+", "female"),
        ("问男的要不要的，要", "男的", "+", "male"),
        ("男的要不要？不要", "男的", "-", "male"),
        ("开车的谁说女司机不行", "女", "+", "female"),
        # Denied.
        ("活重，女的干不了", "女的", "-", "female"),
        ("男士止步", "男士", "-", "male"),
        ("谢绝男士应聘", "男士", "-", "male"),
        ("女的名额没了", "女的", "-", "female"),
        ("男保安已招满", "男", "-", "male"),
        ("大爷大妈别来，要搬货", "大爷大妈", "-", "any"),
        # Preferred.
        ("最好是个男的，夜里壮胆", "男的", "prefer", "male"),
        ("适合在家带孩子的宝妈", "宝妈", "prefer", "female"),
        ("招保姆，最好四川阿姨", "阿姨", "prefer", "female"),
        ("优先录用女性", "女性", "prefer", "female"),
        ("女生身高163以上优先", "女生", "prefer", "female"),
        ("叠衣服这边女的多，坐着", "女的多", "prefer", "female"),
        ("单身女性优先", "女性优先", "prefer", "female"),
        # Both.
        ("要三男两女", "三男两女", "+", "any"),
        ("是男是女都一样", "是男是女都", "+", "any"),
        ("男的女的无所谓，手快就行", "男的女的无所谓", "+", "any"),
        ("男司机女司机都要", "男司机女司机都要", "+", "any"),
        ("年龄、性别、学历统统不限", "性别、学历统统不限", "+", "any"),
        ("没有男女要求", "没有男女要求", "+", "any"),
        ("男 女 不 限", "男 女 不 限", "+", "any"),
        # Both, in lists of what does not matter, and in forms.
        ("不限学历、年龄、性别", "不限学历、年龄、性别", "+", "any"),
        ("不受年龄、性别限制", "不受年龄、性别限制", "+", "any"),
        ("性别要求：无", "性别要求:无", "+", "any"),
        ("【性别】不限", "性别】不限", "+", "any"),
        ("性别：均可", "性别:均可", "+", "any"),
        ("接待客人打包，男女均可", "男女均可", "+", "any"),
        # A number of people, staff and names are a request where somebody is looked for.
        ("招组装工，会看图，三个男生", "男生", "+", "male"),
        ("招个靠谱小哥跑腿", "小哥", "+", "male"),
        ("夜班那组还要女员工", "女员工", "+", "female"),
        ("形象好，嘴甜，萌妹子", "妹子", "+", "female"),
        ("请宿管大叔一名", "大叔", "+", "male"),
        ("招聘对象：女", "女", "+", "female"),
        ("这个组要女的", "女的", "+", "female"),
        ("那个班只招男工", "男工", "+", "male"),
        ("今年招的都是女工", "女工", "+", "female"),
        ("照顾老人，要女护工", "女", "+", "female"),
        ("年龄18-38女", "女", "+", "female"),
        ("男工女工都有名额", "男工女工", "+", "any"),
        ("女生免费培训，学成上岗", "女生", "+", "female"),
        ("住附近的宝妈有空就来", "宝妈", "+", "female"),
        ("要下井，不适合女生", "女生", "-", "female"),
        ("这个岗位男生劝退", "男生", "-", "male"),
        # By what follows.
        ("火锅店传菜，男师傅自带刀具", "男", "+", "male"),
        ("手工贴花，手快的姐姐，计件", "姐姐", "+", "female"),
        ("卖菜帮手，嫂子，会称秤", "嫂子", "+", "female"),
        ("挑茶梗，婶子们都行", "婶子", "+", "female"),
        ("雇一个打下手的大姐", "大姐", "+", "female"),
        ("带小朋友入门，必须女生", "女生", "+", "female"),
        ("客户点名要女教练", "女", "+", "female"),
        ("婴儿游泳，宝妈首选", "宝妈", "prefer", "female"),
        ("夜班女的暂时没活", "女的", "-", "female"),
        ("男印花工暂停招聘", "男", "-", "male"),
        ("打杂，夫妻来，单人男的也收", "男的", "+", "male"),
    ],
)
def test_statement(text: str, span: str, polarity: str, value: str) -> None:
    found = read(text)
    assert [item[1:] for item in found] == [(polarity, value)]
    assert found[0][0].startswith(span) or span.startswith(found[0][0])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("收女不收男，厂里规定", [("+", "female"), ("-", "male")]),
        ("只要男的，女的请绕行", [("+", "male"), ("-", "female")]),
        ("诚招女技师（男技师已满）", [("+", "female"), ("-", "male")]),
        ("男性为主，女性也可", [("prefer", "male"), ("+", "female")]),
        ("女158，男170", [("+", "female"), ("+", "male")]),
        ("男普工30、女普工20", [("+", "male"), ("+", "female")]),
        ("男工一天二百，另招女工", [("+", "male"), ("+", "female")]),
        ("男3名女1名，国庆三天", [("+", "male"), ("+", "female")]),
        ("男女均可，女20-40 男20-50", [("+", "any"), ("+", "female"), ("+", "male")]),
        ("男生名额已满，只剩女生名额", [("-", "male"), ("+", "female")]),
        ("下岗的大姐、退休大爷都可以来", [("+", "female"), ("+", "male")]),
        ("女教练教幼儿班，男教练教成人班", [("+", "female"), ("+", "male")]),
        ("挤奶，男工或者女工", [("+", "any")]),
    ],
)
def test_each_gender_by_itself(text: str, expected: list[tuple[str, str]]) -> None:
    assert [item[1:] for item in read(text)] == expected


@pytest.mark.parametrize(
    "text",
    [
        # Other words and things.
        "男女装都要会叠",
        "女寝打扫，晚上十点锁门",
        "厂里女工宿舍刚装了空调",
        "懂女性心理，会聊天",
        "男病区打扫，早班",
        "洗剪吹，男发女发都做",
        "外贸专员 性别: 经验不限",
        # Customers, colleagues, contacts.
        "服务对象以女性为主，有耐心的都可以来",
        "会给女性做面部清洁",
        "写母婴、健身、男士等栏目",
        "两个男生合伙开的面馆，缺切配",
        "老板是位四十来岁的大姐，不骂人",
        "去年来的那个女生已经带徒弟了",
        "车间清一色女工",
        "雇主是男的，一个人住",
        "找赵大姐报名",
        "女职工生育津贴",
        "员工宿舍男女分开",
        "各位宝妈别被骗了",
        "姐妹们，日结的活又来了",
        "客户多是女性，要会聊护肤",
        "照顾一位男老人，半失能",
        "给登记过的单身男女牵线",
        "我们的女司机比男的还稳",
        "店里就三个女孩，没勾心斗角",
        "厨师长是男的，脾气爆",
        "联系人：王女士",
        "女员工产假照休",
        # A couple divides its work.
        "两口子来最好，男的开叉车，女的打包",
        "男的看鱼塘守夜，女的烧饭",
        # Names of positions, and people the work is done for.
        "招洗碗阿姨一名",
        "公司请阿姨做饭",
        "招外卖小哥十名",
        "要会和阿姨们打交道，嘴甜",
        "奶茶店小姐姐一个人忙不过来",
        "和小伙伴一起成长",
        # What a man or woman of the post does, and where.
        "酒店前台，三班倒；男经理负责排班",
        "前台招人，女老板常年不在店里管账",
        "折页机长，女工打杂已有三人",
        "会员九成是女性",
        "客户以25到45岁女性为主",
        "家长周女士对接",
        "小宝贝男女都拍",
        "班里男孩15个女孩12个",
        "隔壁厂只要女工",
        "住宿男生三楼",
        "会排班盘点，管小哥哥小姐姐七八个",
        "前厅妹子四个都是大学生",
        "接待，女学员居多，耐心点",
        "请帮转发给身边的姐妹",
        "带双胞胎一男一女，周末休息，每天早上九点到下午六点",
        "女教师宿舍旁有空房可以住人",
        "女孩儿班级由两位教练带，家长放心",
    ],
)
def test_no_statement(text: str) -> None:
    assert read(text) == []


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("学员里女生占了大半", []),
        ("懂得欣赏女性的美", []),
        ("给初二男孩陪读", []),
        ("来店里的多半是附近上班的女性", []),
        ("身高一米七以上男生", [("+", "male")]),
        ("前台女生身高一六零以上", [("+", "female")]),
        ("年龄20-35女性形象好", [("+", "female")]),
        ("男生端盘子，女生收银", [("+", "male"), ("+", "female")]),
        ("洗碗女工几名", [("+", "female")]),
        ("要手稳、坐得住半天的女生", [("+", "female")]),
        ("缝纫女工若干", [("+", "female")]),
        ("女前台一名", [("+", "female")]),
        ("另请女收银", [("+", "female")]),
    ],
)
def test_long_text_asks_inside_a_clause(sentence: str, expected: list[tuple[str, str]]) -> None:
    """In more than one line a mention inside a clause needs a request near it."""
    rest = "上班地点离公交站两分钟，工资每月十五号发，中午管一顿饭，干满三个月有奖金，当面谈。"
    assert [item[1:] for item in read(f"{sentence}。{rest}")] == expected


@pytest.mark.parametrize(("half", "least"), [("look", 0.93), ("blind", 0.83), ("fresh", 0.95)])
def test_judged_posts_by_half(half: str, least: float) -> None:
    """No rule was written for an error of the blind half, so its figure is the honest one.

    It was written to be hard; the fresh posts, of another author, are such as sites show.
    """
    rows = [json.loads(line) for line in JUDGED.read_text(encoding="utf-8").splitlines()]
    gold = [row for row in rows if row["half"] == half]
    predicted = []
    for row in gold:
        marks = [
            mark.model_dump()
            for field in ("title", "body")
            for mark in find_marks(field, normalize(row[field])).get("gender", ())
        ]
        predicted.append({"id": row["id"], "tags": {"gender": marks}})
    assert score_tags(gold, predicted).overall.f1 >= least


@settings(deadline=None)
@given(st.text(alphabet="男女性的士生工不要收招限、，。 3岁阿姨小哥都优先", max_size=30))
def test_statements_lie_in_the_text_apart(text: str) -> None:
    plain = normalize(text).text
    found = find_genders(plain)
    assert all(0 <= f.start < f.end <= len(plain) for f in found)
    assert all(a.end <= b.start for a, b in pairwise(found))
    assert {f.value for f in found} <= {"male", "female", "any"}
