"""Pay, ages, schooling, experience and people, in the many ways that seekers write them."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping

_NUMERALS = "零一二三四五六七八九十"
_LEVELS = ("小学", "初中", "高中", "中专", "职高", "技校", "大专", "专科", "本科", "硕士", "研究生", "博士")
_ANY = ("", "", "以上", "及以上", "学历", "以上学历", "毕业", "文凭")


def salary(rng: random.Random) -> str:
    """Return what somebody wants to be paid: 4000以上, 8-12k, 200一天, 月入过万, 高薪."""
    kind = rng.random()
    month = rng.randrange(20, 300) * 100 if rng.random() < 0.8 else rng.randrange(2, 30) * 500
    if kind < 0.3:
        lead = rng.choice(("", "", "", "月薪", "工资", "底薪", "保底", "薪资", "一个月", "月入"))
        return f"{lead}{_written(month, rng)}{rng.choice(('', '', '以上', '左右', '+', '元', '块', '起', '元以上', '一个月', '/月', '一月'))}"
    if kind < 0.5:
        low = rng.randrange(3, 25)
        high = low + rng.randrange(1, 8)
        return rng.choice(
            (
                f"{low}000-{high}000",
                f"{low}k-{high}k",
                f"{low}-{high}k",
                f"{low}千到{high}千",
                f"{low}000到{high}000",
                f"{low}000~{high}000元",
                f"{low}K-{high}K".lower(),
            )
        )
    if kind < 0.72:
        day = rng.randrange(8, 60) * 10
        hour = rng.randrange(12, 80)
        return rng.choice(
            (
                f"{day}一天",
                f"一天{day}",
                f"{day}/天",
                f"{day}元/天",
                f"日薪{day}",
                f"{day}块一天",
                f"一天{day}以上",
                f"时薪{hour}",
                f"{hour}一小时",
                f"{hour}/小时",
                f"{hour}元每小时",
                f"一小时{hour}",
                f"{hour}块钱一小时",
            )
        )
    if kind < 0.82:
        return rng.choice(
            ("月入过万", "过万", "月薪过万", "上万", "年薪20万", "年薪30万以上", "年薪百万", "月入2万", "一万以上", "1万+", "两万", "万元以上")
        )
    return rng.choice(("高薪", "高工资", "工资高", "待遇好", "待遇高", "面议", "薪资面议", "钱多", "高收入", "高底薪", "收入高", "工资高的"))


def age(rng: random.Random) -> str:
    """Return an age or a range: 40岁以上, 18-45岁, 五十多岁, 大龄."""
    low = rng.randrange(16, 66)
    if rng.random() < 0.5:
        low = low // 5 * 5 + (5 if low < 20 else 0)  # noqa: PLR2004
    end = rng.choice(("", "", "以上", "以下", "左右", "以内", "多", "的"))
    kind = rng.random()
    if kind < 0.65:
        tail = {"多": "多岁", "的": "岁"}.get(end, f"岁{end}")
        return f"{_numeral(low) if rng.random() < 0.12 else low}{tail}"
    if kind < 0.85:
        return f"{low}-{low + rng.randrange(5, 30)}{rng.choice(('岁', '周岁', '岁之间'))}"
    return rng.choice(("大龄", "年龄不限", "不限年龄", "中年", "年龄大", "退休", "年轻人", "年满18周岁", "年龄放宽", "00后", "90后"))


def gender(rng: random.Random) -> str:
    """Return who is meant: 女, 男女不限, 宝妈."""
    return rng.choice(
        ("男", "女", "男", "女", "女生", "男生", "女性", "男性", "限女", "限男", "男女不限", "不限男女", "男女均可", "宝妈", "女士", "男士", "女的", "女孩", "男孩子", "女孩子", "小姑娘", "小伙子")
    )


def education(rng: random.Random) -> str:
    """Return a level of schooling: 大专以上, 学历不限."""
    if rng.random() < 0.22:
        return rng.choice(("学历不限", "不限学历", "无学历", "没学历", "无学历要求", "不看学历", "没文凭", "不要学历"))
    return rng.choice(_LEVELS) + rng.choice(_ANY)


def experience(rng: random.Random) -> str:
    """Return how much experience: 无经验, 3年, 1-3年经验, 应届生."""
    years = rng.randrange(1, 11)
    kind = rng.random()
    if kind < 0.4:
        year = _numeral(years) if rng.random() < 0.2 else str(years)
        return f"{year}年{rng.choice(('', '经验', '以上', '以上经验', '工作经验', '左右经验'))}"
    if kind < 0.5:
        return f"{years}-{years + rng.randrange(1, 5)}年{rng.choice(('', '经验'))}"
    return rng.choice(
        ("无经验", "无需经验", "不需要经验", "经验不限", "不限经验", "零基础", "0经验", "没经验", "小白", "新手", "生手", "熟手", "熟练工", "有经验", "有经验优先", "应届", "应届生", "应届毕业生", "往届生", "没做过", "不要经验", "老手")
    )


AMOUNTS: Mapping[str, Callable[[random.Random], str]] = {
    "salary": salary,
    "age": age,
    "gender": gender,
    "education": education,
    "experience": experience,
}
"""What has no dictionary, by attribute."""


def _written(yuan: int, rng: random.Random) -> str:
    if yuan % 1000 == 0 and rng.random() < 0.35:
        thousands = yuan // 1000
        return rng.choice((f"{thousands}k", f"{thousands}千", f"{_numeral(thousands)}千"))
    return str(yuan)


def _numeral(number: int) -> str:
    """Return a number under 100 in Chinese numerals."""
    tens, ones = divmod(number, 10)
    if not tens:
        return _NUMERALS[ones]
    return ("" if tens == 1 else _NUMERALS[tens]) + "十" + (_NUMERALS[ones] if ones else "")
